import Bytes
import Posix
package import Rewriting
package import SMTPGrammar
package import Tables

/// Says whether a recipient exists, before mail for it is taken: whatever is refused here need not be
/// returned to a sender who may be forged.
package struct RecipientCheck {
    private enum Source {
        /// The accounts of this machine.
        case accounts
        case table(LazyTable)
    }

    private let resolver: Resolver
    private let codes: Codes
    private let local: [Source]
    private let mailboxes: [Source]
    private let relayed: [Source]
    private let delimiters: [UInt8]

    /// The reply codes to recipients that do not exist.
    package struct Codes: Sendable {
        let local: Int
        let alias: Int
        let mailbox: Int
        let relay: Int
    }

    /// Opens the tables of `local_recipient_maps` and its kin; an empty list is not checked.
    package init(
        _ settings: SMTPAccessSettings, resolver: Resolver, recipientDelimiter: String
    ) {
        self.resolver = resolver
        delimiters = Array(recipientDelimiter.utf8)
        codes = Codes(
            local: settings.unknownLocalCode, alias: settings.unknownVirtualAliasCode,
            mailbox: settings.unknownVirtualMailboxCode, relay: settings.unknownRelayCode)
        local = Self.sources(settings.localRecipientMaps)
        mailboxes = Self.sources(settings.virtualMailboxMaps)
        relayed = Self.sources(settings.relayRecipientMaps)
    }

    private static func sources(_ words: [String]) -> [Source] {
        words.map { word in
            let name = word.hasPrefix("proxy:") ? String(word.dropFirst(6)) : word
            return name == "unix:passwd.byname" ? .accounts : .table(LazyTable(name))
        }
    }

    /// The reply to a recipient that does not exist; nil when it does, or when nobody can say.
    package func refusal(of recipient: [UInt8]) throws(TableError) -> Reply? {
        let resolution = try resolver.resolve(recipient)
        switch resolution.addressClass {
        case .local:
            if local.isEmpty || isPostmaster(resolution) { return nil }
            if try isListed(resolution, in: local) { return nil }
            return unknown(recipient, codes.local, "local recipient table")
        case .virtualAlias: return unknown(recipient, codes.alias, "virtual alias table")
        case .virtualMailbox:
            if try isListed(resolution, in: mailboxes) { return nil }
            return unknown(recipient, codes.mailbox, "virtual mailbox table")
        case .relay:
            if relayed.isEmpty { return nil }
            if try isListed(resolution, in: relayed) { return nil }
            return unknown(recipient, codes.relay, "relay recipient table")
        case .default: return nil
        }
    }

    private func unknown(_ recipient: [UInt8], _ code: Int, _ table: String) -> Reply {
        let address = String(printable: recipient)
        return Reply(
            code, code >= 500 ? "5.1.1" : "4.1.1",
            "<\(address)>: Recipient address rejected: User unknown in \(table)")
    }

    /// RFC 5321 section 4.5.1: the postmaster can always be reached.
    private func isPostmaster(_ resolution: Resolution) -> Bool {
        localPart(of: resolution).equalsIgnoringCase("postmaster")
    }

    private func localPart(of resolution: Resolution) -> ArraySlice<UInt8> {
        let address = resolution.recipient
        return address[..<(address.lastIndex(of: .at) ?? address.endIndex)]
    }

    private func isListed(
        _ resolution: Resolution, in sources: [Source]
    ) throws(TableError) -> Bool {
        let part = Array(localPart(of: resolution))
        let domain = [UInt8.at] + resolution.domain
        var names = [part]
        if let bare = withoutExtension(part) { names.append(bare) }
        for source in sources {
            switch source {
            case .accounts:
                for name in names where try isAccount(name) { return true }
            case .table(let table):
                var keys = names.map { $0 + domain }
                if resolution.addressClass == .local { keys += names }
                for key in keys + [domain] where try table.lookup(key) != nil { return true }
            }
        }
        return false
    }

    /// `user` of `user+extension`.
    private func withoutExtension(_ part: [UInt8]) -> [UInt8]? {
        guard let place = part.firstIndex(where: delimiters.contains), place > 0 else {
            return nil
        }
        return Array(part[..<place])
    }

    private func isAccount(_ name: [UInt8]) throws(TableError) -> Bool {
        guard !name.isEmpty, !name.contains(0), let text = String(utf8: name.lowercased) else {
            return false
        }
        do throws(SystemError) { return try User.named(text) != nil } catch {
            throw .failed("user \(text): \(error.reason)")
        }
    }
}
