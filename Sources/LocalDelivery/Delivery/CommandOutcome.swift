import Bytes
import Posix

/// What the end of a delivery command means: the statuses of sysexits.h, or what the command itself
/// said.
package enum CommandOutcome {
    /// The failure that `report` stands for; nil when the command took the letter.
    ///
    /// Output that begins with an enhanced status of class 4 or 5 decides; then the exit status does.
    package static func failure(
        _ report: ProgramRun.Report, command: [UInt8]
    ) -> DeliveryFailure? {
        let said = String(printable: report.output.trimmed.map { $0 == .lf ? .space : $0 })
        let shown = String(printable: command)
        func died(_ how: String) -> String { "Command \(how): \"\(shown)\"\(output(said))" }
        switch report.ending {
        case .exited(0): return nil
        case .exited(let code):
            if let own = ownWords(said) { return own }
            guard let known = exits[code] else {
                return .giveUp(status: "5.3.0", text: died("died with status \(code)"))
            }
            return DeliveryFailure(status: known.status, text: known.text + output(said))
        case .signalled(let signal):
            return .retryLater(status: "4.3.0", text: died("died with signal \(signal)"))
        case .timedOut: return .giveUp(status: "5.3.0", text: died("time limit exceeded"))
        case .notStarted(let error):
            return .retryLater(
                status: "4.3.0", text: "temporary failure" + output("local: fatal: \(error)"))
        case .interrupted:
            return .retryLater(status: "4.3.0", text: "mail system is stopping")
        }
    }

    private static func output(_ said: String) -> String {
        said.isEmpty ? "" : ". Command output: \(said)"
    }

    /// `4.2.2 mailbox full`: the command's own status and text.
    private static func ownWords(_ said: String) -> DeliveryFailure? {
        let parts = said.utf8.split(separator: .space, maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let digits = parts[0].split(separator: .dot, omittingEmptySubsequences: false)
        guard digits.count == 3,
            digits[0].elementsEqual("4".utf8) || digits[0].elementsEqual("5".utf8),
            digits[1...].allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isDigit) })
        else { return nil }
        return DeliveryFailure(
            status: String(decoding: parts[0], as: UTF8.self),
            text: String(decoding: parts[1], as: UTF8.self))
    }

    /// Exit statuses and what Postfix says of them.
    private static let exits: [Int32: (status: String, text: String)] = [
        64: ("5.3.0", "command line usage error"),
        65: ("5.6.0", "data format error"),
        66: ("5.3.0", "cannot open input"),
        67: ("5.1.1", "user unknown"),
        68: ("5.1.2", "host name unknown"),
        69: ("5.3.0", "service unavailable"),
        70: ("5.3.0", "internal software error"),
        71: ("4.3.0", "system resource problem"),
        72: ("5.3.0", "critical OS file missing"),
        73: ("5.2.0", "can't create user output file"),
        74: ("5.3.0", "input/output error"),
        75: ("4.3.0", "temporary failure"),
        76: ("5.5.0", "remote error in protocol"),
        77: ("5.7.0", "permission denied"),
        78: ("5.3.5", "local configuration error"),
    ]
}
