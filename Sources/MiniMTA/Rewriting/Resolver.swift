import Bytes
package import Posix
package import Tables

/// Finds the class, transport and next hop of an address.
///
/// Our own domains are stripped until a foreign one or none is left, and what then looks like a
/// route is followed: the relay rules see where a letter would really end.
package struct Resolver: Sendable {
    /// A transport of main.cf, such as `local:$myhostname` or `smtp`.
    package struct Transport: Sendable, Equatable {
        package let service: String
        /// Empty when the address's own domain is the destination.
        package let nexthop: [UInt8]

        /// `service` or `service:nexthop`.
        package init(_ text: String) {
            let parts = text.utf8.split(
                separator: .colon, maxSplits: 1, omittingEmptySubsequences: false)
            service = parts.first.map { String(latin1: $0) } ?? ""
            nexthop = parts.count == 2 ? Array(parts[1]) : []
        }
    }

    /// The words of main.cf that it follows.
    package struct Rules: Sendable {
        package var hostName: [UInt8]
        package var destinations = DomainList([])
        package var virtualAliasDomains = DomainList([])
        package var virtualMailboxDomains = DomainList([])
        package var relayDomains = DomainList([], matchesSubdomains: true)
        /// The addresses of `inet_interfaces` and `proxy_interfaces`.
        package var ownAddresses: [IPAddress] = []
        package var localTransport = Transport("local")
        package var virtualTransport = Transport("virtual")
        package var relayTransport = Transport("relay")
        package var defaultTransport = Transport("smtp")
        package var relayHost: [UInt8] = []
        package var emptyAddressRecipient: [UInt8] = Array("MAILER-DAEMON".utf8)
        package var dequotes = true
        package var acceptsNullDomain = false
        package var allowsMinusUser = false

        package init(hostName: [UInt8]) { self.hostName = hostName }
    }

    package let rules: Rules
    private let rewriter: Rewriter

    package init(_ rules: Rules, rewriter: Rewriter) {
        self.rules = rules
        self.rewriter = rewriter
    }

    /// Resolves an address in internal form; the empty one is `empty_address_recipient` here.
    package func resolve(_ address: [UInt8]) throws(TableError) -> Resolution {
        let quoted = AddressQuoting.quote(address)
        let stripped = try strip(AddressToken.scan(quoted), octets: quoted.count)
        var tokens = stripped.tokens
        let at = tokens.lastIndex(of: .at)
        let isRouted = at.map { hasRoute(tokens[..<$0]) } ?? false
        if at == nil {
            tokens += stripped.ownDomain ?? [.at] + AddressToken.scan(rules.hostName)
        }
        let recipient = AddressToken.text(of: tokens)
        guard let split = recipient.lastIndex(of: .at), stripped.isSettled,
            isValid(domain: recipient[(split + 1)...])
        else {
            return Resolution(
                addressClass: .default, transport: "", nexthop: [], recipient: recipient,
                isRouted: isRouted, isMalformed: true)
        }
        let domain = Array(recipient[(split + 1)...])
        let (addressClass, transport) = try route(domain, isOwn: at == nil)
        return Resolution(
            addressClass: addressClass, transport: transport.service,
            nexthop: nexthop(domain, addressClass, transport), recipient: recipient,
            isRouted: isRouted,
            isMalformed: recipient.first == UInt8(ascii: "-") && !rules.allowsMinusUser)
    }

    /// The domain is delivered on this machine: in `mydestination`, or a literal of our addresses.
    package func isOwn(domain: some Collection<UInt8>) throws(TableError) -> Bool {
        var name = Array(domain)
        if name.count > 1, name.last == .dot, name[name.count - 2] != .dot { name.removeLast() }
        if try rules.destinations.contains(name) { return true }
        guard let address = HostNameSyntax.literalAddress(name) else { return false }
        return rules.ownAddresses.contains(address)
    }

    private func isValid(domain: ArraySlice<UInt8>) -> Bool {
        domain.first == UInt8(ascii: "[")
            ? HostNameSyntax.literalAddress(domain) != nil : HostNameSyntax.isName(domain)
    }

    private func route(
        _ domain: [UInt8], isOwn: Bool
    ) throws(TableError) -> (Resolution.AddressClass, Transport) {
        if isOwn { return (.local, rules.localTransport) }
        if try rules.virtualAliasDomains.contains(domain) {
            return (.virtualAlias, Transport("error:5.1.1 User unknown in virtual alias table"))
        }
        if try rules.virtualMailboxDomains.contains(domain) {
            return (.virtualMailbox, rules.virtualTransport)
        }
        if try rules.relayDomains.contains(domain) { return (.relay, rules.relayTransport) }
        return (.default, rules.defaultTransport)
    }

    private func nexthop(
        _ domain: [UInt8], _ addressClass: Resolution.AddressClass, _ transport: Transport
    ) -> [UInt8] {
        if !transport.nexthop.isEmpty { return transport.nexthop }
        switch addressClass {
        case .local: return rules.hostName
        case .virtualAlias, .virtualMailbox: return domain
        case .relay, .default: return rules.relayHost.isEmpty ? domain : rules.relayHost
        }
    }
}

