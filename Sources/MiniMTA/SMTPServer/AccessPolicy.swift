import Bytes
import Posix
package import Rewriting
package import SMTPGrammar
import Settings
import Tables

/// Decides who may send what to whom: the restriction lists of main.cf.
///
/// Nothing is permitted by what is not built: such a word answers 451, as Postfix does with a word that
/// it does not know.
package final class AccessPolicy: SessionJudge {
    private let settings: SMTPAccessSettings
    private let resolver: Resolver
    private let recipients: RecipientCheck
    private let networks: NetworkList
    private let lists: [Subject: [Restriction]]
    /// What the lists name and nothing is built for.
    package let notSupported: [String]

    /// A list of restrictions, and what it judges.
    enum Subject: Hashable, CaseIterable {
        case client, helo, sender, relay, recipient, data, endOfData
    }

    /// What a list says.
    private enum Verdict { case permit, pass, refuse(Reply) }

    /// Says what is wrong with a table.
    private let warn: (String) -> Void
    /// The free octets that mail needs: half as much again as the largest message.
    private let roomNeeded: Int
    /// Why no mail is taken: a setting that nothing is built for.
    private let obstacle: String?

    package init(
        _ settings: SMTPAccessSettings, resolver: Resolver, recipients: RecipientCheck,
        networks: NetworkList, roomNeeded: Int, obstacle: String? = nil,
        warn: @escaping (String) -> Void = { _ in }
    ) {
        self.warn = warn
        self.settings = settings
        self.roomNeeded = roomNeeded
        self.obstacle = obstacle
        self.resolver = resolver
        self.recipients = recipients
        self.networks = networks
        var lists: [Subject: [Restriction]] = [:]
        for subject in Subject.allCases {
            lists[subject] = Self.words(settings, subject).map { Restriction($0) }
        }
        self.lists = lists
        notSupported = Subject.allCases.flatMap { lists[$0] ?? [] }.compactMap {
            guard case .notSupported(let word) = $0 else { return nil }
            return word
        }
    }

    /// Relaying is kept from strangers by one of the lists at RCPT.
    package var guardsRelaying: Bool {
        ((lists[.relay] ?? []) + (lists[.recipient] ?? [])).contains(where: \.endsRelaying)
    }

    private static func words(_ settings: SMTPAccessSettings, _ subject: Subject) -> [String] {
        switch subject {
        case .client: settings.client
        case .helo: settings.helo
        case .sender: settings.sender
        case .relay: settings.relay
        case .recipient: settings.recipient
        case .data: settings.data
        case .endOfData: settings.endOfData
        }
    }

    package func isMalformed(_ address: [UInt8]) -> Bool { resolver.finds(malformed: address) }

    /// Why the client may not go on; nil when it may.
    package func refusal(
        at stage: AccessStage, _ request: AccessRequest, delayed: Bool
    ) -> Reply? {
        if stage == .recipient, let obstacle {
            let address = String(printable: request.recipient ?? [])
            return Reply(451, "4.3.5", "<\(address)>: Recipient address rejected: \(obstacle)")
        }
        do throws(TableError) {
            for subject in subjects(at: stage, delayed: delayed) {
                if case .refuse(let reply) = try evaluate(subject, request) {
                    return soften(reply)
                }
            }
            guard stage == .recipient, settings.rejectsUnlistedRecipient,
                let recipient = request.recipient
            else { return nil }
            return try recipients.refusal(of: recipient).map(soften)
        } catch {
            warn("\(error)")
            let text = "<\(String(printable: request.recipient ?? []))>: Temporary lookup failure"
            return Reply(451, "4.3.0", text)
        }
    }

    package func shortage() -> Reply? {
        let refusal = Reply(452, "4.3.1", "Insufficient system storage")
        do throws(SystemError) {
            let free = try Path(".").freeSpace()
            // A file system that has no room for another file has none for a message.
            return free.bytes < UInt64(roomNeeded) || free.inodes == 0 ? refusal : nil
        } catch { return refusal }
    }

    private func subjects(at stage: AccessStage, delayed: Bool) -> [Subject] {
        let early: [Subject] = [.client, .helo, .sender]
        let atRecipient: [Subject] =
            settings.relayFirst ? [.relay, .recipient] : [.recipient, .relay]
        switch stage {
        case .connect: return delayed ? [] : [.client]
        case .hello: return delayed ? [] : [.helo]
        case .mail: return delayed ? [] : [.sender]
        case .recipient: return (delayed ? early : []) + atRecipient
        case .data: return [.data]
        case .endOfData: return [.endOfData]
        }
    }

    private func evaluate(
        _ subject: Subject, _ request: AccessRequest
    ) throws(TableError) -> Verdict {
        if subject == .helo, request.heloName == nil { return .pass }
        for restriction in lists[subject] ?? [] {
            switch try evaluate(restriction, subject, request) {
            case .pass: continue
            case .permit: return .permit
            case .refuse(let reply): return .refuse(reply)
            }
        }
        return .pass
    }

    private func evaluate(
        _ restriction: Restriction, _ subject: Subject, _ request: AccessRequest
    ) throws(TableError) -> Verdict {
        let name = name(of: subject, request)
        switch restriction {
        case .permit: return .permit
        case .reject:
            return .refuse(Reply(settings.accessDeniedCode, "5.7.1", name + "Access denied"))
        case .deferAll: return .refuse(Reply(settings.deferCode, "4.3.2", name + "Try again later"))
        case .permitAuthenticated: return .pass
        case .permitMyNetworks: return try networks.contains(request.client) ? .permit : .pass
        case .permitInterfaces:
            let own = resolver.rules.ownAddresses
            return request.client.address.map(own.contains) ?? true ? .permit : .pass
        case .permitOwnDestination: return try isOwnDestination(request) ? .permit : .pass
        case .rejectUnauthorisedDestination:
            return try relaying(request, Reply(settings.relayDeniedCode, "5.7.1", ""))
        case .deferUnauthorisedDestination:
            return try relaying(request, Reply(454, "4.7.1", ""))
        case .rejectUnauthorisedPipelining:
            let text = name + "Improper use of SMTP command pipelining"
            return request.isPipelined ? .refuse(Reply(503, "5.5.0", text)) : .pass
        case .rejectUnlistedRecipient:
            let refusal = try request.recipient.flatMap { (recipient) throws(TableError) in
                try recipients.refusal(of: recipient)
            }
            return refusal.map { .refuse($0) } ?? .pass
        case .notSupported: return .refuse(Reply(451, "4.3.5", "Server configuration error"))
        }
    }

    private func relaying(
        _ request: AccessRequest, _ reply: Reply
    ) throws(TableError) -> Verdict {
        guard let recipient = request.recipient else { return .pass }
        if try isOwnDestination(request) { return .pass }
        let address = String(printable: recipient)
        return .refuse(Reply(reply.code, reply.status, "<\(address)>: Relay access denied"))
    }

    /// The recipient's domain is delivered here, or mail to it is relayed; an address that asks for a
    /// way beyond a foreign domain is neither.
    private func isOwnDestination(_ request: AccessRequest) throws(TableError) -> Bool {
        guard let recipient = request.recipient else { return false }
        let resolution = try resolver.resolve(recipient)
        if resolution.isRouted, !settings.allowsUntrustedRouting { return false }
        switch resolution.addressClass {
        case .local, .virtualAlias, .virtualMailbox, .relay: return true
        case .default: return false
        }
    }

    private func name(of subject: Subject, _ request: AccessRequest) -> String {
        func quoted(_ bytes: [UInt8]?) -> String { "<\(String(printable: bytes ?? []))>" }
        switch subject {
        case .client: return "<\(request.client.description)>: Client host rejected: "
        case .helo: return quoted(request.heloName) + ": Helo command rejected: "
        case .sender: return quoted(request.sender) + ": Sender address rejected: "
        case .relay, .recipient:
            return quoted(request.recipient) + ": Recipient address rejected: "
        case .data: return "<DATA>: Data command rejected: "
        case .endOfData: return "<END-OF-MESSAGE>: End-of-data rejected: "
        }
    }

    private func soften(_ reply: Reply) -> Reply {
        guard settings.softBounce, reply.code >= 500 else { return reply }
        return Reply(450, "4" + reply.status.dropFirst(), lines: reply.lines)
    }
}
