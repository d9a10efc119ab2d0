import Testing

@testable import Formail

@Suite struct CommandLineTests {
    private func parse(_ words: String...) throws(FormailRefusal) -> FormailOptions {
        try FormailCommandLine.parse(words.map { Array($0.utf8) })
    }

    @Test func lettersMayStandTogether() throws {
        let options = try parse("-rktbz", "-ns", "cat", "-x")
        #expect(options.replies && options.keepsBody && options.zapsBlanks && !options.escapesFrom)
        #expect(options.replyTarget == .header)
        #expect(options.parallel == .asManyAsPossible)
        #expect(options.splitting?.program == [Array("cat".utf8), Array("-x".utf8)])
    }

    @Test func numbersStandBesideTheirLetterOrBehindIt() throws {
        #expect(try parse("-n2", "-s").parallel == .atMost(2))
        #expect(try parse("-n", "2", "-s").parallel == .atMost(2))
        #expect(try parse("-n", "-s").parallel == .asManyAsPossible)
        #expect(try parse("+1", "-20", "-m", "3", "-s").minimumFields == 3)
        #expect(try parse("+1", "-20", "-s").skipped == 1)
        #expect(try parse("+1", "-20", "-s").total == 20)
        #expect(try parse("-99999999999999999999", "-s").total == .max)
        let cache = FormailOptions.Cache(limit: 8192, path: Array("file".utf8))
        #expect(try parse("-D", "8192", "file").cache == cache)
        #expect(try parse("-D8192", "file").cache == cache)
    }

    @Test func quietIsUnsetByADash() throws {
        #expect(try parse("-q").isQuiet)
        #expect(try !parse("-q-").isQuiet)
    }

    @Test(arguments: [
        ["x"], ["-Z"], ["-e"], ["-d"], ["+1"], ["-1"], ["-m2"], ["-n"], ["-k"], ["-x"],
        ["-D", "x", "f"],
        ["-D", "1"], ["-sx"], ["-l", "f", "-x", "Subject:"],
    ])
    func aWrongLineIsRefused(_ words: [String]) {
        #expect(throws: FormailRefusal.usage) {
            try FormailCommandLine.parse(words.map { Array($0.utf8) })
        }
    }

    @Test(arguments: [
        ["-a", "Subject"], ["-A", "X-"], ["-x", "a b"], ["-i", "a\u{1}b: x"], ["-R", "A:", "B"],
        ["-R", "A: b c"], ["-a", "Resent-", "-r"], ["-R", "A:"], ["-I", ": x"],
    ])
    func aNameThatIsNoneIsRefused(_ words: [String]) {
        #expect {
            try FormailCommandLine.parse(words.map { Array($0.utf8) })
        } throws: {
            if case .invalidField = $0 as? FormailRefusal { true } else { false }
        }
    }

    @Test func aNameMayBeABeginningWhereFieldsAreSought() throws {
        let options = try parse("-I", "X-", "-x", "", "-R", "X-", "Y-", "-R", "Old: New:")
        #expect(options.deleted.first?.name.elementsEqual("X-".utf8) == true)
        #expect(options.extracted.first?.nameLength == 0)
        #expect(options.renamings.map(\.new) == [Array("Y-".utf8), Array("New:".utf8)])
    }
}
