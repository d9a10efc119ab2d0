import CPosix
import Glibc

/// An open descriptor and the duty to close it.
///
/// It closes when its owner goes; whoever must know whether closing worked (after writing) calls
/// `closeChecked()`.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number the kernel knows it by; valid while the owner lives.
    package let number: Int32

    /// Takes over an open descriptor: an inherited one, or one just made.
    package init(adopting number: Int32) { self.number = number }

    deinit { _ = close(number) }

    /// Closes and says whether that worked.
    ///
    /// On failure the descriptor is closed all the same.
    package consuming func closeChecked() throws(SystemError) {
        let number = release()
        _ = try checking("close", closeCall(number))
    }

    /// Gives the duty to close to the caller.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// Calls `body` with the open descriptor `number`, which stays open: one that this process
    /// inherited and never closes.
    package static func withInherited<Result: ~Copyable>(
        _ number: Int32, _ body: (borrowing FileDescriptor) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let descriptor = FileDescriptor(adopting: number)
        do throws(SystemError) {
            let result = try body(descriptor)
            _ = descriptor.release()
            return result
        } catch {
            _ = descriptor.release()
            throw error
        }
    }

    /// A second descriptor of the same open file.
    package func duplicate() throws(SystemError) -> FileDescriptor {
        let number = number
        return FileDescriptor(adopting: try retrying("dup") { duplicateCall(number) })
    }

    /// Lets the descriptor live on, or end, in a program that this process becomes.
    package func setCloseOnExec(_ close: Bool) throws(SystemError) {
        let number = number
        _ = try retrying("fcntl") { fcntlCall(number, F_SETFD, close ? FD_CLOEXEC : 0) }
    }

    package func setNonBlocking(_ nonBlocking: Bool) throws(SystemError) {
        let number = number
        let flags = try retrying("fcntl") { fcntlCall(number, F_GETFL, 0) }
        let wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        _ = try retrying("fcntl") { fcntlCall(number, F_SETFL, wanted) }
    }
}

/// The two ends of a pipe.
package struct Pipe: ~Copyable {
    package let reading: FileDescriptor
    package let writing: FileDescriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let result = unsafe ends.withUnsafeMutableBufferPointer {
            unsafe cposix_pipe($0.baseAddress)
        }
        _ = try checking("pipe", result)
        reading = FileDescriptor(adopting: ends[0])
        writing = FileDescriptor(adopting: ends[1])
    }

    /// Keeps one end and closes the other, as each side does after a fork.
    package consuming func keepReading() -> FileDescriptor { reading }
    package consuming func keepWriting() -> FileDescriptor { writing }
}

@inline(never) private func closeCall(_ number: Int32) -> Int32 { outcome(close(number)) }

@inline(never) private func duplicateCall(_ number: Int32) -> Int32 {
    outcome(fcntl(number, F_DUPFD_CLOEXEC, 3))
}

@inline(never) private func fcntlCall(_ number: Int32, _ command: Int32, _ value: Int32) -> Int32 {
    outcome(fcntl(number, command, value))
}
