import Testing

@testable import Settings

@Suite struct UnbuiltFeaturesTests {
    private func configuration(_ text: String) throws -> MainConfiguration {
        try MainConfiguration(text: Array("compatibility_level = 3.6\n\(text)\n".utf8))
    }

    static let parts: [UnbuiltFeatures.Part] = [.message, .session, .user, .unknownUser]

    @Test(arguments: parts)
    func everyParameterOfThePartMakesMailWait(_ part: UnbuiltFeatures.Part) throws {
        #expect(try configuration("").unbuiltFeature(of: [part]) == nil)
        for (name, sign) in UnbuiltFeatures.table(part) {
            #expect(KnownParameters.defaultText(of: name) != nil, "\(name)")
            let value =
                switch sign {
                case .set: "hash:/etc/x"
                case .yes: "yes"
                case .word(let words): try #require(words.first)
                }
            let asked = try configuration("\(name) = \(value)").unbuiltFeature(of: [part])
            #expect(asked == "not supported yet: \(name)")
            let unset = try configuration("\(name) =\(sign == .yes ? "no" : "")")
            #expect(try unset.unbuiltFeature(of: [part]) == nil)
        }
    }

    static let rows: [(text: String, part: UnbuiltFeatures.Part, want: String?)] = [
        ("virtual_maps = hash:/x", .message, "virtual_alias_maps"),
        ("canonical_maps = $nothing", .message, nil),
        ("smtpd_tls_security_level = may", .session, nil),
        ("smtpd_tls_security_level = Encrypt", .session, "smtpd_tls_security_level"),
        ("smtpd_reject_unlisted_sender = perhaps", .session, "smtpd_reject_unlisted_sender"),
        ("luser_relay = $user@elsewhere", .unknownUser, "luser_relay"),
        ("mailbox_transport = lmtp:unix:x", .unknownUser, nil),
    ]

    @Test(arguments: rows)
    func theValueDecides(
        _ row: (text: String, part: UnbuiltFeatures.Part, want: String?)
    ) throws {
        let found = try configuration(row.text).unbuiltFeature(of: [row.part])
        #expect(found == row.want.map { "not supported yet: \($0)" })
    }

    static let services: [(arguments: String, want: String?)] = [
        ("pickup -o content_filter=scan:", "content_filter"),
        ("cleanup -o header_checks=pcre:/x", "header_checks"),
        ("smtpd -o content_filter=scan:", nil), ("pickup -o content_filter=", nil),
    ]

    @Test(arguments: services)
    func settingsOfMasterCountWhereNobodyElseWouldAsk(
        _ row: (arguments: String, want: String?)
    ) throws {
        let master = try MasterConfiguration(
            text: Array("x unix n - n - - \(row.arguments)\n".utf8))
        let found = try configuration("").unbuiltFeature(in: master)
        #expect(found == row.want.map { "not supported yet: \($0)" })
    }
}
