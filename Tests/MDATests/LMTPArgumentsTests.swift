import Posix
import Testing

@testable import MDA

@Suite struct LMTPArgumentsTests {
    @Test func readsEverything() throws {
        let arguments = try LMTPArguments([
            "-c", "/etc/d.conf", "--listen", "unix:/run/lmtp", "--listen", "127.0.0.1:24",
            "--socket-mode", "0600", "--connections", "7", "--size-limit", "1000",
        ])
        #expect(arguments.file == "/etc/d.conf")
        #expect(
            arguments.addresses == [
                .local("/run/lmtp"), SocketAddress(IPAddress(bytes: [127, 0, 0, 1]), port: 24),
            ])
        #expect(arguments.socketMode == 0o600 && arguments.connections == 7)
        #expect(arguments.sizeLimit == 1000 && !arguments.allowsRemote)
        #expect(try LMTPArguments([]) == LMTPArguments())
    }

    @Test func anAddressOfTheNetworkMustBeAskedFor() throws {
        #expect(throws: LMTPArguments.Failure.self) {
            try LMTPArguments(["--listen", "10.0.0.1:24"])
        }
        #expect(throws: LMTPArguments.Failure.self) { try LMTPArguments(["--listen", "*:24"]) }
        let asked = try LMTPArguments(["--listen", "*:24", "--allow-remote"])
        #expect(asked.addresses.count == 1)
    }

    @Test(arguments: [
        ["--listen", "127.0.0.1:25"], ["--listen", "unix:lmtp"], ["--listen", "unix:"],
        ["--listen", "24"], ["--listen"], ["--socket-mode", "888"], ["--socket-mode", "1777"],
        ["--connections", "0"], ["--size-limit", "9999999999"], ["-x"], ["letter"],
    ])
    func refusesWhatMustNotBe(arguments: [String]) {
        #expect(throws: LMTPArguments.Failure.self) { try LMTPArguments(arguments) }
    }
}
