import Bytes
import Testing

@testable import Recipes

@Suite struct CheckerTests {
    private func findings(_ text: String) -> [String] {
        let checker = RecipeChecker(Array(text.utf8)) { $0.elementsEqual("dir".utf8) }
        checker.check()
        return checker.findings.map {
            "\($0.line):\($0.column) \($0.isError ? "error" : "warning")"
        }
    }

    /// Recipes that are as they should be.
    @Test(arguments: [
        ":0:\n* ^Subject: x\nbox\n", ":0\nmd/\n", ":0\nmh/.\n", ":0\ndir\n", ":0\n/dev/null\n",
        ":0 c\ndir md/\n", "A=1 B=2\n:0 fw\n| cat\n", ":0\n* $ ^X: $UNKNOWN(\n{ }\n",
        ":0 Wh: id.lock\n| formail -D 8192 id\n:0 a:\nold\n", ":0\n* < 1000\n! a@b\n",
        "A=\"x\ny\"\nB='z'\nC=${A:-`d`}\n", ":0\n{\n:0 E\nmd/\n}\n", "MATCH\nHOST=here\n",
        ":0\nmd/\n:0 e\nother/\n", ":0\n* > $LIMIT\nmd/\n", ":0 HB\n* 1^1 x\n* -1^.5 y\nmd/\n",
    ])
    func findsNothing(_ text: String) { #expect(findings(text) == []) }

    @Test(arguments: [
        (":0 x\n* y\nmd/\n", "1:4 error"), (":0 Q: l\n* y\nmd/\n", "1:4 error"),
        (":0: one two\n* y\nbox\n", "1:9 error"), (":0\n* y(z\nmd/\n", "2:6 error"),
        (":0\n* y)z\nmd/\n", "2:4 error"), ("A='x\n:0\nmd/\n", "1:3 error"),
        ("A=1\nB=\"${A:-x\"\n", "2:10 error"), ("A=`x\n", "1:3 error"),
        ("A=${B?x}\n", "1:3 error"), (":0\n{\nA=1\n", "2:1 error"), ("}\n", "1:1 error"),
        (":0\n* x\n\n:0\n* y\nmd/\n", "1:1 error"), (":0\n", "1:1 error"),
        ("one two=3\n1x\n", "2:1 error"), (":0\n* > few\nmd/\n", "2:2 error"),
        (":0\n* < 10 x\nmd/\n", "2:2 error"), (":0\n* ?\nmd/\n", "2:2 error"),
        (":0:\n* x\na b\n", "3:1 error"), (":0 eE\n* x\nmd/\n", "1:1 error"),
    ])
    func namesTheErrorsPlace(_ text: String, _ place: String) {
        #expect(findings(text).contains(place))
    }

    @Test(arguments: [
        (":0\n* x\nbox\n", "1:1 warning"), (":0\n* x\n| cat >> y\n", "1:1 warning"),
        (":0\nmd/\n:0\nmd/\n", "3:1 warning"), (":0\nmd/\n\n# x\nA=1\n", "5:1 warning"),
        (":0\n{\n:0\nmd/\n}\nA=1\n", "6:1 warning"), ("MAILDRI=x\n", "1:1 warning"),
        ("Logfile=x\n", "1:1 warning"), ("LOCKFLE=x\n", "1:1 warning"),
        ("A=foo bar\n", "1:7 warning"),
        (":0\n* \\.com\nmd/\n", "2:4 warning"), (":0\n* a{2}\nmd/\n", "2:4 warning"),
        (":0\n* [[:digit:]]\nmd/\n", "2:3 warning"), (":0\n* x\\d+\nmd/\n", "2:4 warning"),
        (":0 a\n* x\nmd/\n", "1:1 warning"), (":0:\n* x\n{\n}\n", "1:1 warning"),
        (":0 f\n* x\n| cat\n", "1:1 warning"), ("LINEBUF=9\n", "1:1 warning"),
    ])
    func warnsOfWhatIsHardlyMeant(_ text: String, _ place: String) {
        #expect(findings(text) == [place])
    }

    @Test func aBlockThatMayBeLeftOutHidesNothing() {
        #expect(findings(":0\n* x\n{\n:0\nmd/\n}\nA=1\n") == [])
        #expect(findings(":0 c\n{\n:0\nmd/\n}\nA=1\n") == [])
    }

    @Test func namesTheFilesThatAreIncluded() {
        let checker = RecipeChecker(Array("D=/x\n  INCLUDERC=$D/a\nSWITCHRC=$UNKNOWN\n".utf8))
        checker.check()
        #expect(
            checker.inclusions
                == [RecipeChecker.Inclusion(name: Array("/x/a".utf8), line: 2, column: 13)])
    }

    @Test func aFileCutAnywhereIsReadToItsEnd() {
        let text =
            "A=\"x${B:-`c`}\"\n:0 HBw: l\n* ! $ ^S$A\n* 1^0 > 3\n| cat\n:2\nx\ny\n{ :0\nb\n}\n"
        for length in 0...text.utf8.count {
            RecipeChecker(Array(text.utf8.prefix(length))).check()
        }
    }
}
