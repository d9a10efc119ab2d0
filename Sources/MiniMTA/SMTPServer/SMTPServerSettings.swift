package import Settings

/// The parameters of smtpd.
package struct SMTPServerSettings: SettingsGroup {
    package var banner = ""
    package var timeout = 0
    package var perRequestDeadline = false
    package var minimumDataRate = 0
    package var errorSleep = 0
    package var softErrorLimit = 0
    package var hardErrorLimit = 0
    package var junkCommandLimit = 0
    package var lineLengthLimit = 0
    package var recipientLimit = 0
    package var recipientOvershootLimit = 0
    package var heloRequired = false
    package var disablesVRFY = false
    package var strictEnvelopes = false
    package var delaysReject = false
    package var peerNameLookup = false
    package var forbiddenCommands: [String] = []
    package var mailName = ""
    package var fastFlushDomains: [String] = []

    package init() {}

    package static let parameters: [Parameter<SMTPServerSettings>] =
        sessionParameters + [
            .flag(
                "smtpd_helo_required", \.heloRequired, "no",
                "A client must say HELO or EHLO before MAIL."),
            .flag("disable_vrfy_command", \.disablesVRFY, "no", "VRFY is refused."),
            .flag(
                "strict_rfc821_envelopes", \.strictEnvelopes, "no",
                "Addresses of MAIL and RCPT must stand in angle brackets, without comments."),
            .flag(
                "smtpd_delay_reject", \.delaysReject, "yes",
                "Client, HELO and sender are judged at RCPT, so that the log shows all of them."),
            .flag(
                "smtpd_peername_lookup", \.peerNameLookup, "yes",
                "A client's name is looked up."),
            .list(
                "smtpd_forbidden_commands", \.forbiddenCommands, "CONNECT GET POST",
                "Commands of other protocols that end a session."),
            .text("mail_name", \.mailName, "Postfix", "The name of this mail system."),
            .list(
                "fast_flush_domains", \.fastFlushDomains, "$relay_domains",
                "The domains that ETRN may ask for."),
        ]

    private static let sessionParameters: [Parameter<SMTPServerSettings>] = [
        .text(
            "smtpd_banner", \.banner, "$myhostname ESMTP $mail_name",
            "What follows 220 in the greeting."),
        .time(
            "smtpd_timeout", \.timeout, "${stress?{10}:{300}}s", in: 1...Int(Int32.max),
            "How long a client may take for a command or a part of the content."),
        .flag(
            "smtpd_per_request_deadline", \.perRequestDeadline, "${stress?{yes}:{no}}",
            "The content as a whole must come at smtpd_min_data_rate."),
        .count(
            "smtpd_min_data_rate", \.minimumDataRate, "500", in: 1...Int(Int32.max),
            "Octets a second that a deadline is extended by."),
        .time(
            "smtpd_error_sleep_time", \.errorSleep, "1s",
            "The delay of replies after smtpd_soft_error_limit errors."),
        .count(
            "smtpd_soft_error_limit", \.softErrorLimit, "10", in: 1...Int(Int32.max),
            "Errors after which replies are delayed."),
        .count(
            "smtpd_hard_error_limit", \.hardErrorLimit, "${stress?{1}:{20}}",
            in: 1...Int(Int32.max), "Errors after which the session ends."),
        .count(
            "smtpd_junk_command_limit", \.junkCommandLimit, "${stress?{1}:{100}}",
            in: 1...Int(Int32.max), "Commands without mail after which each is an error."),
        .count(
            "line_length_limit", \.lineLengthLimit, "2048", in: 512...1_048_576,
            "The octets of a command that are read."),
        .count(
            "smtpd_recipient_limit", \.recipientLimit, "1000", in: 1...Int(Int32.max),
            "Recipients of a message."),
        .count(
            "smtpd_recipient_overshoot_limit", \.recipientOvershootLimit, "1000",
            in: 1...Int(Int32.max), "Recipients beyond that before each is an error."),
    ]
}

