import Bytes
import Posix

/// What the side file says of a change that has begun: enough to complete or undo it.
struct JournalRecord: Equatable {
    enum Kind: Equatable {
        /// Octets were being added at the end; the payload is how they begin.
        case append(checksum: UInt64)
        /// Parts were being replaced; the payload is what stands there afterwards.
        case rewrite
        /// As `rewrite`, of what an interrupted change has left: it is made also when nothing of it
        /// was begun.
        case repair
    }

    var kind: Kind
    /// The mailbox file: a record of another file says nothing of this one.
    var inode: UInt64
    /// The run of the machine in which the change began, and when.
    var boot: [UInt8]
    var time: Int
    var oldSize: Int
    var newSize: Int
    /// Of the octets before the first change, which nobody of ours has touched.
    var contextChecksum: UInt64
    var payload: Range<Int>
    var payloadChecksum: UInt64

    /// The disk writes so much at once or not at all.
    static let headerSize = 512
    static let contextSize = 512
    private static let magic = Array("mbox-journal 1\n".utf8)

    /// The header as it stands at the beginning of the side file.
    func encoded() -> [UInt8] {
        var fields = FieldWriter()
        switch kind {
        case .append(let checksum):
            fields.put(1)
            fields.put(Int(bitPattern: UInt(checksum)))
        case .rewrite:
            fields.put(2)
            fields.put(0)
        case .repair:
            fields.put(3)
            fields.put(0)
        }
        fields.put(Int(truncatingIfNeeded: inode))
        fields.put(boot.prefix(64))
        for number in [time, oldSize, newSize] { fields.put(number) }
        fields.put(Int(bitPattern: UInt(contextChecksum)))
        for number in [payload.lowerBound, payload.upperBound] { fields.put(number) }
        fields.put(Int(bitPattern: UInt(payloadChecksum)))
        var whole = FieldWriter()
        whole.put(fields.bytes)
        whole.put(Int(bitPattern: UInt(Checksum(fields.bytes).value)))
        let used = Self.magic + whole.bytes
        return used + [UInt8](repeating: 0, count: max(0, Self.headerSize - used.count))
    }

    /// Reads a header; nil when there is none or it is torn.
    init?(header: [UInt8]) {
        guard header.starts(with: Self.magic) else { return nil }
        var whole = FieldReader(header.dropFirst(Self.magic.count))
        do throws(MalformedFrame) {
            let octets = try whole.octets()
            guard UInt64(UInt(bitPattern: try whole.number())) == Checksum(octets).value else {
                return nil
            }
            var fields = FieldReader(octets)
            let number = try fields.number()
            let checksum = UInt64(UInt(bitPattern: try fields.number()))
            switch number {
            case 1: kind = .append(checksum: checksum)
            case 2: kind = .rewrite
            case 3: kind = .repair
            default: return nil
            }
            inode = UInt64(UInt(bitPattern: try fields.number()))
            boot = try fields.octets()
            time = try fields.number()
            oldSize = try fields.number()
            newSize = try fields.number()
            contextChecksum = UInt64(UInt(bitPattern: try fields.number()))
            let (start, end) = (try fields.number(), try fields.number())
            payloadChecksum = UInt64(UInt(bitPattern: try fields.number()))
            guard start >= Self.headerSize, end >= start, oldSize >= 0, newSize >= 0,
                newSize < 1 << 48
            else { return nil }
            payload = start..<end
        } catch { return nil }
    }

    init(kind: Kind, of status: FileStatus, newSize: Int, contextChecksum: UInt64) {
        self.kind = kind
        inode = status.inode
        boot = Self.bootIdentifier
        time = Clock.now
        oldSize = status.size
        self.newSize = newSize
        self.contextChecksum = contextChecksum
        payload = Self.headerSize..<Self.headerSize
        payloadChecksum = Checksum().value
    }

    /// Names this run of the machine; empty where the kernel does not tell.
    static var bootIdentifier: [UInt8] {
        do throws(SystemError) {
            let file = try FileDescriptor.open("/proc/sys/kernel/random/boot_id")
            return Array(try file.read(limit: 64).trimmed)
        } catch {
            return []
        }
    }
}
