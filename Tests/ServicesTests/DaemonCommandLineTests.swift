import Posix
import Services
import Testing

@Suite struct DaemonCommandLineTests {
    @Test func readsWhatMasterWrites() throws {
        let line = try DaemonCommandLine(
            program: "smtpd",
            arguments: [
                "-n", "smtp", "-t", "inet", "-s", "2", "-o", "smtpd_banner = a b", "-u", "-v",
                "-c", "/etc/x", "-S", "rest",
            ])
        #expect(line.service == "smtp")
        #expect(line.listenerCount == 2)
        #expect(line.overrides.map(\.name) == ["smtpd_banner"])
        #expect(line.overrides.map(\.value) == ["a b"])
        #expect(line.configurationDirectory == "/etc/x")
        #expect(line.rest == ["-S", "rest"])
    }

    @Test(arguments: [
        ["-n"], ["-s", "x"], ["-s", "-1"], ["-s", "9999"], ["-o", "novalue"], ["-o"],
    ])
    func refusesACommandLineThatMakesNoSense(arguments: [String]) {
        #expect(throws: UsageError.self) {
            try DaemonCommandLine(program: "smtpd", arguments: arguments)
        }
    }
}
