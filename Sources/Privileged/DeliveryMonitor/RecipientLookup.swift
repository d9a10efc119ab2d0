import Accounts
import Bytes
import Diagnostics
import Posix
import Services

/// Looks for one recipient in a process of its own, so that the lists of users, which may hold
/// passwords, are not in the memory of the processes that become recipients.
struct RecipientLookup {
    /// A name service elsewhere may take this long; then the recipient is to be tried again.
    static let timeLimit = 60

    let directory: RecipientDirectory
    let log: Log

    func result(for address: RecipientAddress) -> Result {
        do throws(SystemError) {
            let pair = try SocketPair()
            guard let child = try Process.fork() else { answer(address, to: pair.keepSecond()) }
            let channel = try Channel(pair.keepFirst())
            channel.deadline = .after(seconds: Self.timeLimit)
            let result: Result
            do throws(ChannelError) { result = try channel.receive(Result.self) } catch {
                result = .unavailable("recipient lookup: \(error.text)")
            }
            try Process.signal(child, Signal.kill)
            _ = try Process.wait(child)
            return result
        } catch { return .unavailable(error.description) }
    }

    /// The child's whole life.
    private func answer(
        _ address: RecipientAddress, to socket: consuming FileDescriptor
    ) -> Never {
        do throws(SystemError) {
            let channel = try Channel(socket)
            channel.deadline = .after(seconds: Self.timeLimit)
            let result = look(for: address)
            for warning in directory.takeWarnings() { log.warning(warning) }
            do throws(ChannelError) { try channel.send(result) } catch {
                log.warning("recipient lookup: \(error.text)")
            }
        } catch { log.warning(error.description) }
        Process.leave(0)
    }

    private func look(for address: RecipientAddress) -> Result {
        do throws(AccountError) {
            let (account, extensionPart) = try directory.account(of: address)
            return .found(account, extensionPart: extensionPart)
        } catch {
            switch error {
            case .unknown: return .unknown
            case .refused(let reason): return .refused(reason)
            case .unavailable(let reason): return .unavailable(reason)
            }
        }
    }

    /// What the process that looked says.
    enum Result: FramedMessage, Equatable {
        case found(Account, extensionPart: [UInt8])
        case unknown
        case refused(String)
        case unavailable(String)

        var kind: UInt8 {
            switch self {
            case .found: 1
            case .unknown: 2
            case .refused: 3
            case .unavailable: 4
            }
        }

        func encode(into fields: inout FieldWriter) {
            switch self {
            case .found(let account, let extensionPart):
                account.encode(into: &fields)
                fields.put(extensionPart)
            case .unknown: break
            case .refused(let reason), .unavailable(let reason): fields.put(reason)
            }
        }

        init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
            switch kind {
            case 1:
                self = .found(
                    try Account(from: &fields), extensionPart: try fields.octets())
            case 2: self = .unknown
            case 3: self = .refused(try fields.text())
            case 4: self = .unavailable(try fields.text())
            default: throw MalformedFrame()
            }
        }
    }
}
