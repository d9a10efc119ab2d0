/// CAPABILITY (RFC 3501 section 6.1.1).
extension IMAPSession {
    func capability() throws(Interruption) -> Completion {
        try untagged("CAPABILITY \(Capabilities.session)")
        try tellChanges(.allowed)
        return .ok("CAPABILITY completed")
    }
}
