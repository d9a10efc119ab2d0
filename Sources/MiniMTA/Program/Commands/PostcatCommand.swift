import Bytes
import Diagnostics
import MailQueue
import Posix
import Services
import Settings

/// `postcat`: shows queue files (postcat(1)).
///
/// May read files of the queue, and any file that its caller names and may read.
struct PostcatCommand {
    private static let usage =
        "usage: postcat [-b] [-c config_dir] [-d] [-e] [-h] [-o] [-q] [-v] [file(s)...]"
    /// Octets of content that are written at once.
    private static let block = 65_536

    private struct Parts: OptionSet {
        let rawValue: Int
        static let envelope = Parts(rawValue: 1)
        static let header = Parts(rawValue: 2)
        static let body = Parts(rawValue: 4)
        static let all: Parts = [.envelope, .header, .body]
    }

    private var directory: Path?
    private var parts: Parts = []
    private var isByID = false
    private let log = Log.tool("postcat")

    @Sendable static func run(_ arguments: [String]) -> Never {
        var command = PostcatCommand()
        let names = command.parse(arguments)
        command.show(names)
        Process.exit(0)
    }

    private mutating func parse(_ arguments: [String]) -> [String] {
        var options = CommandOptions(arguments, bare: "bdehoqrsv", valued: "c")
        while let option = options.next() {
            switch option {
            case .flag("b"): parts.insert(.body)
            case .flag("e"): parts.insert(.envelope)
            case .flag("h"): parts.insert(.header)
            case .flag("q"): isByID = true
            case .flag: break
            case .value(_, let path): directory = Path(path)
            case .unknown(let letter):
                log.info("invalid option -- '\(letter)'")
                log.fatal(Self.usage)
            case .valueMissing(let letter):
                log.info("option requires an argument -- '\(letter)'")
                log.fatal(Self.usage)
            }
        }
        if parts.isEmpty { parts = .all }
        return Array(options.operands)
    }

    private func show(_ names: [String]) {
        if names.isEmpty, !isByID {
            return show(FileDescriptor(adopting: 0), "standard input")
        }
        if isByID { enterQueue() }
        for name in names {
            if isByID { showMessage(name) } else { showFile(Path(name), name) }
        }
    }

    private func enterQueue() {
        do throws(ConfigurationError) {
            let configuration = try MainConfiguration.load(
                directory: directory ?? MainConfiguration.defaultDirectory(), overrides: [])
            let queue = try configuration.settings(QueueSettings.self).queueDirectory
            do throws(SystemError) { try Process.changeDirectory(queue) } catch {
                log.fatal("\(error)")
            }
        } catch { log.fatal("\(error)") }
    }

    private func showMessage(_ name: String) {
        guard let id = QueueID(name) else { log.fatal("bad mail queue ID: \(name)") }
        for queue in QueueDirectory.queues + [.maildrop, .corrupt] {
            do throws(SystemError) {
                let file = try FileDescriptor.open(queue.file(id), .readOnly, .noFollow)
                return show(file, queue.file(id).description)
            } catch {
                if !error.isMissing { log.fatal("open queue file \(name): \(error.reason)") }
            }
        }
        log.fatal("open queue file \(name): \(SystemError(SystemError.missing, "").reason)")
    }

    private func showFile(_ path: Path, _ name: String) {
        do throws(SystemError) { show(try FileDescriptor.open(path), name) } catch {
            log.fatal("open \(name): \(error.reason)")
        }
    }

    private func show(_ file: consuming FileDescriptor, _ name: String) {
        do throws(QueueFileError) {
            let message = try QueueFile.read(file)
            do throws(SystemError) { try show(message, file, name) } catch {
                // The reader has gone, as `postcat | head` does.
                if error.code != SystemError.brokenPipe { log.fatal("\(name): \(error)") }
            }
        } catch {
            switch error {
            case .damaged(let reason):
                log.warning("\(name): input is not a valid queue file: \(reason)")
            case .system(let failure): log.fatal("\(name): \(failure)")
            }
        }
    }

