import MailStore

/// NOOP and CHECK: occasions to tell what has changed (RFC 3501 sections 6.1.2 and 6.4.1).
extension IMAPSession {
    func noop() throws(Interruption) -> Completion {
        try tellChanges(.allowed)
        return .ok("NOOP completed")
    }

    func check() throws(Interruption) -> Completion {
        let mailbox = try selected()
        try storing { () throws(StoreError) in try mailbox.checkpoint() }
        try tellChanges(.allowed)
        return .ok("CHECK completed")
    }
}
