import LoginFront

/// The program `imapd`: IMAP4rev1 (RFC 3501) over the mailboxes of this machine's users.
@main
enum Program {
    static func main() { run() }
}

private func run() -> Never {
    AccessProgram.run(
        AccessServer(
            program: "imapd", service: "imap", servesItsCaller: true,
            refusal: { "* BYE \($0)\r\n" },
            front: { front in
                var state = NotAuthenticated(front)
                state.run()
            },
            session: { start in IMAPSession.run(start) }),
        arguments: Array(CommandLine.arguments.dropFirst()))
}