    private func show(
        _ message: QueueFile, _ file: borrowing FileDescriptor, _ name: String
    ) throws(SystemError) {
        let marks = parts.contains(.envelope)
        if marks { try put(envelope(message, name)) }
        if marks { try put("*** MESSAGE CONTENTS \(name) ***\n") }
        try showContent(message.header, file)
        if marks { try put(outcomes(message, name)) }
    }

    private func envelope(_ message: QueueFile, _ name: String) -> String {
        let (header, envelope) = (message.header, message.envelope)
        let figures = [
            header.loggedSize, header.contentOffset, envelope.recipients.count, 0,
            header.contentSize, 0,
        ]
        let columns = figures.map { figure in
            String(repeating: " ", count: max(0, 15 - "\(figure)".utf8.count)) + "\(figure)"
        }
        let date = CalendarTime.local(envelope.arrival.seconds).asctime
        var text =
            "*** ENVELOPE RECORDS \(name) ***\nmessage_size: \(columns.joined(separator: " "))\n"
        text += "message_arrival_time: \(date)\ncreate_time: \(date)\n"
        for attribute in envelope.attributes {
            text += "named_attribute: \(attribute.name)=\(printable(attribute.value))\n"
        }
        text += "sender: \(printable(envelope.sender))\n"
        for (recipient, standing) in zip(envelope.recipients, message.outcomes.standings) {
            text += "original_recipient: \(printable(recipient.original))\n"
            let word = standing.isPending ? "recipient" : "done_recipient"
            text += "\(word): \(printable(recipient.address))\n"
        }
        return text
    }

    /// What became of the recipients so far stands behind the message.
    private func outcomes(_ message: QueueFile, _ name: String) -> String {
        var text = "*** HEADER EXTRACTED \(name) ***\n"
        for (recipient, standing) in zip(message.envelope.recipients, message.outcomes.standings) {
            let state: String
            switch standing {
            case .pending(nil): continue
            case .pending(let last?): state = "deferred \(last.status) (\(printable(last.text)))"
            case .sent: state = "sent"
            case .bounced(let last): state = "bounced \(last.status) (\(printable(last.text)))"
            case .notified: state = "bounced, sender notified"
            }
            text += "delivery_status: \(printable(recipient.address)) \(state)\n"
        }
        return text + "*** MESSAGE FILE END \(name) ***\n"
    }

    private func printable(_ bytes: [UInt8]) -> String { String(printable: bytes) }
    private func printable(_ text: String) -> String { String(printable: Array(text.utf8)) }

    /// Writes the header, the body with the empty line before it, or both.
    private func showContent(
        _ header: QueueFileHeader, _ file: borrowing FileDescriptor
    ) throws(SystemError) {
        var (inHeader, previous, offset) = (true, UInt8.lf, 0)
        while offset < header.contentSize {
            let part = try file.read(
                limit: min(Self.block, header.contentSize - offset),
                at: header.contentOffset + offset)
            guard !part.isEmpty else { return }
            offset += part.count
            guard inHeader else {
                if parts.contains(.body) { try put(part) }
                continue
            }
            // The header ends before the LF of the first empty line.
            let end = part.indices.first { index in
                part[index] == .lf && (index == 0 ? previous : part[index - 1]) == .lf
            }
            previous = part[part.count - 1]
            if parts.contains(.header) { try put(part[..<(end ?? part.count)]) }
            guard let end else { continue }
            inHeader = false
            if parts.contains(.body) { try put(part[end...]) }
        }
    }

    private func put(_ text: String) throws(SystemError) { try put(Array(text.utf8)) }

    private func put(_ bytes: some Collection<UInt8>) throws(SystemError) {
        try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
            try output.write(bytes)
        }
    }
}
