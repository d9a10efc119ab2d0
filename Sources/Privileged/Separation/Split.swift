package import Posix
package import Services

/// Parts a server in two: a process without rights that talks to the stranger, and this one.
package enum Split {
    /// Where the front finds nothing: an empty directory of root's.
    static let emptyDirectory: Path = "/run/malleposte/empty"

    /// Forks; `front` runs in the child, which has given up every right before and never returns.
    ///
    /// `account` is whom the child becomes; nil when this process has no rights to give up. The child
    /// keeps standard input and output and its channel, and no other descriptor.
    package static func start(
        becoming account: User?, front: (Channel) -> Void
    ) throws(SystemError) -> (channel: Channel, child: Int32) {
        let pair = try SocketPair()
        if account != nil { try emptyDirectory.makeDirectories(mode: 0o755) }
        guard let child = try Process.fork() else {
            do throws(SystemError) {
                let channel = try Channel(onlyDescriptor(pair.keepSecond()))
                try giveUpRights(account)
                front(channel)
            } catch { Process.leave(1) }
            Process.leave(0)
        }
        return (try Channel(pair.keepFirst()), child)
    }

    /// The channel as descriptor 3, everything above it closed.
    private static func onlyDescriptor(
        _ socket: consuming FileDescriptor
    ) throws(SystemError) -> FileDescriptor {
        let number = socket.number
        if number != 3 { try Process.redirect(number, to: 3) }
        Process.closeDescriptors(from: 4)
        // Closed above, unless it is number 3 itself: either way there is nothing left to close.
        _ = socket.release()
        let channel = FileDescriptor(adopting: 3)
        try channel.setCloseOnExec(true)
        return channel
    }

    private static func giveUpRights(_ account: User?) throws(SystemError) {
        if let account {
            try Rights.confine(to: emptyDirectory)
            try Rights.become(user: account.id, group: account.group, supplementary: [])
        }
        try Rights.forbidNewPrivileges()
        // After the change of user, which would undo it.
        try Process.dieWithParent()
    }
}
