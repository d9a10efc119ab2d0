import Bytes
import Message

/// Whether a letter is answered: RFC 3834, and what BSD's vacation has always asked for.
struct AnswerRules {
    /// Why a letter is not answered.
    enum Reason: String, Error {
        case nullSender = "the null sender"
        case unknownSender = "no sender"
        case daemon = "the sender is a program"
        case ownAddress = "the sender is the user"
        case list = "from a mailing list"
        case bulk = "Precedence says that it went to many"
        case automatic = "sent by a program"
        case suppressed = "the sender wants no automatic answers"
        case spam = "marked as spam"
        case notAddressed = "the user is in no To or Cc"
    }

    /// The user's login and aliases, with or without domain.
    let own: [MailAddress]
    /// The machine's own domains.
    let hosts: [[UInt8]]
    let answersAll: Bool

    init(login: String, aliases: [String], hosts: [String], answersAll: Bool) {
        own = ([login] + aliases).flatMap { AddressList.parse(Array($0.utf8)).mailboxes }
        self.hosts = hosts.map { Array($0.utf8) }
        self.answersAll = answersAll
    }

    /// Whom to answer, and at which of the user's addresses the letter came.
    struct Answer: Equatable {
        let sender: MailAddress
        let addressed: MailAddress?
    }

    func answer(_ letter: IncomingLetter) throws(Reason) -> Answer {
        let sender: MailAddress
        switch letter.sender {
        case .address(let address): sender = address
        case .null: throw .nullSender
        case .unknown: throw .unknownSender
        }
        if Self.isDaemon(sender.localPart.lowercased) { throw .daemon }
        if let reason = Self.objection(in: letter.header) { throw reason }
        let addressed = addressed(in: letter.header)
        if isOwn(sender, addressed) { throw .ownAddress }
        if addressed == nil, !answersAll { throw .notAddressed }
        return Answer(sender: sender, addressed: addressed)
    }

    // MARK: The sender

    private static let daemons: Set<[UInt8]> = Set(
        [
            "postmaster", "uucp", "mailer", "mailer-daemon", "daemon", "listserv", "majordomo",
            "bounce", "bounces",
        ].map { Array($0.utf8) })
    private static let daemonEnds = ["-request", "-relay", "-owner", "-bounce", "-bounces"]
        .map { Array($0.utf8) }
    private static let daemonStarts = [
        "owner-", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply",
        "bounce-", "bounces-", "bounce+", "bounces+",
    ].map { Array($0.utf8) }

    /// The name is one that programs send by.
    private static func isDaemon(_ name: [UInt8]) -> Bool {
        daemons.contains(name) || daemonStarts.contains { name.starts(with: $0) }
            || daemonEnds.contains { name.suffix($0.count).elementsEqual($0) }
    }

    /// The sender is the user, at this machine or where the letter went.
    private func isOwn(_ sender: MailAddress, _ addressed: MailAddress?) -> Bool {
        own.contains { name in
            guard Self.sameName(sender, name) else { return false }
            if !name.domain.isEmpty { return sender.domain.equalsIgnoringCase(name.domain) }
            let homes = hosts + [[]] + (addressed.map { [$0.domain] } ?? [])
            return homes.contains { $0.equalsIgnoringCase(sender.domain) }
        }
    }

    // MARK: The header

    private static func objection(in header: HeaderBlock) -> Reason? {
        for field in header.fields {
            let value = field.unfolded.lowercased
            let word = value.prefix { !$0.isBlank && $0 != UInt8(ascii: ";") }
            switch String(decoding: field.name.lowercased, as: UTF8.self) {
            case "auto-submitted" where !word.elementsEqual("no".utf8): return .automatic
            case "precedence" where bulk.contains(Array(word)): return .bulk
            case "mailing-list", "x-mailing-list": return .list
            case "x-auto-response-suppress" where forbidsAnswers(value): return .suppressed
            case "x-spam-flag" where word.elementsEqual("yes".utf8): return .spam
            case "content-type" where value.starts(with: "multipart/report".utf8):
                return .automatic
            case let name where name.hasPrefix("list-"): return .list
            default: continue
            }
        }
        return nil
    }

    private static let bulk: Set<[UInt8]> = Set(
        ["bulk", "list", "junk", "auto_reply"].map { Array($0.utf8) })

    /// Exchange's field: words between commas.
    private static func forbidsAnswers(_ value: [UInt8]) -> Bool {
        value.split(separator: UInt8(ascii: ",")).contains { word in
            let word = word.trimmed
            return ["all", "oof", "autoreply"].contains { word.elementsEqual($0.utf8) }
        }
    }

    /// The first of the letter's recipients that is the user.
    private func addressed(in header: HeaderBlock) -> MailAddress? {
        let names: [StaticString] = ["To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"]
        for name in names {
            for field in header.all(name) {
                for address in AddressList.parse(field.value).mailboxes where isUser(address) {
                    return address
                }
            }
        }
        return nil
    }

    private func isUser(_ address: MailAddress) -> Bool {
        own.contains { name in
            Self.sameName(address, name)
                && (name.domain.isEmpty || name.domain.equalsIgnoringCase(address.domain))
        }
    }

    /// Equal before an extension behind `+`.
    private static func sameName(_ address: MailAddress, _ own: MailAddress) -> Bool {
        address.localPart.equalsIgnoringCase(own.localPart)
            || address.localPart.prefix { $0 != UInt8(ascii: "+") }
                .equalsIgnoringCase(own.localPart)
    }
}
