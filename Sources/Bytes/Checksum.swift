/// CRC-64/XZ of a sequence of octets: tells a whole record from a torn one; no defence against
/// forgers.
package struct Checksum: Equatable, Sendable {
    private var register = UInt64.max

    package init() {}

    package init(_ bytes: some Collection<UInt8>) { update(bytes) }

    package init(_ bytes: [UInt8]) { update(bytes) }

    package init(_ bytes: ArraySlice<UInt8>) { update(bytes) }

    /// The value of what was given so far.
    package var value: UInt64 { ~register }

    package mutating func update(_ bytes: some Collection<UInt8>) { update(Array(bytes)) }

    package mutating func update(_ bytes: [UInt8]) { take(bytes.span) }

    package mutating func update(_ bytes: ArraySlice<UInt8>) { take(bytes.span) }

    /// Eight octets at a time, each with a table of its own: whole mailboxes go through here.
    private mutating func take(_ bytes: Span<UInt8>) {
        let tables = Self.tables.span
        var (value, place) = (register, 0)
        while place &+ 8 <= bytes.count {
            var word: UInt64 = 0
            for index in 0..<8 {
                word |= UInt64(truncatingIfNeeded: bytes[place &+ index]) &<< UInt64(index &* 8)
            }
            word ^= value
            value = 0
            for index in 0..<8 {
                let octet = Int(truncatingIfNeeded: word &>> UInt64(index &* 8)) & 0xFF
                value ^= tables[(7 &- index) &* 256 &+ octet]
            }
            place &+= 8
        }
        while place < bytes.count {
            let octet = Int(truncatingIfNeeded: value & 0xFF) ^ Int(bytes[place])
            value = tables[octet] ^ value &>> 8
            place &+= 1
        }
        register = value
    }

    /// Eight tables of 256: what an octet does to the register when so many octets come behind it.
    private static let tables: [UInt64] = {
        var tables = (0..<256).map { (index: UInt64) in
            (0..<8).reduce(index) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xC96C_5795_D787_0F42 : value >> 1
            }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(tables[Int(before & 0xFF)] ^ before >> 8)
        }
        return tables
    }()
}
