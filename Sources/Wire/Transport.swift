package import Posix

/// What can go wrong between this process and the other end of a connection.
package enum WireError: Error, Equatable, Sendable {
    /// The other end closed, or is gone.
    case closed
    /// The deadline passed.
    case timedOut
    case failed(SystemError)
}

/// Carries octets to and from the other end: a socket, inetd's two descriptors, or TLS over them.
package protocol Transport: AnyObject {
    /// At least one and at most `limit` octets.
    func receive(limit: Int, until deadline: Deadline) throws(WireError) -> [UInt8]
    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8], until deadline: Deadline) throws(WireError)
    /// The descriptor to wait on for input; what the transport itself holds back is not seen there.
    var inputDescriptor: Int32 { get }
}

/// A connection as the kernel has it: one socket, or one descriptor for each direction.
package final class DescriptorTransport: Transport {
    private let input: FileDescriptor
    private let output: FileDescriptor

    /// A connected socket.
    package init(_ socket: consuming FileDescriptor) throws(SystemError) {
        try socket.setNonBlocking(true)
        output = try socket.duplicate()
        input = socket
    }

    /// Two descriptors, such as standard input and output.
    package init(input: consuming FileDescriptor, output: consuming FileDescriptor)
        throws(SystemError)
    {
        try input.setNonBlocking(true)
        try output.setNonBlocking(true)
        self.input = input
        self.output = output
    }

    package var inputDescriptor: Int32 { input.number }

    package func receive(limit: Int, until deadline: Deadline) throws(WireError) -> [UInt8] {
        while true {
            do throws(SystemError) {
                let bytes = try input.read(limit: limit)
                if !bytes.isEmpty { return bytes }
            } catch {
                guard error.code == SystemError.tryAgain else { throw WireError(error) }
                try waitForInput(until: deadline)
                continue
            }
            throw .closed
        }
    }

    private func waitForInput(until deadline: Deadline) throws(WireError) {
        let ready: Bool
        do throws(SystemError) { ready = try input.wait(for: .readable, until: deadline) } catch {
            throw WireError(error)
        }
        guard ready else { throw .timedOut }
    }

    package func send(_ bytes: [UInt8], until deadline: Deadline) throws(WireError) {
        do throws(SystemError) {
            try output.send(bytes, until: deadline)
        } catch { throw WireError(error) }
    }
}

extension WireError {
    /// ETIMEDOUT is a passed deadline; EPIPE and ECONNRESET mean that the other end is gone.
    init(_ error: SystemError) {
        self =
            switch error.code {
            case SystemError.timedOut: .timedOut
            case SystemError.brokenPipe, SystemError.connectionReset: .closed
            default: .failed(error)
            }
    }
}