// MARK: - Taking our own domains off

extension Resolver {
    private struct Stripped {
        var tokens: [AddressToken]
        /// The `@domain` of ours that was taken off last.
        var ownDomain: [AddressToken]?
        /// False when a pathological address never came to an end.
        var isSettled = true
    }

    private func strip(
        _ tokens: [AddressToken], octets: Int
    ) throws(TableError) -> Stripped {
        var state = Stripped(tokens: tokens)
        // Each round takes at least one operator off or ends; room for the empty address's name.
        for _ in 0..<(octets + 100) {
            trimDomain(&state.tokens)
            if let at = state.tokens.lastIndex(of: .at) {
                let domain = state.tokens[(at + 1)...]
                if !domain.isEmpty, try !isOwn(domain: AddressToken.text(of: domain)) {
                    return state
                }
                state.ownDomain = Array(state.tokens[at...])
                state.tokens.removeSubrange(at...)
            }
            if followRoute(&state.tokens) { continue }
            if !state.tokens.isEmpty, state.tokens != [.quoted([])] { return state }
            state.tokens = AddressToken.scan(rules.emptyAddressRecipient)
        }
        state.isSettled = false
        return state
    }

    private func trimDomain(_ tokens: inout [AddressToken]) {
        if tokens.count >= 2, tokens.last == .dot, tokens.contains(.at) {
            let previous = tokens[tokens.count - 2]
            if previous != .dot, previous != .at { tokens.removeLast() }
        }
        if rules.acceptsNullDomain, tokens.last == .at { tokens.removeLast() }
    }

    /// Turns a routing operator of the local part into a domain; false when there is none.
    private func followRoute(_ tokens: inout [AddressToken]) -> Bool {
        if tokens.contains(.at) || rewriter.rules.swapBangPath && tokens.contains(.bang)
            || rewriter.rules.percentHack && tokens.contains(.percent)
        {
            rewriter.rewrite(&tokens, context: .local)
            return true
        }
        guard rules.dequotes, tokens.count == 1, case .quoted(var local)? = tokens.first,
            let place = lastOperator(of: local)
        else { return false }
        // Quotes do not hide a route: the next machine may look inside them.
        let isBang = local[place] == UInt8(ascii: "!")
        if !isBang { local[place] = .at }
        tokens = AddressToken.scan(isBang ? local : AddressQuoting.quote(local))
        if !tokens.isEmpty { rewriter.rewrite(&tokens, context: .local) }
        return true
    }

    /// The place of the last `@`, else of the last `%`, else of the last `!`.
    private func lastOperator(of local: [UInt8]) -> Int? {
        if let at = local.lastIndex(of: .at) { return at }
        if rewriter.rules.percentHack, let percent = local.lastIndex(of: UInt8(ascii: "%")) {
            return percent
        }
        return rewriter.rules.swapBangPath ? local.lastIndex(of: UInt8(ascii: "!")) : nil
    }

    private func hasRoute(_ local: ArraySlice<AddressToken>) -> Bool {
        AddressToken.text(of: local).contains {
            $0 == .at || $0 == UInt8(ascii: "!") || $0 == UInt8(ascii: "%")
        }
    }
}
