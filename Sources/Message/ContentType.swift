import Bytes

/// The value of a Content-Type or Content-Disposition field (RFC 2045 section 5.1, RFC 2183).
package struct ParameterizedValue: Equatable, Sendable {
    package struct Parameter: Equatable, Sendable {
        /// As it was written; a `*` at its end says that the value is in RFC 2231's extended form.
        package let name: [UInt8]
        package let value: [UInt8]

        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// Parameters that are looked at: more are an attack (CVE-2026-27859).
    package static let parameterLimit = 128
    /// Octets of the value that are looked at.
    package static let lengthLimit = 65_536

    /// `text/plain` or `attachment`, as it was written; empty when there is none.
    package let token: [UInt8]
    /// In their order; the sections of a value that RFC 2231 cuts in pieces are put together.
    package let parameters: [Parameter]

    /// Reads a value; what cannot be read ends the list, nothing fails.
    package init(_ value: some Collection<UInt8>) {
        var scanner = ParameterScanner(value.prefix(Self.lengthLimit))
        token = scanner.token()
        var found: [Parameter] = []
        while found.count < Self.parameterLimit, let parameter = scanner.next() {
            found.append(parameter)
        }
        parameters = ParameterSections.joined(found)
    }

    /// The value of the parameter of this name in its plain form; the first one counts.
    package func parameter(_ name: StaticString) -> [UInt8]? {
        parameters.first { $0.name.equalsIgnoringCase(name) }?.value
    }
}

/// Cuts `type/subtype; name=value; …` into its pieces.
private struct ParameterScanner {
    private var cursor: ByteCursor

    init(_ value: some Collection<UInt8>) { cursor = ByteCursor(value) }

    mutating func token() -> [UInt8] {
        skipSpace()
        var token: [UInt8] = []
        while true {
            token += cursor.take {
                !$0.isSpace && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(")
            }
            skipSpace()
            // Blanks around the slash are seen in the wild.
            guard token.last == UInt8(ascii: "/") || cursor.peek == UInt8(ascii: "/"),
                cursor.peek != UInt8(ascii: ";"), !cursor.isAtEnd
            else { return token }
        }
    }

    mutating func next() -> ParameterizedValue.Parameter? {
        while true {
            _ = cursor.take(upTo: UInt8(ascii: ";"))
            guard cursor.take(UInt8(ascii: ";")) else { return nil }
            skipSpace()
            let name = cursor.take {
                !$0.isSpace && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";")
            }
            skipSpace()
            guard !name.isEmpty, cursor.take(UInt8(ascii: "=")) else { continue }
            skipSpace()
            return ParameterizedValue.Parameter(name: Array(name), value: value())
        }
    }

    private mutating func value() -> [UInt8] {
        guard cursor.take(.quote) else {
            return Array(cursor.take { !$0.isSpace && $0 != UInt8(ascii: ";") })
        }
        var value: [UInt8] = []
        while let byte = cursor.next(), byte != .quote {
            if byte == .backslash, let escaped = cursor.next() {
                value.append(escaped)
            } else if byte != .cr, byte != .lf {
                value.append(byte)
            }
        }
        return value
    }

    /// White space and comments; comments nest by count.
    private mutating func skipSpace() {
        var depth = 0
        while let byte = cursor.peek {
            if byte == UInt8(ascii: "(") {
                depth += 1
            } else if byte == UInt8(ascii: ")"), depth > 0 {
                depth -= 1
            } else if byte == .backslash, depth > 0 {
                _ = cursor.next()
            } else if depth == 0, !byte.isSpace {
                return
            }
            _ = cursor.next()
        }
    }
}

/// RFC 2231 section 3: `name*0=…; name*1*=…` are one value.
private enum ParameterSections {
    static func joined(
        _ found: [ParameterizedValue.Parameter]
    ) -> [ParameterizedValue.Parameter] {
        var sections: [[UInt8]: [Section]] = [:]
        for parameter in found {
            if let section = Section(parameter) {
                sections[section.name.lowercased, default: []].append(section)
            }
        }
        guard !sections.isEmpty else { return found }
        var out: [ParameterizedValue.Parameter] = []
        for parameter in found {
            guard let section = Section(parameter) else {
                out.append(parameter)
                continue
            }
            // All sections stand where the first one stood.
            guard let all = sections.removeValue(forKey: section.name.lowercased) else { continue }
            out += join(all)
        }
        return out
    }

    private static func join(_ sections: [Section]) -> [ParameterizedValue.Parameter] {
        let sorted = sections.sorted { $0.number < $1.number }
        // A gap ends the value: what follows it cannot be told from garbage.
        let run = zip(sorted, 0...).prefix { $0.0.number == $0.1 }.map(\.0)
        guard let first = run.first else { return [] }
        let isExtended = run.contains(where: \.isExtended)
        var value: [UInt8] = []
        for section in run {
            let needsEscape = isExtended && !section.isExtended
            value += needsEscape ? section.value.flatMap { escaped($0) } : section.value
        }
        if isExtended, !first.isExtended { value = Array("''".utf8) + value }
        return [
            ParameterizedValue.Parameter(
                name: first.name + (isExtended ? [UInt8(ascii: "*")] : []), value: value)
        ]
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        byte.isAlphanumeric || byte == .dot || byte == UInt8(ascii: "-")
            ? [byte] : [UInt8]("%" + byte.padded(to: 2, radix: 16))
    }

    private struct Section {
        let name: [UInt8]
        let number: Int
        let isExtended: Bool
        let value: [UInt8]

        init?(_ parameter: ParameterizedValue.Parameter) {
            let star = UInt8(ascii: "*")
            let pieces = parameter.name.split(
                separator: star, omittingEmptySubsequences: false)
            guard pieces.count == 2 || (pieces.count == 3 && pieces[2].isEmpty),
                !pieces[0].isEmpty, pieces[1].count <= 3, let number = Int(decimal: pieces[1])
            else { return nil }
            name = Array(pieces[0])
            self.number = number
            isExtended = pieces.count == 3
            value = parameter.value
        }
    }
}
