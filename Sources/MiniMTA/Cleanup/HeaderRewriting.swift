import Bytes
import Rewriting

/// Completes the addresses of a header.
struct HeaderRewriting {
    /// The column up to which addresses share a line.
    private static let lineWidth = 70

    let rewriter: Rewriter
    let context: RewriteContext

    /// The header with its addresses completed; as it came when all of them are whole.
    func complete(_ field: HeaderField) -> [UInt8] {
        guard let colon = field.octets.firstIndex(of: .colon) else { return field.octets }
        var list = AddressList(field.octets[(colon + 1)...])
        var hasChanged = false
        for (index, part) in list.parts.enumerated() {
            guard case .address(let tokens) = part else { continue }
            let before = AddressQuoting.quote(AddressToken.text(of: tokens))
            let after = rewriter.completeQuoted(before, context: context)
            if after != before {
                hasChanged = true
                list.parts[index] = .address(AddressToken.scan(after))
            }
        }
        guard hasChanged else { return field.octets }
        return fold(Array(field.name) + [.colon, .space] + list.lines)
    }

    /// As many addresses on a line as fit; the others on lines that continue it.
    private func fold(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var width = 0
        for (index, line) in text.split(separator: .lf).enumerated() {
            if index == 0 {
                out += line
                width = line.count
            } else if width + 1 + line.count < Self.lineWidth {
                out += [.space] + line
                width += 1 + line.count
            } else {
                out += [.lf, .tab] + line
                width = line.count
            }
        }
        return out + [.lf]
    }
}
