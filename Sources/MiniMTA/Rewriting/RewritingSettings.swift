package import Settings

/// The parameters of address rewriting and resolving, all of Postfix's trivial-rewrite that is built.
package struct RewritingSettings: SettingsGroup {
    package var appendAtOrigin = false
    package var appendDotDomain = false
    package var swapBangPath = false
    package var percentHack = false
    package var remoteDomain = ""
    package var dequotes = false
    package var acceptsNullDomain = false
    package var allowsMinusUser = false
    package var emptyAddressRecipient = ""
    package var localTransport = ""
    package var virtualTransport = ""
    package var relayTransport = ""
    package var defaultTransport = ""
    package var relayHost = ""
    package var virtualAliasDomains: [String] = []
    package var virtualMailboxDomains: [String] = []
    package var relayDomains: [String] = []

    package init() {}

    package static let parameters: [Parameter<RewritingSettings>] = forms + routes

    private static let forms: [Parameter<RewritingSettings>] = [
        .flag(
            "append_at_myorigin", \.appendAtOrigin, "yes",
            "An address without a domain gets @$myorigin."),
        .flag(
            "append_dot_mydomain", \.appendDotDomain,
            "${{$compatibility_level} <level {1} ? {yes} : {no}}",
            "A domain without a dot gets .$mydomain."),
        .flag("swap_bangpath", \.swapBangPath, "yes", "host!user is user@host."),
        .flag("allow_percent_hack", \.percentHack, "yes", "user%host is user@host."),
        .text(
            "remote_header_rewrite_domain", \.remoteDomain, "",
            "The domain that strangers' headers are completed with; empty: they are not."),
        .flag(
            "resolve_dequoted_address", \.dequotes, "yes",
            "Quotes do not hide the @, % and ! of a local part."),
        .flag("resolve_null_domain", \.acceptsNullDomain, "no", "user@ is a local user."),
        .flag("allow_min_user", \.allowsMinusUser, "no", "An address may begin with a minus."),
        .text(
            "empty_address_recipient", \.emptyAddressRecipient, "MAILER-DAEMON",
            "The recipient of mail to the null address."),
    ]

    private static let routes: [Parameter<RewritingSettings>] = [
        .text(
            "local_transport", \.localTransport, "local:$myhostname", minimum: 1,
            "The transport of mydestination."),
        .text(
            "virtual_transport", \.virtualTransport, "virtual", minimum: 1,
            "The transport of virtual_mailbox_domains."),
        .text(
            "relay_transport", \.relayTransport, "relay", minimum: 1,
            "The transport of relay_domains."),
        .text(
            "default_transport", \.defaultTransport, "smtp", minimum: 1,
            "The transport of all other domains."),
        .text("relayhost", \.relayHost, "", "The next hop of mail that is not local."),
        .list(
            "virtual_alias_domains", \.virtualAliasDomains, "$virtual_alias_maps",
            "The domains whose addresses are all aliases."),
        .list(
            "virtual_mailbox_domains", \.virtualMailboxDomains, "$virtual_mailbox_maps",
            "The domains that virtual_transport delivers."),
        .list(
            "relay_domains", \.relayDomains,
            "${{$compatibility_level} <level {2} ? {$mydestination} : {}}",
            "The domains that this system relays mail to."),
    ]
}

extension Rewriter {
    package init(_ host: HostSettings, _ settings: RewritingSettings) {
        var rules = Rules(origin: Array(host.myorigin.utf8), domain: Array(host.mydomain.utf8))
        rules.remoteDomain = Array(settings.remoteDomain.utf8)
        rules.appendAtOrigin = settings.appendAtOrigin
        rules.appendDotDomain = settings.appendDotDomain
        rules.swapBangPath = settings.swapBangPath
        rules.percentHack = settings.percentHack
        self.init(rules)
    }
}

extension Resolver {
    /// Reads what the host's settings say of addresses, too: those of `inet_interfaces` and
    /// `proxy_interfaces` are our own.
    package init(
        _ host: HostSettings, _ settings: RewritingSettings
    ) throws(ConfigurationError) {
        var rules = Rules(hostName: Array(host.myhostname.utf8))
        rules.destinations = DomainList(host.mydestination)
        rules.virtualAliasDomains = DomainList(settings.virtualAliasDomains)
        rules.virtualMailboxDomains = DomainList(settings.virtualMailboxDomains)
        rules.relayDomains = DomainList(settings.relayDomains, matchesSubdomains: true)
        rules.ownAddresses = try host.ownInterfaces().map(\.address)
        for word in host.proxyInterfaces {
            rules.ownAddresses += try host.addresses(of: word)
        }
        rules.localTransport = Transport(settings.localTransport)
        rules.virtualTransport = Transport(settings.virtualTransport)
        rules.relayTransport = Transport(settings.relayTransport)
        rules.defaultTransport = Transport(settings.defaultTransport)
        rules.relayHost = Array(settings.relayHost.utf8)
        rules.emptyAddressRecipient = Array(settings.emptyAddressRecipient.utf8)
        rules.dequotes = settings.dequotes
        rules.acceptsNullDomain = settings.acceptsNullDomain
        rules.allowsMinusUser = settings.allowsMinusUser
        self.init(rules, rewriter: Rewriter(host, settings))
    }
}
