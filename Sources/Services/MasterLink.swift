import Posix

/// What a service process and `master` have between them: the descriptors that the process inherits.
///
/// `master` makes them; see its `ServiceProcess`. The numbers are those of Postfix.
package enum MasterLink {
    /// The writing end of a pipe to master, on which the process says whether it is free.
    package static let statusDescriptor: Int32 = 5
    /// The first of the service's listening sockets; the others follow.
    package static let firstListener: Int32 = 6

    /// What is said on the status pipe, one octet each.
    package enum Status: UInt8, Sendable {
        /// The process waits for a connection.
        case idle = 0x49
        /// The process handles a connection; master starts another when one more comes.
        case busy = 0x42
    }

    static func report(_ status: Status) -> Bool {
        do throws(SystemError) {
            try FileDescriptor.withInherited(statusDescriptor) { (pipe) throws(SystemError) in
                try pipe.write([status.rawValue])
            }
            return true
        } catch { return false }
    }
}
