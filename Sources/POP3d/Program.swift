import LoginFront

/// The program `ipop3d`: POP3 (RFC 1939) over the mailboxes of this machine's users.
@main
enum Program {
    static func main() { run() }
}

private func run() -> Never {
    AccessProgram.run(
        AccessServer(
            program: "ipop3d", service: "pop3", servesItsCaller: false,
            refusal: { "-ERR [SYS/TEMP] \($0)\r\n" },
            front: { front in
                var authorization = Authorization(front)
                authorization.run()
            },
            session: { start in Session.run(start) }),
        arguments: Array(CommandLine.arguments.dropFirst()))
}
