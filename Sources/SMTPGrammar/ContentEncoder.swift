import Bytes

/// Turns content with LF line ends into what follows DATA: CR LF line ends, leading dots doubled.
///
/// A CR in the content is left out, so that nothing but line ends of ours reaches the next server
/// (RFC 5321 section 2.3.8). Content may come in pieces of any size.
package struct ContentEncoder: Sendable {
    private var isAtLineStart = true

    package init() {}

    package mutating func encode(_ content: Span<UInt8>, into out: inout [UInt8]) {
        for place in content.indices {
            let byte = content[place]
            switch byte {
            case .cr: continue
            case .lf: out += [.cr, .lf]
            default:
                if byte == .dot, isAtLineStart { out.append(.dot) }
                out.append(byte)
            }
            isAtLineStart = byte == .lf
        }
    }

    /// What ends the content: a line end where the last line has none, and the lone dot.
    package mutating func finish(into out: inout [UInt8]) {
        if !isAtLineStart { out += [.cr, .lf] }
        out += [.dot, .cr, .lf]
        isAtLineStart = true
    }
}
