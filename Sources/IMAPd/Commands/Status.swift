import Bytes
import IMAPGrammar
import MailStore

/// STATUS (RFC 3501 section 6.3.10).
extension IMAPSession {
    func status(_ command: StatusCommand) throws(Interruption) -> Completion {
        let name = try folder(command.mailbox)
        let status = try storing { () throws(StoreError) in try store.status(of: name) }
        let items = command.items.map { "\($0.name) \(Self.value(of: $0, in: status))" }
        try untagged(
            [UInt8]("STATUS ") + ResponseText.astring(name.bytes)
                + [UInt8](" (\(items.joined(separator: " ")))"))
        try tellChanges(.allowed)
        return .ok("STATUS completed")
    }

    private static func value(of item: StatusCommand.Item, in status: FolderStatus) -> Int {
        switch item {
        case .messages: status.messages
        case .recent: status.recent
        case .uidNext: Int(status.uidNext)
        case .uidValidity: Int(status.uidValidity)
        case .unseen: status.unseen
        }
    }
}
