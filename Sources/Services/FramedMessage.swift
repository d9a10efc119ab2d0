package import Bytes
package import Posix

/// A message between two of our processes: one case of a closed enum, known by a number.
package protocol FramedMessage: Sendable {
    /// Which case it is, on the wire.
    var kind: UInt8 { get }
    /// Writes the fields of the case.
    func encode(into fields: inout FieldWriter)
    /// Reads the fields of the case `kind`; every other `kind` is malformed.
    init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame)
}

/// Why a channel is of no more use.
package enum ChannelError: Error, Equatable, Sendable {
    /// The other process closed it, or is gone.
    case closed
    case timedOut
    /// A frame that is not one of the expected messages. Only this channel suffers.
    case malformed
    case failed(SystemError)
}

extension ChannelError {
    init(_ error: SystemError) {
        self =
            switch error.code {
            case SystemError.timedOut: .timedOut
            case SystemError.brokenPipe, SystemError.connectionReset: .closed
            default: .failed(error)
            }
    }

    /// For a log line.
    package var text: String {
        switch self {
        case .closed: "the other process closed the channel"
        case .timedOut: "the other process did not answer in time"
        case .malformed: "malformed message on the channel"
        case .failed(let error): error.description
        }
    }
}
