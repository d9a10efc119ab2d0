import Bytes
package import Message

/// BODY and BODYSTRUCTURE of a message (RFC 3501 section 7.4.2).
///
/// Its recursion is bounded by the nesting that the parser takes apart.
package struct BodyStructureText {
    private let structure: MIMEStructure
    private let isExtended: Bool
    /// The octets of a header inside the message.
    private let header: (Range<Int>) -> [UInt8]

    package init(
        _ structure: MIMEStructure, isExtended: Bool, header: @escaping (Range<Int>) -> [UInt8]
    ) {
        self.structure = structure
        self.isExtended = isExtended
        self.header = header
    }

    package var text: [UInt8] { text(of: structure.root) }

    private func text(of part: MIMEPart) -> [UInt8] {
        part.isMultipart ? multipart(part) : single(part)
    }

    private func multipart(_ part: MIMEPart) -> [UInt8] {
        var out = [UInt8(ascii: "(")]
        for child in part.children { out += text(of: structure.parts[child]) }
        // The grammar asks for at least one part.
        if part.children.isEmpty { out += Self.emptyPart }
        out.append(.space)
        out += ResponseText.string(part.type.subtype)
        if isExtended {
            out.append(.space)
            out += parameters(part.type.parameters)
            out += extensions(part)
        }
        return out + [UInt8(ascii: ")")]
    }

    private static let emptyPart = [UInt8](
        #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)"#)

    private func single(_ part: MIMEPart) -> [UInt8] {
        // What is not taken apart must not look like what is.
        let isOpaque =
            (part.type.isMessage && !part.isMessage)
            || (part.type.type.equalsIgnoringCase("multipart"))
        var fields = [
            ResponseText.string(isOpaque ? [UInt8]("application") : part.type.type),
            ResponseText.string(isOpaque ? [UInt8]("octet-stream") : part.type.subtype),
            parameters(part.type.parameters),
            ResponseText.nstring(value("ID", part)),
            ResponseText.nstring(value("DESCRIPTION", part)),
            ResponseText.string(part.encoding),
            [UInt8]("\(part.body.count)"),
        ]
        if let message = structure.message(in: part) {
            fields.append(EnvelopeText.text(of: HeaderBlock.parse(header(message.header)).header))
            fields.append(text(of: message))
            fields.append([UInt8]("\(part.lines)"))
        } else if part.type.isText {
            fields.append([UInt8]("\(part.lines)"))
        }
        guard isExtended else { return ResponseText.list(fields) }
        fields.append(ResponseText.nstring(value("MD5", part)))
        return ResponseText.list(fields).dropLast() + extensions(part) + [UInt8(ascii: ")")]
    }

    /// Disposition, language and location, each after a blank.
    private func extensions(_ part: MIMEPart) -> [UInt8] {
        [.space] + disposition(part) + [.space] + language(part) + [.space]
            + ResponseText.nstring(value("LOCATION", part))
    }

    private func disposition(_ part: MIMEPart) -> [UInt8] {
        guard let field = part.field("DISPOSITION") else { return [UInt8]("NIL") }
        let disposition = ParameterizedValue(field)
        guard !disposition.token.isEmpty else { return [UInt8]("NIL") }
        return ResponseText.list([
            ResponseText.string(disposition.token), parameters(disposition.parameters),
        ])
    }

    private func language(_ part: MIMEPart) -> [UInt8] {
        let languages = (value("LANGUAGE", part) ?? []).split(separator: UInt8(ascii: ","))
            .map { Array($0.trimmed) }.filter { !$0.isEmpty }
        switch languages.count {
        case 0: return [UInt8]("NIL")
        case 1: return ResponseText.string(languages[0])
        default: return ResponseText.list(languages.map { ResponseText.string($0) })
        }
    }

    private func parameters(_ parameters: [ParameterizedValue.Parameter]) -> [UInt8] {
        guard !parameters.isEmpty else { return [UInt8]("NIL") }
        return ResponseText.list(
            parameters.flatMap { [ResponseText.string($0.name), ResponseText.string($0.value)] })
    }

    private func value(_ name: String, _ part: MIMEPart) -> [UInt8]? {
        part.field(name)?.filter { $0 != .cr && $0 != .lf }
    }
}
