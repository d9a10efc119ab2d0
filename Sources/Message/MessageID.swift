import Bytes

/// Message identifiers (RFC 5322 section 3.6.4).
package enum MessageID {
    /// The identifiers of a Message-Id, References or In-Reply-To value, each with its brackets.
    ///
    /// White space inside the brackets is left out; words outside of them are not identifiers.
    package static func list(in value: some Collection<UInt8>) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var current: [UInt8]?
        for byte in value {
            if byte == .less {
                current = [.less]
            } else if current != nil, !byte.isSpace {
                current?.append(byte)
                if byte == .greater, let identifier = current {
                    if identifier.count > 2 { found.append(identifier) }
                    current = nil
                }
            }
        }
        return found
    }
}
