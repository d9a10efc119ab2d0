import Glibc
package import Posix

/// Starts a server as inetd does: one process for each connection, which is its standard input,
/// output and error output.
package struct InetdProgram: Sendable {
    package let program: Program
    package let arguments: [String]

    package init(_ program: Program, _ arguments: [String] = []) {
        self.program = program
        self.arguments = arguments
    }

    /// The client's end of a new connection over 127.0.0.1.
    package func connect() throws -> FileDescriptor {
        let listener = try Socket.listen(
            on: SocketAddress(IPAddress(bytes: [127, 0, 0, 1]), port: 0))
        guard let address = Socket.local(of: listener.number) else {
            throw SystemError(SystemError.invalid, "getsockname")
        }
        let client = try Socket.connect(to: address, deadline: .after(seconds: 10))
        guard let connection = try Socket.accept(listener) else {
            throw SystemError(SystemError.tryAgain, "accept")
        }
        try spawn(connection)
        return client
    }

    private func spawn(_ connection: borrowing FileDescriptor) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for number: Int32 in 0...2 {
            unsafe posix_spawn_file_actions_adddup2(&actions, connection.number, number)
        }
        let argv = unsafe cStrings([program.path.description] + arguments)
        let envp = unsafe cStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"])
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let path = program.path.description
        let failure = unsafe posix_spawn(&child, path, &actions, nil, argv, envp)
        guard failure == 0 else { throw SystemError(failure, "spawn \(program.path)") }
    }
}
