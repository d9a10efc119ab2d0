import Bytes
import Testing

@testable import Recipes

/// Each row is what Debian's procmail answered for `* V ?? expression`.
struct PatternCase: Sendable, CustomTestStringConvertible {
    let text: String
    let expression: String
    /// nil: no match; else MATCH, `-` when it is left alone.
    let match: String?

    init(_ text: String, _ expression: String, _ match: String?) {
        (self.text, self.expression, self.match) = (text, expression, match)
    }

    var testDescription: String { "\(expression) in \(text)" }
}

@Suite struct PatternTests {
    static let lines = "a\nb\nc"

    static let cases: [PatternCase] = [
        PatternCase("abc", "^^$", nil), PatternCase("abc", "^^^abc", nil),
        PatternCase("abc", "^^abc", "-"), PatternCase("abc", "^^$abc", nil),
        PatternCase("abc", "abc^^", "-"), PatternCase("abc", "abc$^^", nil),
        PatternCase("abc", "abc$$", nil), PatternCase("abc", "a(*b)c", nil),
        PatternCase("abc", "()*", "-"), PatternCase("abc", "a**b", nil),
        PatternCase("ab*b", "a**b", "-"), PatternCase("ab*b", "a*+b", nil),
        PatternCase("ab*b", "(a*)*b", "-"), PatternCase("abc", "a[b", "-"),
        PatternCase("abc", "^^a|^^zz|c^^", "-"), PatternCase("abc", "x|^^abc", "-"),
        PatternCase("abc", "(^^a)", "-"), PatternCase("abc", "(c^^)", "-"),
        PatternCase("abc", "x\\n", nil), PatternCase("abc", "a\\/b", "b"),
        PatternCase("abc", "a\\/.*", "bc"), PatternCase("abc", "a\\/.*$", "bc"),
        PatternCase("abc", "()\\/", ""), PatternCase("abc", "()\\/^.*", "abc"),
        PatternCase("abc", "a(x|\\/b)c", "bc"), PatternCase("abc", "a\\/b\\/c", "c"),
        PatternCase("abc", ".*\\/.", "a"), PatternCase("abc", ".*\\/c", "c"),
        PatternCase("abc", "a*\\/.", "a"), PatternCase("abc", "[^b]\\/.*", "bc"),
        PatternCase("abc", "()\\/[a-z]+", "abc"),
        PatternCase(lines, "a$b", "-"), PatternCase(lines, "a$^b", nil),
        PatternCase(lines, "^b$", "-"), PatternCase(lines, "a\\/$b", "\nb"),
        PatternCase(lines, "a$\\/.*", "b"), PatternCase(lines, "a\\/$.*$", "\nb\n"),
        PatternCase(lines, "()\\/.*", ""), PatternCase(lines, "()\\/b$.*", "b\nc"),
        PatternCase(lines, "^\\/.*$", "a\n"), PatternCase(lines, "b\\/(.|$)*", "\nc"),
        PatternCase("", "^^^^", "-"), PatternCase("", "^^$^^", nil),
        PatternCase("", "$$", "-"), PatternCase("", ".", nil),
        PatternCase("foo bar, baz_1", "foo\\<bar", "-"),
        PatternCase("foo bar, baz_1", "bar\\>,", nil),
        PatternCase("foo bar, baz_1", "1\\>", "-"),
        PatternCase("foo bar, baz_1", "foo\\>\\/.*", "bar, baz_1"),
        PatternCase("foo bar, baz_1", "FOO\\/ BAR", " bar"),
        PatternCase("[x]-]", "[]]x", nil), PatternCase("[x]-]", "[^]]-", nil),
        PatternCase("[x]-]", "[x-]", "-"), PatternCase("[x]-]", "[--0]", "-"),
        PatternCase("[x]-]", "[b-a]", nil), PatternCase("[x]-]", "[\\]]", nil),
        PatternCase("[x]-]", "\\[x", "-"), PatternCase("[x]-]", "[^^]x", "-"),
        PatternCase("a\\b", "a\\\\b", "-"), PatternCase("abc", "c^^^", nil),
        PatternCase("abc", "c^^$", nil), PatternCase("abc", "c\\/^^$", nil),
        PatternCase("abc", "c(^^|$)", "-"), PatternCase("abc", "b\\/c^^", "c"),
        PatternCase("abc", "a|b\\/c", "-"),
        // A `\/` that is passed without an octet counts for the alternatives behind it.
        PatternCase("x body", "()\\/foo|body", "body"), PatternCase("x body", "()\\/foo|x|bo", "x"),
        PatternCase("x body", "x(\\/ q| bo)", " bo"), PatternCase("x body", "x*(\\/q|bo)", "bo"),
        PatternCase("x body", "x(\\/ )?.b", " b"), PatternCase("x body", "body|()\\/q", "-"),
        PatternCase("x body", "(b|()\\/q)ody", "-"), PatternCase("x body", "x\\/ q| bo", "-"),
    ]

