import Bytes
import Testing

@testable import Recipes

@Suite struct InterpreterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let recipes: String
        let steps: [String]
        init(_ recipes: String, _ steps: [String]) { (self.recipes, self.steps) = (recipes, steps) }
        var testDescription: String { recipes }
    }

    static let cases: [Case] = [
        Case(":0\nbox\n", ["deliver box"]),
        Case(":0\nbox", ["deliver box"]),
        Case(":0\r\nbox\r\n", ["deliver box"]),
        Case(":0:\nbox\n", ["lock box.lock", "deliver box", "unlock box.lock"]),
        Case(":0: my.lock\nmd/\n", ["lock my.lock", "deliver md", "unlock my.lock"]),
        Case(":0\n* ^Subject: hi\nyes\n:0\nno\n", ["deliver yes"]),
        Case(":0D\n* ^Subject: hi\nno\n:0\nyes\n", ["deliver yes"]),
        Case(":0B\n* body\nyes\n", ["deliver yes"]),
        Case(":0\n* body\nno\n", []),
        Case(":0HB\n* Hi$$body\nyes\n", ["deliver yes"]),
        Case(":0\n* ! ^Subject\nno\n:0 c\ncopy\n:0\nlast\n", ["deliver copy", "deliver last"]),
        Case(":0\n! a@b c@d\n", ["run sendmail a@b c@d"]),
        Case(":0 w\n| prog x\n", ["run prog x"]),
        Case(":0:\n| prog >> out\n", ["lock out.lock", "run  prog >> out", "unlock out.lock"]),
        Case(":0\n|\n", ["output 54"]),
        Case(":0\n* ^Subject\n{\n :0\n * ^No\n a\n :0\n b\n}\n", ["deliver b"]),
        Case(":0\n* ^No\n{ A=`prog`\n :0\n x\n}\n:0\ny\n", ["deliver y"]),
        Case("F=box\n:0\n$F.2\n", ["deliver box.2"]),
        Case("# note\n\n  :0   # more\n  * ^Subject # text\nno\n", []),
    ]

    @Test(arguments: cases)
    func does(_ c: Case) {
        let run = RecipeRun(c.recipes)
        #expect(run.host.steps == c.steps)
        #expect((run.end == .delivered) == !c.steps.isEmpty)
    }

    @Test(arguments: [
        ("A=1 B=2", "A", "1"), ("A='x y'", "A", "x y"), ("A=\"a $B\\\"\"", "A", "a \""),
        ("B=v\nA=${B}x", "A", "vx"), ("A=${U:-d}", "A", "d"), ("A=${U:-${V:-e}}", "A", "e"),
        ("B=\nA=${B-d}", "A", ""), ("B=x\nA=${B:+y}", "A", "y"), ("A=x#y", "A", "x#y"),
        ("A=x # c", "A", "x"), ("B=a.b\nA=$\\B", "A", "()a\\.b"), ("A=`prog`", "A", "said"),
        ("A=a\\\nb", "A", "ab"), ("A=$$", "A", "1"), ("A=$", "A", "$"),
    ])
    func assigns(_ text: String, _ name: String, _ value: String) {
        #expect(RecipeRun(text + "\n").value(name) == value)
    }

    @Test func anInvalidExpressionDecidesNothing() {
        let run = RecipeRun(":0\n* ^(Subject\nwrong\n")
        #expect(run.end == .fellThrough)
        #expect(run.host.logged.contains("Invalid regexp"))
    }

    @Test func aLockThatDoesNotComeFailsItsRecipe() {
        let run = RecipeRun(":0:\nbox\n:0\nother\n") { $0.locked = ["box.lock"] }
        #expect(run.host.steps == ["lock box.lock", "deliver other"])
    }

    @Test func aFolderThatFailsLetsTheNextRecipeTry() {
        let run = RecipeRun(":0\na\n:0 e\nb\n") { $0.failing = ["a"] }
        #expect(run.host.steps == ["deliver a", "deliver b"])
    }

    @Test func relativeFoldersFailWhenTheDirectoryCannotBeEntered() {
        let run = RecipeRun("MAILDIR=gone\n:0\nbox\n:0\n/abs/box\n") { $0.failing = ["gone"] }
        #expect(run.host.steps == ["deliver /abs/box"])
    }

    @Test func anotherHostEndsTheFile() {
        #expect(RecipeRun("HOST=elsewhere\n:0\nbox\n").end == .otherHost)
    }

    @Test func includesThatCallEachOtherEnd() {
        let run = RecipeRun("INCLUDERC=a\n:0\nbox\n") { $0.files = ["a": "INCLUDERC=a\n"] }
        #expect(run.end == .delivered)
        #expect(run.host.logged.contains("Couldn't read \"a\""))
    }

    @Test func aFileOfBracesDoesNotExhaustTheStack() {
        let text = String(repeating: ":0\n{\n", count: 20_000)
        #expect(RecipeRun(text).end == .fellThrough)
    }

    @Test func aFileCutAnywhereDeliversOrFallsThrough() {
        let text =
            "A=\"x${B:-`prog`}\"\n:0 HBw: lock\n* ! $ ^Sub$A\n* 1^0 > 3\n| cat\n:0\n{ :0\nbox }\n"
        for length in 0...text.utf8.count {
            let cut = String(decoding: Array(text.utf8).prefix(length), as: UTF8.self)
            let run = RecipeRun(cut)
            #expect(run.end == .fellThrough || run.end == .delivered)
        }
    }

    @Test func aValueThatDoublesItselfEnds() {
        let many = (0..<2000).map { "V\($0)=$A\n" }.joined()
        let run = RecipeRun("A=x\n" + String(repeating: "A=$A$A\n", count: 30) + many)
        let sizes = run.interpreter.variables.values.map(\.count)
        #expect(sizes.max() ?? 0 > 100_000)
        #expect(sizes.max() ?? 0 < 300_000)
        #expect(sizes.reduce(0, +) < 70_000_000)
        #expect(run.host.logged.contains("Left out of a value that would be too long"))
    }

    @Test func programsGetWhatTheKernelTakes() {
        let run = RecipeRun("A=x\n" + String(repeating: "A=$A$A\n", count: 18) + "B=$A$A\nC=c\n")
        let environment = run.interpreter.environment
        #expect(environment.contains(Array("C=c".utf8)))
        #expect(environment.map(\.count).max() ?? 0 < 131_072)
    }

    @Test(arguments: [
        ("COMSAT=yes", "notify joe@:/m/box"), ("COMSAT=no", nil), ("COMSAT=biff@gone.example", nil),
        ("COMSAT=@", "notify joe@:/m/box"),
    ])
    func comsatIsToldOfTheLastFolder(_ line: String, _ notice: String?) {
        let run = RecipeRun("MAILDIR=/m\nLOGNAME=joe\n\(line)\n:0\nbox\n")
        run.interpreter.sendNotice()
        #expect(run.host.steps.last == notice ?? "deliver box")
    }
}
