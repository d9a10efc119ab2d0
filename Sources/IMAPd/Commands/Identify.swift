/// ID (RFC 2971): the name, and nothing that would help an attacker choose.
extension IMAPSession {
    func identify() throws(Interruption) -> Completion {
        try untagged(#"ID ("name" "Malleposte")"#)
        try tellChanges(.allowed)
        return .ok("ID completed")
    }
}
