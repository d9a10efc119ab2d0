import Bytes

/// The parts of a message and where their octets lie (RFC 2046).
///
/// Positions count from the begin of the octets that `MIMEParser` was given.
package struct MIMEStructure: Sendable {
    /// In the order of their begin; the message itself is the first.
    package let parts: [MIMEPart]
    /// A limit was met: what lies behind is part of the last part taken apart.
    package let isCut: Bool

    package var root: MIMEPart { parts[0] }

    /// The part that IMAP numbers this way (RFC 3501 section 6.4.5); nil when there is none.
    ///
    /// A message that is no multipart is its own part 1, a message/rfc822 part counts through the
    /// message that it holds.
    package func part(_ numbers: some Collection<UInt32>) -> MIMEPart? {
        var part = root
        var isBody = true
        for number in numbers {
            // A message inside a part: its body is what is numbered.
            if part.isMessage, !isBody, let inner = part.children.first {
                part = parts[inner]
                isBody = true
            }
            if part.isMultipart {
                guard number >= 1, Int(number) <= part.children.count else { return nil }
                part = parts[part.children[Int(number) - 1]]
                isBody = false
            } else {
                guard number == 1, isBody else { return nil }
                isBody = false
            }
        }
        return part
    }

    /// The message that a message/rfc822 part holds.
    package func message(in part: MIMEPart) -> MIMEPart? {
        part.isMessage ? part.children.first.map { parts[$0] } : nil
    }
}

/// One part: header, body and what its header says of the body.
package struct MIMEPart: Sendable {
    /// The header and the empty line that ends it.
    package let header: Range<Int>
    package let body: Range<Int>
    /// Line ends in the body.
    package let lines: Int
    /// Positions in `MIMEStructure.parts`: of a multipart its parts, of a message/rfc822 the message.
    package let children: [Int]
    /// The fields whose names begin with `Content-`, the first of each name, by their rest in
    /// capitals.
    ///
    /// `TYPE`, `DISPOSITION`, …
    package let fields: [[UInt8]: [UInt8]]
    package let type: ContentType
    /// False when a limit kept the parser from looking inside.
    let isTakenApart: Bool

    /// A multipart with a boundary, whose children are its parts.
    package var isMultipart: Bool { type.isMultipart && isTakenApart }
    /// A message/rfc822, whose one child is the message.
    package var isMessage: Bool { type.isMessage && isTakenApart }

    package func field(_ name: String) -> [UInt8]? { fields[[UInt8](name)] }

    /// The transfer encoding in capitals; `7BIT` when none is named.
    package var encoding: [UInt8] {
        let named = field("TRANSFER-ENCODING")?.trimmed.prefix {
            !$0.isSpace && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(")
        }
        guard let named, !named.isEmpty else { return [UInt8]("7BIT") }
        return named.uppercased
    }
}

/// What kind of body a part has.
package struct ContentType: Equatable, Sendable {
    package let type: [UInt8]
    package let subtype: [UInt8]
    package let parameters: [ParameterizedValue.Parameter]
    /// The boundary of a multipart that is taken apart.
    package let boundary: [UInt8]?

    /// Octets of a boundary; RFC 2046 allows 70, bombs use more.
    package static let boundaryLimit = 200

    /// The type that a field's value names, or the default of RFC 2045 section 5.2: text/plain, in a
    /// digest message/rfc822.
    package init(_ value: [UInt8]?, isInDigest: Bool) {
        let parsed = ParameterizedValue(value ?? [])
        let pieces = parsed.token.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        if pieces.count == 2, !pieces[0].isEmpty, !pieces[1].isEmpty {
            type = Array(pieces[0])
            subtype = Array(pieces[1])
            parameters = parsed.parameters
        } else if isInDigest, value == nil {
            (type, subtype, parameters) = ([UInt8]("message"), [UInt8]("rfc822"), [])
        } else {
            (type, subtype) = ([UInt8]("text"), [UInt8]("plain"))
            parameters = [.init(name: [UInt8]("charset"), value: [UInt8]("us-ascii"))]
        }
        boundary = Self.boundary(type, parsed)
    }

    private static func boundary(_ type: [UInt8], _ parsed: ParameterizedValue) -> [UInt8]? {
        guard type.equalsIgnoringCase("multipart"), let boundary = parsed.parameter("boundary"),
            !boundary.isEmpty, boundary.count <= boundaryLimit
        else { return nil }
        // Blanks at its end cannot be told from those that mail adds to lines.
        return Array(boundary.prefix(boundary.lastIndex { !$0.isSpace }.map { $0 + 1 } ?? 0))
    }

    package var isMultipart: Bool { boundary.map { !$0.isEmpty } ?? false }
    package var isMessage: Bool {
        type.equalsIgnoringCase("message") && subtype.equalsIgnoringCase("rfc822")
    }
    package var isText: Bool { type.equalsIgnoringCase("text") }
    package var isDigest: Bool { isMultipart && subtype.equalsIgnoringCase("digest") }

    package func parameter(_ name: StaticString) -> [UInt8]? {
        parameters.first { $0.name.equalsIgnoringCase(name) }?.value
    }
}