/// The parameters of smtpd that say who may send what to whom.
package struct SMTPAccessSettings: SettingsGroup {
    package var client: [String] = []
    package var helo: [String] = []
    package var sender: [String] = []
    package var relay: [String] = []
    package var recipient: [String] = []
    package var data: [String] = []
    package var endOfData: [String] = []
    package var relayFirst = true
    package var rejectsUnlistedRecipient = false
    package var localRecipientMaps: [String] = []
    package var virtualMailboxMaps: [String] = []
    package var relayRecipientMaps: [String] = []
    package var unknownLocalCode = 0
    package var unknownVirtualAliasCode = 0
    package var unknownVirtualMailboxCode = 0
    package var unknownRelayCode = 0
    package var accessDeniedCode = 0
    package var relayDeniedCode = 0
    package var deferCode = 0
    package var allowsUntrustedRouting = false
    package var softBounce = false
    package var localHeaderRewriteClients: [String] = []

    package init() {}

    package static let parameters: [Parameter<SMTPAccessSettings>] = lists + codes

    private static let lists: [Parameter<SMTPAccessSettings>] = [
        .words("smtpd_client_restrictions", \.client, "", "Judges the client."),
        .words("smtpd_helo_restrictions", \.helo, "", "Judges HELO and EHLO."),
        .words("smtpd_sender_restrictions", \.sender, "", "Judges MAIL."),
        .words(
            "smtpd_relay_restrictions", \.relay,
            "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
            "Judges relaying, at RCPT."),
        .words("smtpd_recipient_restrictions", \.recipient, "", "Judges RCPT."),
        .words("smtpd_data_restrictions", \.data, "", "Judges DATA."),
        .words("smtpd_end_of_data_restrictions", \.endOfData, "", "Judges the end of the content."),
        .flag(
            "smtpd_relay_before_recipient_restrictions", \.relayFirst,
            "${{$compatibility_level} <level {3.6} ? {no} : {yes}}",
            "smtpd_relay_restrictions come before smtpd_recipient_restrictions."),
        .flag(
            "smtpd_reject_unlisted_recipient", \.rejectsUnlistedRecipient, "yes",
            "Recipients that do not exist are refused, whatever the lists say."),
        .words(
            "local_recipient_maps", \.localRecipientMaps,
            "proxy:unix:passwd.byname $alias_maps",
            "Where the names of local recipients are; empty: not checked."),
        .words(
            "virtual_mailbox_maps", \.virtualMailboxMaps, "",
            "Where the recipients of virtual_mailbox_domains are."),
        .words(
            "relay_recipient_maps", \.relayRecipientMaps, "",
            "Where the recipients of relay_domains are; empty: not checked."),
        .words(
            "local_header_rewrite_clients", \.localHeaderRewriteClients,
            "permit_inet_interfaces", "The clients whose headers are completed as our own."),
        .flag(
            "allow_untrusted_routing", \.allowsUntrustedRouting, "no",
            "Addresses with a route of the sender's choice pass the relay rules."),
        .flag("soft_bounce", \.softBounce, "no", "Refusals for good become temporary ones."),
    ]

    private static let codes: [Parameter<SMTPAccessSettings>] = [
        .count(
            "unknown_local_recipient_reject_code", \.unknownLocalCode, "550", in: 400...599,
            "The reply to a local recipient that does not exist."),
        .count(
            "unknown_virtual_alias_reject_code", \.unknownVirtualAliasCode, "550", in: 400...599,
            "The reply to a virtual alias that does not exist."),
        .count(
            "unknown_virtual_mailbox_reject_code", \.unknownVirtualMailboxCode, "550",
            in: 400...599, "The reply to a virtual mailbox that does not exist."),
        .count(
            "unknown_relay_recipient_reject_code", \.unknownRelayCode, "550", in: 400...599,
            "The reply to a relay recipient that does not exist."),
        .count(
            "reject_code", \.accessDeniedCode, "554", in: 400...599,
            "The reply of the restriction reject."),
        .count(
            "relay_domains_reject_code", \.relayDeniedCode, "554", in: 400...599,
            "The reply to relaying that is not allowed."),
        .count(
            "defer_code", \.deferCode, "450", in: 400...499, "The reply of the restriction defer."),
    ]
}
