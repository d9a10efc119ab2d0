import DeliveryAgent
import LocalDelivery
import Posix

/// `mda` as a part of `local`: a `mailbox_command` that only starts it is carried out without a shell
/// and without a program start.
enum LocalAgent {
    /// `mda` as it was installed with this program; nil when it is not there.
    static var program: OwnProgram? {
        do throws(SystemError) {
            let directory = try Process.programPath.parent
            for path in [directory / "mda", directory.parent.parent / "bin" / "mda"] {
                if let program = OwnProgram(path, names: ["mda", "procmail"], run: run) {
                    return program
                }
            }
        } catch {
            // Then it is started like any other.
        }
        return nil
    }

    @Sendable private static func run(_ words: [[UInt8]], _ environment: [[UInt8]]) -> Int32 {
        Environment.keepOnly(["TZ"])
        Signal.ignoreWriteSignals()
        let entries = environment.compactMap { entry -> (name: [UInt8], value: [UInt8])? in
            guard let sign = entry.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (Array(entry[..<sign]), Array(entry[(sign + 1)...]))
        }
        let line = DeliveryCommandLine(words.dropFirst(), name: words.first ?? [])
        return MailDeliveryAgent(line, environment: ProcessEnvironment(entries)).run()
    }
}