    @Test(arguments: cases)
    func matchesAsProcmailDoes(_ c: PatternCase) throws {
        let search = PatternSearch(try Pattern(Array(c.expression.utf8)))
        let area = Array(c.text.utf8)
        let found = search.search(area.span)
        let seen = found.map { $0.match.map { String(latin1: area[$0]) } ?? "-" }
        #expect(seen == c.match)
    }

    @Test(arguments: ["(ab", "((x)"])
    func anOpenGroupIsNoExpression(_ text: String) {
        #expect(throws: PatternError.self) { try Pattern(Array(text.utf8)) }
    }

    @Test func aCloseTooManyIsNoExpression() {
        #expect(throws: PatternError(.unexpectedClose, at: 1)) { try Pattern(Array("a)b".utf8)) }
    }

    @Test func anExpressionBeyondTheLimitIsRefused() {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: Pattern.limit + 1)
        #expect(throws: PatternError.self) { try Pattern(long) }
    }

    @Test func caseCountsWhenAsked() throws {
        let search = PatternSearch(try Pattern(Array("Abc".utf8), ignoringCase: false))
        #expect(search.search(Array("abc".utf8).span) == nil)
        #expect(search.search(Array("xAbc".utf8).span)?.end == 4)
    }

    @Test func deepNestingDoesNotExhaustTheStack() throws {
        let depth = 50_000
        let text =
            [UInt8](repeating: UInt8(ascii: "("), count: depth) + Array("a".utf8)
            + [UInt8](repeating: UInt8(ascii: ")"), count: depth)
        let search = PatternSearch(try Pattern(text))
        #expect(search.search(Array("xa".utf8).span)?.end == 2)
    }

    /// Octets and states looked at in `area`, by as many searches as a weighted condition makes.
    private func steps(_ expression: String, _ area: [UInt8]) throws -> Int {
        let search = PatternSearch(try Pattern(Array(expression.utf8)))
        var place = 0
        while let found = search.search(area.span, from: place), found.end > place {
            place = found.end
        }
        return search.steps
    }

    /// Expressions that a backtracking matcher, a search for the longest match or a memory of sets
    /// would pay for.
    static let hostile = [
        "(a*)*b", "(a|aa)+$x", "(.*)(.*)(.*)x", "a\\/(a*)*b", "(x+x+)+y", "a", "a*", "()\\/a",
        "()\\/a((.|$)*z)?", "()\\/(a(.|$)*z|a)", "()\\/.*$", "a.............b",
        "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c",
    ]

    @Test(arguments: hostile)
    func noTextTakesMoreThanLinearSteps(_ expression: String) throws {
        let kinds: [(Int) -> UInt8] = [
            { _ in UInt8(ascii: "a") }, { $0 % 2 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b") },
            { $0 % 7 == 0 ? .lf : UInt8(ascii: "a") },
            // Neither a period nor a short run: automata that remember places see ever new ones.
            { ($0 &* $0 &+ $0 >> 3) % 3 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b") },
        ]
        for kind in kinds {
            let short = try steps(expression, (0..<2_000).map(kind))
            let long = try steps(expression, (0..<16_000).map(kind))
            // Eight times the text: sixty-four times the steps would be quadratic.
            #expect(long <= short * 10)
        }
    }

    @Test func theMemoryOfSetsIsForgottenAndTheAnswerStays() throws {
        let tail = String(repeating: "(a|b)", count: 14)
        let text = "(a|b)*a\(tail)c"
        let search = PatternSearch(try Pattern(Array(text.utf8)))
        var state = UInt32(1)
        var area = (0..<100_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return state >> 31 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b")
        }
        #expect(search.search(area.span) == nil)
        area += Array("abbbbbbbbbbbbbbc".utf8)
        #expect(search.search(area.span)?.end == area.count)
    }

    @Test(arguments: [
        "c$\\/", "c$\\/.*", "()\\/$$", "c^^\\/", "()\\/^^^^", "()\\/^^", "(c|$)\\/$?",
    ])
    func theTextForMatchNeverLeavesTheArea(_ expression: String) throws {
        for text in ["abc", "", "c", "\n", "c\n"] {
            let search = PatternSearch(try Pattern(Array(expression.utf8)))
            let area = Array(text.utf8)
            if let match = search.search(area.span)?.match {
                #expect(match.upperBound <= area.count)
            }
        }
    }

    @Test func aSearchGoesOnWhereTheLastEnded() throws {
        let search = PatternSearch(try Pattern(Array("^.*$".utf8)))
        let area = Array("a\nb\n".utf8)
        var (place, count) = (0, 0)
        while let found = search.search(area.span, from: place), found.end > place {
            place = found.end
            count += 1
        }
        // The empty rest behind the last newline counts: procmailsc(5) says so.
        #expect(count == 3)
    }
}
