import Bytes

/// The framing of a channel: four octets of length, one of flags, one of kind, then the fields.
struct Frame: Equatable {
    /// The longest frame: one content block or one recipient with its reasons, with room.
    ///
    /// A peer that announces more is broken.
    static let lengthLimit = 1 << 20
    static let headerLength = 6

    let kind: UInt8
    /// A descriptor travels with this frame.
    let carriesDescriptor: Bool
    let fields: [UInt8]

    init(kind: UInt8, carriesDescriptor: Bool, fields: [UInt8]) {
        self.kind = kind
        self.carriesDescriptor = carriesDescriptor
        self.fields = fields
    }

    var bytes: [UInt8] {
        let length = UInt32(fields.count)
        let prefix = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
        return prefix + [carriesDescriptor ? 1 : 0, kind] + fields
    }

    /// Takes the first whole frame off `bytes`; nil while it is not whole yet.
    init?(takenFrom bytes: inout [UInt8]) throws(ChannelError) {
        guard bytes.count >= Self.headerLength else { return nil }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.lengthLimit, bytes[4] <= 1 else { throw .malformed }
        let end = Self.headerLength + length
        guard bytes.count >= end else { return nil }
        self.init(
            kind: bytes[5], carriesDescriptor: bytes[4] == 1,
            fields: Array(bytes[Self.headerLength..<end]))
        bytes.removeFirst(end)
    }
}
