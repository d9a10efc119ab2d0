import Bytes
import Message
import Posix

/// The answer: the user's text with the header that makes it an automatic one (RFC 3834 section 3).
struct AnswerText {
    /// What the user has written: fields, and a text.
    private let template: [UInt8]
    private let answer: AnswerRules.Answer
    private let letter: IncomingLetter
    /// Who answers, for the From field.
    private let name: String
    private let login: String

    /// Octets of a subject that are repeated: no line of mail may have a thousand.
    private static let subjectLimit = 500
    /// References that are repeated; a thread's first and its last ones.
    private static let referenceLimit = 20

    init(
        _ template: [UInt8], to answer: AnswerRules.Answer, of letter: IncomingLetter,
        from user: User
    ) {
        self.template = template
        self.answer = answer
        self.letter = letter
        name = user.fullName
        login = user.name
    }

    var octets: [UInt8] {
        let (header, bodyStart) = HeaderBlock.parse(template)
        let isPlain = header.first("Content-Transfer-Encoding").map(Self.leavesOctets) ?? true
        let subject = letter.header.first("Subject").map { Array($0.unfolded.map(Self.tidy)) } ?? []
        let raw = Array(subject.prefix(Self.subjectLimit))
        let shown = isPlain ? Self.readable(raw) : raw
        var body = Self.replacing(template[bodyStart...], with: shown)
        if body.last != .lf { body.append(.lf) }
        return self.header(header, subject: raw, body: body).octets + [.lf] + body
    }

    private func header(
        _ written: HeaderBlock, subject: [UInt8], body: [UInt8]
    ) -> HeaderBlock {
        var header = HeaderBlock()
        for field in written.fields {
            if Self.ours.contains(field.name.lowercased) { continue }
            let octets = Self.replacing(field.octets[...], with: subject)
            if let field = HeaderField(octets) { header.fields.append(field) }
        }
        if header.first("From") == nil { header.prepend("From", from) }
        header.fields.insert(HeaderField(name: "To", value: answer.sender.address), at: 0)
        if header.first("Subject") == nil {
            let text = Array("Auto: ".utf8) + subject
            header.fields.append(HeaderField(name: "Subject", value: text))
        }
        addThread(&header)
        header.append("Auto-Submitted", "auto-replied")
        if header.first("Precedence") == nil { header.append("Precedence", "bulk") }
        if header.first("MIME-Version") == nil, !body.allSatisfy(\.isASCII) {
            let set = String(utf8: body) == nil ? "iso-8859-1" : "utf-8"
            header.append("MIME-Version", "1.0")
            header.removeAll("Content-Type")
            header.append("Content-Type", "text/plain; charset=\(set)")
            header.append("Content-Transfer-Encoding", "8bit")
        }
        return header
    }

    /// Fields that only this program fills.
    private static let ours: Set<[UInt8]> = Set(
        ["to", "cc", "bcc", "in-reply-to", "references", "auto-submitted"].map { Array($0.utf8) })

    /// The user at the address that the letter came to.
    private var from: String {
        let address = answer.addressed?.address ?? Array(login.utf8)
        let plain = name.utf8.filter { !$0.isControl }
        guard !plain.isEmpty, plain.allSatisfy(\.isASCII) else {
            return String(decoding: address, as: UTF8.self)
        }
        let phrase = MailAddress.quoted(phrase: Array(plain))
        return String(decoding: phrase + [.space, .less] + address + [.greater], as: UTF8.self)
    }

    /// In-Reply-To and References (RFC 5322 section 3.6.4).
    private func addThread(_ header: inout HeaderBlock) {
        guard let field = letter.header.first("Message-ID"),
            let parent = MessageID.list(in: field.value).first
        else { return }
        let before = letter.header.first("References") ?? letter.header.first("In-Reply-To")
        var thread = (before.map { MessageID.list(in: $0.value) } ?? []) + [parent]
        if thread.count > Self.referenceLimit {
            thread = [thread[0]] + thread.suffix(Self.referenceLimit - 1)
        }
        thread = thread.filter { $0.count <= Self.subjectLimit }
        header.fields.append(HeaderField(name: "In-Reply-To", value: parent.map(Self.tidy)))
        let folded = Array(thread.joined(separator: [.lf, .space]))
        header.fields.append(HeaderField(name: "References", value: folded))
    }

    // MARK: Words of the letter in the text

    private static let variable = Array("$SUBJECT".utf8)

    /// The text with every `$SUBJECT` replaced.
    private static func replacing(_ text: ArraySlice<UInt8>, with subject: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = text
        while let sign = rest.firstIndex(of: variable[0]) {
            out += rest[..<sign]
            if rest[sign...].starts(with: variable) {
                out += subject
                rest = rest[(sign + variable.count)...]
            } else {
                out.append(variable[0])
                rest = rest[(sign + 1)...]
            }
        }
        return out + rest
    }

    /// What could begin a line or move a terminal's cursor becomes a blank.
    private static func tidy(_ octet: UInt8) -> UInt8 { octet.isControl ? .space : octet }

    /// The subject as people read it: encoded words as UTF-8.
    private static func readable(_ subject: [UInt8]) -> [UInt8] {
        EncodedWords.decode(subject) { charset, text in
            CharacterSetConverter(from: charset).map { $0.convert(text) + $0.finish() }
        }.map(tidy)
    }

    private static func leavesOctets(_ encoding: HeaderField) -> Bool {
        ["7bit", "8bit", "binary"].contains { encoding.unfolded.equalsIgnoringCase(Array($0.utf8)) }
    }
}
