import Posix
import Settings
import TestSupport
import Testing

private func configuration(_ text: String) throws -> MainConfiguration {
    try MainConfiguration(text: Array(text.utf8), directory: "/etc/postfix")
}

@Suite struct MainConfigurationTests {
    @Test func joinsContinuedLinesAcrossCommentsAndBlanks() throws {
        let text = "a = one\n  two\n# remark\n   # remark\n\n\tthree\nb=x\n"
        #expect(try configuration(text).value("a") == "one  two\tthree")
        #expect(try configuration(text).value("b") == "x")
    }

    @Test func theLastOfSeveralLinesWinsWithAWarning() throws {
        let read = try configuration("a = 1\n\na = 2\n")
        #expect(try read.value("a") == "2")
        #expect(
            read.readingWarnings == ["/etc/postfix/main.cf, line 3: overriding earlier entry: a=1"])
    }

    @Test func overridesWinOverTheFile() throws {
        let read = try MainConfiguration(
            text: Array("a = 1\n".utf8), overrides: [("a", "2"), ("a", "$b"), ("b", "3")])
        #expect(try read.value("a") == "3")
    }

    static let malformed: [(text: String, want: String)] = [
        ("foo", "line 1: missing '=' after attribute name: \"foo\""),
        ("\nfoo bar = x", "line 2: missing '=' after attribute name: \"foo bar = x\""),
        ("= x", "line 1: missing attribute name: \"= x\""),
        (" a = x", "line 1: logical line must not start with whitespace: \" a = x\""),
    ]

    @Test(arguments: malformed)
    func saysWhichLineIsMalformed(_ row: (text: String, want: String)) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(row.text) }
        #expect(error?.description == "/etc/postfix/main.cf, " + row.want)
    }

    @Test func readsTheSameWhateverItIsCutInto() throws {
        // A file that ends anywhere is a file: reading it never traps.
        let text = Array("a = ${b?{c}:{d}}\n  e\n# f\nb=$a\n{x\n".utf8)
        for end in text.indices {
            let read = try? MainConfiguration(text: text[..<end])
            #expect(read != nil || end > 0)
        }
    }

    @Test func myhostnameAndMydomainFollowFromEachOther() throws {
        #expect(try configuration("myhostname = a.b.c").value("mydomain") == "b.c")
        #expect(try configuration("myhostname = a").value("mydomain") == "localdomain")
        #expect(try configuration("mydomain = x.y").value("mydomain") == "x.y")
        let own = try configuration("mydomain = x.y").value("myhostname")
        #expect(own == (hostName.contains(".") ? hostName : "\(hostName).x.y"))
    }

    @Test func theDirectoryNeedsAFile() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ConfigurationError.self) {
            try MainConfiguration.load(directory: directory.path)
        }
        #expect(
            error?.text == "open \(directory.path)/main.cf: No such file or directory")
    }

    @Test func reportsEveryParameterThatDoesNothing() throws {
        let text = """
            soft_bounce = yes
            mymsg = hello
            smtpd_banner = $mymsg
            nonsense = 1
            slow_destination_rate_delay = 1s
            smtp_destination_rate_delay = 1s
            myhostname = a.b
            smtpd_restriction_classes = mine, yours
            mine = permit
            """
        let master = try MasterConfiguration(text: Array("smtp unix - - n - - smtp\n".utf8))
        let warnings = try configuration(text).warnings(
            honoured: [HostSettings.self], master: master)
        #expect(
            warnings == [
                "/etc/postfix/main.cf, line 1: not supported yet: soft_bounce",
                "/etc/postfix/main.cf, line 3: not supported yet: smtpd_banner",
                "/etc/postfix/main.cf, line 4: unused parameter: nonsense=1",
                "/etc/postfix/main.cf, line 5: unused parameter: slow_destination_rate_delay=1s",
                "/etc/postfix/main.cf, line 6: not supported yet: smtp_destination_rate_delay",
                "/etc/postfix/main.cf, line 8: not supported yet: smtpd_restriction_classes",
            ])
    }

    @Test(
        "a value that asks for nothing is not warned about",
        arguments: [
            "smtp_tls_security_level =", "smtp_tls_security_level = none",
            "smtpd_tls_security_level = None", "smtputf8_enable = no", "biff = no",
            "soft_bounce = no", "readme_directory = /usr/share/doc/postfix",
            "smtpd_banner = $myhostname ESMTP $mail_name",
            "x = 450\nunverified_recipient_reject_code = $x",
        ])
    func modestValues(_ text: String) throws {
        #expect(try configuration(text).warnings(honoured: [HostSettings.self]).isEmpty)
    }

    @Test(arguments: [
        ("-o smtpd_proxy_filter=x", ["m, line 1: not supported yet: -o smtpd_proxy_filter"]),
        ("-o smtpd_proxy_filter=", []),
        ("-o myhostname=x -o syslog_name=y", []),
        ("-o nobody_knows=1", ["m, line 1: unused parameter: -o nobody_knows=1"]),
        ("-o own=1 -o smtpd_banner=$own", []),
    ])
    func warnsOfSettingsInMasterConfiguration(options: String, wanted: [String]) throws {
        let line = "smtp inet n - n - - smtpd \(options)\n"
        let master = try MasterConfiguration(text: Array(line.utf8), file: "m")
        let warnings = try configuration("").warnings(
            honoured: [HostSettings.self], extra: ["syslog_name", "smtpd_banner"], master: master)
        #expect(warnings == wanted, "\(warnings)")
    }

    @Test(
        "a value that asks for what the house has not is warned about",
        arguments: [
            "smtp_tls_security_level = may", "smtputf8_enable = yes",
            "soft_bounce = yes", "smtpd_banner = none", "unverified_recipient_reject_code = $x",
        ])
    func askingValues(_ text: String) throws {
        let name = text.prefix { $0 != " " }
        #expect(
            try configuration(text).warnings(honoured: [HostSettings.self])
                == ["/etc/postfix/main.cf, line 1: not supported yet: \(name)"])
    }
}

