import Bytes
import Posix

/// What became of one letter's header.
struct LetterHeader {
    private let options: FormailOptions
    private let host: any FormailHost
    private(set) var fields: [LetterField]
    /// Fields that `-a` puts behind the header.
    private(set) var appended: [LetterField] = []
    /// Octets of the body that are copied as they are.
    private(set) var bodyLength = 0
    /// The sender, for a reply or a From_ line.
    private(set) var sender: [UInt8]?
    private var saved = SavedFields()
    private var hadFromLine = false

    /// Contents are copied only where they are asked for.
    private var savesFields: Bool {
        options.replies || options.cache != nil || !options.addedIfMissing.isEmpty
    }

    init(_ fields: [LetterField], _ options: FormailOptions, _ host: any FormailHost) {
        self.options = options
        self.host = host
        self.fields = fields
        for place in self.fields.indices { self.fields[place].closeName() }
        openOddStart()
        read()
    }

    /// An article's first line and a BABYL file's sender become fields that mail has.
    private mutating func openOddStart() {
        guard let first = fields.first else { return }
        if first.octets.starts(with: LetterReader.article) {
            fields[0].octets[LetterReader.article.count - 1] = .colon
        } else if options.isBabyl, !options.passesAnything,
            first.octets.starts(with: Self.mailFrom)
        {
            let rest = Array(first.octets.dropFirst(Self.mailFrom.count).drop(while: \.isBlank))
            if LetterField.isFromLine(rest) {
                fields[0] = LetterField(rest, nameLength: LetterField.from.count)
            }
        }
    }

    private static let mailFrom = Array("Mail-from:".utf8)

    /// Makes the changes that come before anything is read from the fields, and reads it.
    private mutating func read() {
        hadFromLine = !options.passesAnything && fields.first?.isFromLine == true
        fields = HeaderChanges(options: options)
            .apply(to: fields, options.replies ? .answered : .final)
        var address = ReturnAddress(options)
        var kept: [LetterField] = []
        for var field in fields {
            if options.zapsBlanks, !field.putBlank() { continue }
            if options.concatenates { field.concatenate() }
            address.consider(field, isFirst: kept.isEmpty)
            if savesFields { saved.note(field) }
            kept.append(field)
        }
        fields = kept
        sender = address.address
        if !options.forgetsLength,
            let field = fields.first(where: { $0.isNamed(FieldNames.contentLength) })
        {
            bodyLength = Self.length(in: field.content)
        }
    }

    /// The number as strtol(3) reads it: what is too large is the largest, what is none is 0.
    private static func length(in content: ArraySlice<UInt8>) -> Int {
        var rest = content.drop { $0.isSpace }
        if rest.first == UInt8(ascii: "-") { return 0 }
        if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = rest.prefix { $0.isDigit }
        return digits.isEmpty ? 0 : Int(decimal: digits) ?? .max
    }

    /// What `-D` knows the letter by: the sender that a reply would go to, else the Message-ID.
    var key: [UInt8]? {
        let key = options.replies ? sender : saved.messageID.map { Array($0.dropLast()) }
        // A NUL ends a key in the cache.
        return key.map { Array($0.drop { $0 == .space }.prefix { $0 != 0 }) }
    }

    /// Puts the header together that goes out; false when a reply has nobody to go to.
    mutating func complete() -> Bool {
        if options.replies {
            makeReply()
        } else if needsFromLine {
            let date =
                options.addedIfMissing.fits(FieldNames.date)
                ? saved.date.map(SavedFields.withBlank) : nil
            let end = date ?? [.space] + host.date + [.lf]
            let line = LetterField.from + (sender ?? Self.unknown) + [.space] + end
            fields.insert(LetterField(line), at: 0)
        }
        for pattern in options.addedIfMissing where !has(pattern) { append(pattern) }
        return !options.replies || sender != nil
    }

    private static let unknown = Array("foo@bar".utf8)

    /// A From_ line is missing, and nothing on the command line is about it but `-a 'From '`.
    private var needsFromLine: Bool {
        if options.passesAnything || fields.first?.isFromLine == true { return false }
        if let pattern = options.addedIfMissing.first(for: LetterField.from[...]),
            !pattern.hasContent
        {
            return true
        }
        return !hadFromLine && !options.renamedOld.fits(LetterField.from)
            && !options.deleted.fits(LetterField.from)
            && !options.renamings.contains { $0.old.matches(LetterField.from[...]) }
    }

    private func has(_ pattern: FieldPattern) -> Bool {
        fields.contains {
            $0.name.count <= pattern.name.count && pattern.name.startsIgnoringCase(with: $0.name)
        }
    }

    private mutating func append(_ pattern: FieldPattern) {
        let isIdentifier =
            pattern.field.isNamed(FieldNames.messageID)
            || pattern.field.isNamed(FieldNames.resentMessageID)
        guard isIdentifier, !pattern.hasContent else { return appended.append(pattern.field) }
        let name = Array(pattern.name)
        appended.append(LetterField(name + [.space] + host.newMessageID() + [.lf]))
    }

    // MARK: Replies

    private mutating func makeReply() {
        fields = fields.filter { field in
            options.renamedOld.first(for: field).map { !$0.hasContent } ?? false
        }
        fields.append(LetterField(Array("To: ".utf8) + (sender ?? Self.unknown) + [.lf]))
        if let subject = saved.subject {
            let isReply = subject.drop(while: \.isBlank).startsIgnoringCase(with: "Re:".utf8)
            let start = isReply ? "Subject:" : "Subject: Re:"
            fields.append(LetterField(Array(start.utf8) + SavedFields.withBlank(subject)))
        }
        if let references = saved.allReferences {
            fields.append(LetterField(Array("References:".utf8) + references))
        }
        if let parent = saved.messageID {
            let field = Array("In-Reply-To:".utf8) + SavedFields.withBlank(parent)
            fields.append(LetterField(field))
        }
        fields = HeaderChanges(options: options).apply(to: fields, .final)
    }
}

/// Contents of fields that a reply or a From_ line takes over, each with its LF.
private struct SavedFields {
    private(set) var subject: [UInt8]?
    private(set) var messageID: [UInt8]?
    private(set) var date: [UInt8]?
    private var references: [UInt8]?

    /// Keeps the content of the last field of each name.
    mutating func note(_ field: LetterField) {
        guard field.content.count > 1 else { return }
        let content = Array(field.content)
        if field.isNamed(FieldNames.subject) { subject = content }
        if field.isNamed(FieldNames.messageID) { messageID = content }
        if field.isNamed(FieldNames.date) { date = content }
        if field.isNamed(FieldNames.references) { references = content }
    }

    /// The thread's letters, the answered one at the end.
    var allReferences: [UInt8]? {
        guard let messageID else { return references.map(Self.withBlank) }
        let before = references.map { Self.withBlank(Array($0.dropLast())) } ?? []
        return before + Self.withBlank(messageID)
    }

    /// The content with a blank in front.
    static func withBlank(_ content: [UInt8]) -> [UInt8] {
        content.first?.isBlank == true ? content : [.space] + content
    }
}
