import Posix
import TestSupport
import Testing

@testable import Settings

@Suite struct DovecotTests {
    private func read(_ text: String) throws -> [String] {
        let directory = try TemporaryDirectory()
        return try DovecotReader.read(directory.file("dovecot.conf", text)).map(flat)
    }

    /// An entry on one line: `name=value`, or `name(label){entries}`.
    private func flat(_ entry: DovecotEntry) -> String {
        switch entry {
        case .setting(let setting): "\(setting.name)=\(setting.value)"
        case .block(let block):
            "\(block.name)(\(block.label)){\(block.entries.map(flat).joined(separator: ";"))}"
        }
    }

    @Test(arguments: [
        ("listen= *", ["listen=*"]), ("a = b # signifie c", ["a=b"]), ("a = b#c", ["a=b#c"]),
        ("# a = b\n\n  a=b", ["a=b"]), ("a = \"b # c\" # d", ["a=b # c"]),
        ("a = 'b \"c\"'", ["a=b \"c\""]), (#"a = "b\"c\\d""#, [#"a=b"c\d"#]), ("a =", ["a="]),
        ("a = b \\\n  c", ["a=b c"]), ("a = b\r\nc = d\r\n", ["a=b", "c=d"]),
        ("a = x\nb = $a y $none", ["a=x", "b=x y "]), ("a = \"$b\"", ["a=$b"]),
        ("ssl_cert = </etc/x", ["ssl_cert=</etc/x"]),
        ("passdb {\n driver = pam\n}", ["passdb(){driver=pam}"]),
        ("protocol imap { # x\n a = b\n}\n", ["protocol(imap){a=b}"]),
        ("passdb{\n}", ["passdb(){}"]), ("mailbox \"Sent Items\" {\n}", ["mailbox(Sent Items){}"]),
        ("a {\n b c {\n d = e\n }\n f = g\n}\nh = i", ["a(){b(c){d=e};f=g}", "h=i"]),
    ])
    func readsTheLanguage(text: String, entries: [String]) throws {
        #expect(try read(text) == entries)
    }

    @Test(arguments: [
        ("a", 1, "neither 'name = value' nor 'name {'"), ("x = 1\n}", 2, "'}' without a block"),
        ("x = 1\na {\nb = c", 2, "missing '}'"), ("a = \"b", 1, "missing \" at the end"),
        ("a {\n} b", 2, "garbage after '}'"), ("!import x", 1, "unknown directive !import"),
        ("!include", 1, "an include without a file"), ("!include nothere.conf", 1, "open "),
        ("!include none.d/*.conf", 1, "list"), ("a {\n} # x\n}", 3, "'}' without a block"),
        (String(repeating: "a {\n", count: 17), 17, "blocks nest more than 16 deep"),
        ("!include dovecot.conf", 1, "files include files more than 10 deep"),
    ])
    func saysWhereAFileIsWrong(text: String, line: Int, reason: String) throws {
        do {
            _ = try read(text)
            Issue.record("accepted")
        } catch let error as DovecotError {
            #expect(error.place.line == line)
            #expect(error.text.hasPrefix(reason) || reason == "list", "\(error)")
        }
    }

    @Test func includesFilesInTheirOrder() throws {
        let directory = try TemporaryDirectory()
        try directory.file("conf.d/20-b.conf", "b = 2\n")
        try directory.file("conf.d/10-a.conf", "a = 1\n!include part.ext\n")
        try directory.file("conf.d/part.ext", "passdb {\n driver = pam\n}\n")
        try directory.file("conf.d/.hidden.conf", "h = 1\n")
        let file = try directory.file(
            "dovecot.conf", "!include conf.d/*.conf\n!include_try local.conf\nz = 3\n")
        let entries = try DovecotReader.read(file).map(flat)
        #expect(entries == ["a=1", "passdb(){driver=pam}", "b=2", "z=3"])
    }

    @Test func aBlockEndsInTheFileWhereItBegan() throws {
        let directory = try TemporaryDirectory()
        try directory.file("end.conf", "}\n")
        let file = try directory.file("dovecot.conf", "passdb {\n!include end.conf\n")
        #expect(throws: DovecotError.self) { try DovecotReader.read(file) }
    }

    private func load(_ text: String, service: String = "imap") throws -> AccessSettings {
        let directory = try TemporaryDirectory()
        return try AccessSettings.load(directory.file("d.conf", text), service: service)
    }

    @Test func readsTheSettingsOfTheCourse() throws {
        let settings = try load(
            """
            protocols = imap
            listen= *
            mail_location = maildir:/var/mail/vmail/%d/%n
            disable_plaintext_auth = no # signifie authentification plaintext enable
            passdb {
              driver = passwd-file
              args = scheme=CRYPT username_format=%u /etc/dovecot/users
            }
            """)
        #expect(settings.protocols == ["imap"] && settings.listen == ["*"])
        #expect(settings.mailLocation == "maildir:/var/mail/vmail/%d/%n")
        #expect(!settings.disablePlaintext)
        #expect(settings.passwordDatabases.map(\.driver) == ["passwd-file"])
        #expect(settings.warnings.isEmpty)
    }

    @Test func aProtocolsOwnBlockOutweighsTheRest() throws {
        let text = "protocol pop3 {\n pop3_uidl_format = %v.%u\n}\npop3_uidl_format = %u\n"
        #expect(try load(text, service: "pop3").pop3UIDLFormat == UIDLFormat("%v.%u"))
        #expect(try load(text, service: "imap").pop3UIDLFormat == UIDLFormat("%u"))
    }

    @Test func refusesAFormatThatWouldRenumberEveryMessage() {
        #expect(throws: DovecotError.self) { try load("pop3_uidl_format = %f\n") }
    }

    @Test(arguments: [
        ("mail_plugins = quota", "not supported yet: mail_plugins"),
        ("mail_plugin = quota", "unknown setting: mail_plugin"),
        ("ssl = yes", "not supported yet: ssl = yes"),
        ("mail_max_userip_connections = 3", "not supported yet: mail_max_userip_connections"),
        ("protocols = pop3", "imap is not in protocols, but served where it is started"),
        ("listen = 10.0.0.1", "listen has no effect: inetd, systemd or --listen say where"),
        ("service auth {\n}", "not supported yet: service auth {"),
        ("servce auth {\n}", "unknown block: servce auth {"),
        ("namespace x {\n prefix = y\n}", "not supported yet: namespace x {"),
        (
            "auth_mechanisms = plain cram-md5",
            "not supported yet: authentication mechanism cram-md5"
        ),
        (
            "passdb {\n driver = pam\n default_fields = x\n}",
            "not supported yet: default_fields in passdb"
        ),
    ])
    func warnsAboutWhatItDoesNotHonour(text: String, warning: String) throws {
        let warnings = try load(text).warnings
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.hasSuffix("d.conf, line 1: \(warning)") == true
                || warnings.first?.hasSuffix("d.conf, line 3: \(warning)") == true, "\(warnings)")
    }

    @Test(arguments: [
        "disable_plaintext_auth = maybe", "first_valid_uid = -1", "auth_failure_delay = 2",
        "auth_failure_delay = 9223372036854775807 weeks", "passdb {\n}", "userdb {\n}",
        "dovecot_config_version = 2.4.0", "passdb {\n driver = pam\n deny = yes\n}",
        "passdb {\n driver = pam\n master = yes\n}",
    ])
    func refusesWhatItCannotObey(text: String) throws {
        #expect(throws: DovecotError.self) { try load(text) }
    }

    @Test(arguments: [("2 secs", 2), ("1m", 60), ("0", 0), ("1 hours", 3600), ("3s", 3)])
    func readsTimes(text: String, seconds: Int) throws {
        #expect(try load("auth_failure_delay = \(text)").failureDelay == seconds)
    }

    @Test func readsAnEmptyFile() throws {
        let settings = try load("")
        #expect(settings.warnings.isEmpty && settings.passwordDatabases.isEmpty)
        #expect(settings.disablePlaintext && settings.firstValidUser == 500)
    }
}
