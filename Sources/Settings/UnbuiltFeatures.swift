/// Parameters that decide what becomes of mail, and that nothing is built for yet.
///
/// Where one is set, mail is neither delivered nor refused as if it were not: the daemon of its part
/// says 451 4.3.5 or defers with 4.3.5, and the mail waits. A feature that is built leaves this table.
/// What only changes an appearance, a speed or a limit is not here: it is warned about.
package enum UnbuiltFeatures {
    /// Who would do the feature's work.
    package enum Part: Sendable {
        /// Address mapping, filters and routes: smtpd refuses, and what came in otherwise waits in the
        /// queue.
        case message
        /// A session of smtpd.
        case session
        /// `local`, for each user.
        case user
        /// `local`, for a name that is no user.
        case unknownUser
    }

    /// What of a parameter's value asks for the feature.
    enum Sign: Equatable, Sendable {
        /// Any value but the empty one.
        case set
        case yes
        /// Any of these words, in small letters.
        case word(Set<String>)

        func isIn(_ value: String) -> Bool {
            switch self {
            case .set: !value.isEmpty
            case .yes: ParameterValue.flag(value) ?? true
            case .word(let words): words.contains(value.lowercased())
            }
        }
    }

    /// The table of one part; the first name that is found is the one that is told.
    static func table(_ part: Part) -> [(name: String, sign: Sign)] {
        switch part {
        case .message: message
        case .session: session
        case .user: user
        case .unknownUser: unknownUser
        }
    }

    private static let message: [(name: String, sign: Sign)] =
        set(
            "canonical_maps", "sender_canonical_maps", "recipient_canonical_maps",
            "masquerade_domains", "virtual_alias_maps", "always_bcc", "sender_bcc_maps",
            "recipient_bcc_maps", "header_checks", "mime_header_checks", "nested_header_checks",
            "body_checks", "message_reject_characters", "message_strip_characters",
            "content_filter", "non_smtpd_milters", "transport_maps", "relocated_maps",
            "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps",
            "default_delivery_status_filter", "local_delivery_status_filter")
        + [
            ("strict_7bit_headers", .yes), ("strict_8bitmime", .yes),
            ("strict_8bitmime_body", .yes), ("strict_mime_encoding_domain", .yes),
        ]

    private static let session: [(name: String, sign: Sign)] =
        set(
            "smtpd_milters", "smtpd_milter_maps", "smtpd_proxy_filter", "smtpd_command_filter",
            // Without it every client has the address of the proxy, which may be trusted.
            "smtpd_upstream_proxy_protocol")
        + [
            ("smtpd_reject_unlisted_sender", .yes), ("smtpd_enforce_tls", .yes),
            ("smtpd_tls_wrappermode", .yes), ("smtpd_tls_security_level", .word(["encrypt"])),
        ]

    private static let user: [(name: String, sign: Sign)] =
        set("mailbox_transport", "mailbox_transport_maps", "mailbox_command_maps")
        + [("require_home_directory", .yes)]

    private static let unknownUser: [(name: String, sign: Sign)] =
        set("fallback_transport", "fallback_transport_maps", "luser_relay")

    private static func set(_ names: String...) -> [(name: String, sign: Sign)] {
        names.map { ($0, .set) }
    }
}

extension MainConfiguration {
    /// Why mail has to wait: `not supported yet: NAME`; nil when all that is asked for is built.
    package func unbuiltFeature(
        of parts: [UnbuiltFeatures.Part]
    ) throws(ConfigurationError) -> String? {
        for (name, sign) in parts.flatMap(UnbuiltFeatures.table)
        where sign.isIn(try value(name)) {
            return "not supported yet: \(name)"
        }
        return nil
    }

    /// The same for what master.cf sets by `-o` for the programs that bring mail into the queue and
    /// ask nobody: `pickup` and `cleanup`.
    package func unbuiltFeature(
        in master: MasterConfiguration
    ) throws(ConfigurationError) -> String? {
        if let own = try unbuiltFeature(of: [.message]) { return own }
        for service in master.services where ["pickup", "cleanup"].contains(service.command) {
            let pairs = service.overrides.filter { !$0.value.isEmpty }
            if let name = try with(overrides: pairs).unbuiltFeature(of: [.message]) { return name }
        }
        return nil
    }
}
