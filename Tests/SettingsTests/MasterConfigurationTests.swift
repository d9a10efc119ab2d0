import Posix
import Settings
import Testing

@Suite struct MasterConfigurationTests {
    private func services(_ text: String) throws -> [ServiceEntry] {
        try MasterConfiguration(text: Array(text.utf8)).services
    }

    @Test func readsEveryColumn() throws {
        let entry = try #require(try services("pickup unix n y n 60? 1 pickup -v\n").first)
        #expect(entry.name == "pickup")
        #expect(entry.endpoint == .unix)
        #expect(!entry.isPrivate && entry.isUnprivileged && !entry.isChrooted)
        #expect((entry.wakeup, entry.wakesOnlyIfUsed) == (60, true))
        #expect(entry.processLimit == 1)
        #expect(entry.command == "pickup")
        #expect(entry.arguments == ["-v"])
        #expect(entry.socketPath == "public/pickup")
    }

    @Test func hyphensStandForDefaults() throws {
        let entry = try #require(try services("bounce unix - - - - - bounce").first)
        #expect(entry.isPrivate && entry.isUnprivileged && !entry.isChrooted)
        #expect((entry.wakeup, entry.wakesOnlyIfUsed) == (0, false))
        #expect(entry.processLimit == nil)
        #expect(entry.socketPath == "private/bounce")
    }

    @Test func takesSettingsFromContinuedLines() throws {
        let text = """
            # remark
            submission inet n - n - - smtpd
              -o syslog_name=postfix/submission
            # remark
              -o { smtpd_banner = hello you }
              -omynetworks=
            """
        let entry = try #require(try services(text).first)
        #expect(entry.line == 2)
        #expect(entry.overrides.map(\.name) == ["syslog_name", "smtpd_banner", "mynetworks"])
        #expect(entry.overrides.map(\.value) == ["postfix/submission", "hello you", ""])
    }

    static let names: [(name: String, host: String?, port: String)] = [
        ("smtp", nil, "smtp"), ("2525", nil, "2525"), ("127.0.0.1:10025", "127.0.0.1", "10025"),
        ("[::1]:25", "::1", "25"), ("localhost:smtp", "localhost", "smtp"), (":25", nil, "25"),
    ]

    @Test(arguments: names)
    func takesInetNames(_ row: (name: String, host: String?, port: String)) throws {
        let entry = try #require(try services("\(row.name) inet n - n - - smtpd").first)
        #expect(entry.endpoint == .inet(host: row.host, port: row.port))
        #expect(entry.socketPath == nil)
    }

    static let faults: [(line: String, want: String)] = [
        ("smtp", "missing service type field"), ("smtp inet n - n -", "missing max_proc field"),
        ("smtp inet n - n - -", "missing command name field"),
        ("smtp tcp n - n - - smtpd", "bad service type: \"tcp\""),
        ("smtp inet x - n - - smtpd", "bad private field: \"x\""),
        ("smtp inet y - n - - smtpd", "inet service cannot be private: \"smtp\""),
        ("a unix - - n 5x - a", "bad wakeup time field: \"5x\""),
        ("a unix - - n - -1 a", "bad max_proc field: \"-1\""),
        ("a unix - - n - - a { b", "missing '}' in \"{ b\""),
        ("a unix - - n - - a\na unix - - n - - b", "duplicate entry for \"a\""),
    ]

    @Test(arguments: faults)
    func saysWhichLineIsMalformed(_ row: (line: String, want: String)) {
        let error = #expect(throws: ConfigurationError.self) { try services(row.line) }
        #expect(error?.text == row.want)
        #expect(error?.line == (row.line.contains("\n") ? 2 : 1))
    }
}
