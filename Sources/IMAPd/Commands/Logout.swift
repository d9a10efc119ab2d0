/// LOGOUT (RFC 3501 section 6.1.3).
extension IMAPSession {
    func logout() throws(Interruption) -> Completion {
        try untagged("BYE Logging out")
        leaveMailbox()
        state = .loggedOut
        return .ok("LOGOUT completed")
    }
}