@Suite struct SettingsGroupTests {
    struct Sample: SettingsGroup {
        var text = ""
        var count = 0
        var time = 0
        var days = 0
        var flag = false
        var list: [String] = []
        var raw = ""
        static let parameters: [Parameter<Sample>] = [
            .text("s_text", \.text, "$myhostname", minimum: 1, "A text."),
            .count("s_count", \.count, "10", in: 1...20, "A count."),
            .time("s_time", \.time, "300s", in: 1...10000, "A time."),
            .time("s_days", \.days, "5d", "A time in days."),
            .flag("s_flag", \.flag, "no", "A flag."),
            .list("s_list", \.list, "a, b", "A list."),
            .raw("s_raw", \.raw, "$home/x", "A text for later."),
        ]
    }

    @Test func takesDefaultsAsMainCfText() throws {
        let group = try configuration("myhostname = h.d").settings(Sample.self)
        #expect(group.text == "h.d")
        #expect((group.count, group.time, group.days) == (10, 300, 432_000))
        #expect(!group.flag)
        #expect(group.list == ["a", "b"])
        #expect(group.raw == "$home/x")
    }

    @Test func takesUnitsAndReferences() throws {
        let text = "s_time = 2m\ns_days = 2\ns_flag = YES\ns_list = $x c,,{d e}\nx = a b\n"
        let group = try configuration(text).settings(Sample.self)
        #expect((group.time, group.days, group.flag) == (120, 172_800, true))
        #expect(group.list == ["a", "b", "c", "{d e}"])
    }

    static let faults: [(text: String, want: String)] = [
        ("s_text =", "bad string length 0 < 1: s_text = "),
        ("s_count = x", "bad numerical configuration: s_count = x"),
        (
            "s_count = 99999999999999999999",
            "bad numerical configuration: s_count = 99999999999999999999"
        ),
        ("s_count = 0", "invalid s_count: 0 (min 1)"),
        ("s_count = 21", "invalid s_count: 21 (max 20)"),
        ("s_time = 3x", "parameter s_time: bad time value or unit: 3x"),
        ("s_time = -1", "parameter s_time: bad time value or unit: -1"),
        ("s_time = 1 s", "parameter s_time: bad time value or unit: 1 s"),
        ("s_time = 99999999999w", "parameter s_time: bad time value or unit: 99999999999w"),
        ("s_time = 0", "invalid s_time: 0 (min 1)"),
        ("s_flag = maybe", "bad boolean configuration: s_flag = maybe"),
        (
            "s_list = /nonexistent",
            "parameter s_list: open file /nonexistent: No such file or directory"
        ),
    ]

    @Test(arguments: faults)
    func saysWhatIsWrongAndWhere(_ row: (text: String, want: String)) throws {
        let read = try configuration("\n" + row.text)
        let error = #expect(throws: ConfigurationError.self) { try read.settings(Sample.self) }
        #expect(error?.description == "/etc/postfix/main.cf, line 2: " + row.want)
    }

    @Test func includesFilesInLists() throws {
        let directory = try TemporaryDirectory()
        let inner = try directory.file("inner", "x\n# remark\n  y\n")
        let outer = try directory.file("outer", "a \(inner)\n!\(inner)\n")
        #expect(try ParameterValue.list("1, \(outer)") == ["1", "a", "x", "y", "!x", "!y"])
        let loop = try directory.file("loop", "\(directory.path)/loop")
        #expect(throws: ConfigurationError.self) { try ParameterValue.list("\(loop)") }
    }

    @Test func everyHostDefaultParses() throws {
        let read = try configuration("")
        #expect(throws: Never.self) { try read.settings(HostSettings.self) }
        #expect(throws: Never.self) { try read.settings(QueueSettings.self) }
        #expect(throws: Never.self) { try read.settings(LogSettings.self) }
    }
}
