import Diagnostics
import LocalSubmission
import Posix
import Rewriting
import SMTPGrammar
import Services
import Settings
import Tables
import Wire

/// `smtpd -S`: one session on standard input and output, for `sendmail -bs` (smtpd(8)).
///
/// Runs with the caller's rights. The mail owner's messages go to cleanup by the rules of the network;
/// everybody else's go to `postdrop`, in their own name and without rules: what a user may submit,
/// `sendmail` would take as well.
struct StandAlone {
    let log: Log
    let environment: SMTPEnvironment

    /// The caller is somebody whose messages go to `postdrop`.
    static func isUser(_ daemon: Daemon) throws(ConfigurationError) -> Bool {
        let owner = try daemon.settings(QueueSettings.self).owner(daemon.configuration)
        return Rights.user != owner.id
    }

    func run() -> Never {
        do throws(SystemError) {
            let input = FileDescriptor(adopting: 0)
            let output = FileDescriptor(adopting: 1)
            let keptInput = try input.duplicate()
            let keptOutput = try output.duplicate()
            let stream = ByteStream(try DescriptorTransport(input: input, output: output))
            environment.converse(stream, with: environment.client(of: 0))
            // A terminal is the same open file for the shell, which expects to wait for it.
            try keptInput.setNonBlocking(false)
            try keptOutput.setNonBlocking(false)
        } catch { log.fatal("\(error)") }
        Process.exit(0)
    }
}

/// Lets a user of this machine submit whatever can be an address.
final class UserJudge: SessionJudge {
    private let resolver: Resolver

    init(_ resolver: Resolver) { self.resolver = resolver }

    func isMalformed(_ address: [UInt8]) -> Bool { resolver.finds(malformed: address) }
    func refusal(at stage: AccessStage, _ request: AccessRequest, delayed: Bool) -> Reply? { nil }
    func shortage() -> Reply? { nil }
}

extension Resolver {
    /// No machine could deliver to the address.
    func finds(malformed address: [UInt8]) -> Bool {
        do throws(TableError) { return try resolve(address).isMalformed } catch {
            // The lists will say that a table is out of order.
            return false
        }
    }
}
