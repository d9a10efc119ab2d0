import Posix
import Testing

@testable import Sendmail

@Suite struct SendmailOptionsTests {
    private func parse(_ words: String, name: String = "sendmail") throws -> SendmailOptions {
        try SendmailOptions(name: name, arguments: words.split(separator: " ").map(String.init))
    }

    static let modes: [(words: String, name: String, mode: SendmailOptions.Mode)] = [
        ("alice", "sendmail", .submit), ("-bm alice", "sendmail", .submit),
        ("", "mailq", .listQueue), ("-bp", "sendmail", .listQueue),
        ("", "newaliases", .rebuildAliases),
        ("-bi", "sendmail", .rebuildAliases), ("-I", "sendmail", .rebuildAliases),
        ("-bs", "sendmail", .serve), ("-bd", "sendmail", .start), ("-bd -q30m", "sendmail", .start),
        ("-q", "sendmail", .flush), ("-qI4B2C", "sendmail", .flushMessage("4B2C")),
        ("-qRexample.org", "sendmail", .flushSite("example.org")), ("-q15m a", "sendmail", .submit),
    ]

    @Test(arguments: modes)
    func findsWhatIsAsked(
        _ row: (words: String, name: String, mode: SendmailOptions.Mode)
    ) throws {
        #expect(try parse(row.words, name: row.name).mode == row.mode)
    }

    @Test func takesTheOptionsThatCallersGive() throws {
        let options = try parse(
            "-oi -odb -oem -Am -f a@b -FName -N success,delay -B8BITMIME alice,bob c")
        #expect(options.ignoresDots)
        #expect(options.sender == "a@b")
        #expect(options.fullName == "Name")
        #expect(options.notify == "success,delay")
        #expect(options.encoding == "8bit")
        #expect(options.recipients == ["alice,bob", "c"])
        #expect(try parse("-t -i").takesRecipientsFromHeader)
        #expect(try parse("-ti").ignoresDots)
        #expect(try parse("-f -x a").sender == "-x")
        #expect(try parse("-- -x").recipients == ["-x"])
        #expect(try parse("-C /etc/x/main.cf a").configuration == "/etc/x")
        #expect(try parse("-bi -oAhash:/a").aliasDatabase == "hash:/a")
    }

    static let faults: [(words: String, want: String)] = [
        ("-Z a", "invalid option -- 'Z'. usage: sendmail [options] [recipient ...]"),
        ("-bx", "unsupported: -bx"), ("-bt", "unsupported: -bt"),
        ("-n a", "-n option not supported"),
        ("-bv a", "not supported yet: -bv"), ("-B9BIT a", "-B option needs 8BITMIME or 7BIT"),
        ("-bs a", "stand-alone mode requires no recipient"), ("-qX", "-qX is not implemented"),
        ("-bp a", "display queue mode requires no recipient"),
        ("-bi a", "alias initialization mode requires no recipient"),
        ("-t -bs", "-t can be used only in delivery mode"),
        ("-q -t", "-t can be used only in delivery mode"),
    ]

    static let warned: [(words: String, want: [String])] = [
        ("-N never,delay a", ["bad -N option value -- ignored"]),
        ("-R most a", ["bad -R option value -- ignored"]),
        ("-v a", ["not supported yet: -v; no report will be mailed"]), ("-v -v a", []),
        ("-v -bi", []), ("-N never -R hdrs -V x a", []), ("-t a", []),
    ]

    @Test(arguments: warned)
    func saysWhatItWillNotDo(_ row: (words: String, want: [String])) throws {
        #expect(try parse(row.words).warnings == row.want)
    }

    @Test(arguments: faults)
    func refusesWhatMakesNoSense(_ row: (words: String, want: String)) {
        let failure = #expect(throws: SendmailFailure.self) { try parse(row.words) }
        #expect(failure?.text.hasPrefix(row.want) == true)
        #expect(failure?.code == ExitCode.temporary)
    }
}
