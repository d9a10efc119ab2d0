import Bytes

/// The addresses of a header or an SMTP path, found among comments, names and groups.
///
/// Reads from right to left, as Postfix does: what it does not understand it leaves where it is, and
/// where a comma is missing between two addresses it adds one. The cost is linear.
package struct AddressList: Equatable, Sendable {
    /// A part of the text.
    package enum Part: Equatable, Sendable {
        case address([AddressToken])
        /// A comment, a name before `<`, a bracket or a comma.
        case token(AddressToken)
        /// The colon after a group's name.
        case groupStart
    }

    package var parts: [Part]

    package init(_ text: some Collection<UInt8>) {
        var reader = AddressListReader(AddressToken.scan(text))
        parts = reader.read()
    }

    package var addresses: [[AddressToken]] {
        parts.compactMap { part in
            guard case .address(let tokens) = part else { return nil }
            return tokens
        }
    }

    /// The text again, one line for each address.
    package var lines: [UInt8] {
        var out: [UInt8] = []
        for (index, part) in parts.enumerated() {
            out += Self.text(of: part)
            if part == .token(.special(UInt8(ascii: ","))) {
                out.append(.lf)
            } else if index + 1 < parts.count, Self.needsBlank(part, parts[index + 1]) {
                out.append(.space)
            }
        }
        return out
    }

    private static func text(of part: Part) -> [UInt8] {
        switch part {
        case .address(let tokens): return AddressQuoting.quote(AddressToken.text(of: tokens))
        case .groupStart: return [.colon]
        case .token(.atom(let bytes)), .token(.comment(let bytes)): return bytes
        case .token(.quoted(let bytes)):
            return [.quote] + bytes.flatMap { escaped($0, [.quote, .backslash]) } + [.quote]
        case .token(.literal(let bytes)):
            let brackets = [UInt8(ascii: "["), UInt8(ascii: "]")]
            return [brackets[0]] + bytes.flatMap { escaped($0, brackets + [.backslash]) }
                + [brackets[1]]
        case .token(.special(let byte)): return [byte]
        }
    }

    private static func escaped(_ byte: UInt8, _ specials: [UInt8]) -> [UInt8] {
        specials.contains(byte) || byte == .cr || byte == .lf ? [.backslash, byte] : [byte]
    }

    private static func needsBlank(_ left: Part, _ right: Part) -> Bool {
        left == .groupStart || right == .token(.special(.less)) || isWord(left) && isWord(right)
    }

    private static func isWord(_ part: Part) -> Bool {
        switch part {
        case .address, .token(.atom), .token(.quoted), .token(.comment), .token(.literal): true
        case .token(.special), .groupStart: false
        }
    }
}

/// Clusters tokens into addresses, the last token first.
private struct AddressListReader {
    private var rest: [AddressToken]
    /// Tokens of the address that is being read, the last first.
    private var pending: [AddressToken] = []
    /// Parts that are read, the last first.
    private var parts: [AddressList.Part] = []
    /// A word may come without ending the address.
    private var takesWord = true
    private var isInGroup = false

    init(_ tokens: [AddressToken]) { rest = tokens }

    mutating func read() -> [AddressList.Part] {
        while let token = rest.popLast() { take(token) }
        endAddress(addsComma: false)
        return parts.reversed()
    }

    private mutating func take(_ token: AddressToken) {
        switch token {
        case .comment: parts.append(.token(token))
        case .special(UInt8(ascii: ";")):
            endAddress(addsComma: true)
            parts.append(.token(token))
            (isInGroup, takesWord) = (true, true)
        case .colon where isInGroup: takeGroupName()
        case .special(.greater): takeRoute()
        case .special(UInt8(ascii: ",")):
            endAddress(addsComma: false)
            parts.append(.token(token))
            takesWord = true
        case .atom, .quoted, .literal:
            if !takesWord { endAddress(addsComma: true) }
            pending.append(token)
            takesWord = false
        case .special:
            pending.append(token)
            takesWord = true
        }
    }

    private mutating func endAddress(addsComma: Bool) {
        guard !pending.isEmpty else { return }
        parts.append(.address(pending.reversed()))
        pending = []
        if addsComma { parts.append(.token(.special(UInt8(ascii: ",")))) }
    }

    private mutating func takeGroupName() {
        endAddress(addsComma: false)
        parts.append(.groupStart)
        while let token = rest.last, token != .special(UInt8(ascii: ",")) {
            parts.append(.token(token))
            rest.removeLast()
        }
    }

    /// `name <address>`: what stands between the brackets is the address, the name stays as it is.
    private mutating func takeRoute() {
        endAddress(addsComma: true)
        parts.append(.token(.special(.greater)))
        while let token = rest.last, token != .special(.less) {
            rest.removeLast()
            if case .comment = token { parts.append(.token(token)) } else { pending.append(token) }
        }
        endAddress(addsComma: false)
        while let token = rest.last, !endsName(token) {
            parts.append(.token(token))
            rest.removeLast()
        }
        takesWord = true
    }

    private func endsName(_ token: AddressToken) -> Bool {
        guard case .special(let byte) = token else { return false }
        switch Unicode.Scalar(byte) {
        case ">", ";", ",", ":": return true
        default: return false
        }
    }
}
