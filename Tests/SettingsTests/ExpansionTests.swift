import Posix
import Settings
import Testing

@Suite struct ExpansionTests {
    /// Text and what it becomes where `foo` is `bar`, `empty` is set to nothing and `nope` unset.
    static let table: [(text: String, want: String)] = [
        ("plain", "plain"), ("$foo.baz", "bar.baz"), ("$foo-x", "bar-x"), ("${foo}", "bar"),
        ("$(foo)", "bar"), ("$$x", "$x"), ("$nope", ""), ("${nope:dflt}", "dflt"),
        ("${foo:dflt}", "bar"), ("${foo?yes no}", "yes no"), ("${nope?yes}", ""),
        ("${empty?yes}", ""), ("${foo ? {1} : {2}}", "1"), ("${nope ? {1} : {2}}", "2"),
        ("x${foo?{ y }:{ z }}w", "xyw"), ("${nope:{ x }}", "x"),
        ("${{$foo} == {bar} ? {eq} : {ne}}", "eq"), ("${{10} < {9}?{lt}:{ge}}", "ge"),
        ("${{a10} < {a9}?{lt}:{ge}}", "lt"), ("${{$foo}!={bar}?{ne}}", ""),
        ("${{3.10} >=level {3.9} ? {a} : {b}}", "a"), ("${{3.10} >= {3.9} ? {a}:{b}}", "b"),
        ("$user", "bar!"), ("${foo?{${nope?{a}:{$foo}}}:{c}}", "bar"),
    ]

    @Test(arguments: table)
    func expands(_ row: (text: String, want: String)) throws {
        let configuration = try MainConfiguration(
            text: Array("foo = bar\nempty =\nuser = $foo!\nresult = \(row.text)\n".utf8))
        #expect(try configuration.value("result") == row.want)
    }

    static let faults: [(text: String, want: String)] = [
        ("$", "empty macro name: \"$\""), ("$ x", "empty macro name: \"$ x\""),
        ("${", "truncated macro reference: \"${\""),
        ("${x", "truncated macro reference: \"${x\""),
        ("${}", "empty macro name: \"${}\""),
        ("${x?{y}", "truncated macro reference: \"${x?{y}\""),
        ("${x!y}", "attribute name syntax error at: \"...x>>>!y\""),
        ("${foo?{y}z}", "\":\" expected at: \"...}>>>z\""),
        ("${{a} ~ {b}?{c}:{d}}", "bad comparison operator: \"~\""),
        ("$result", "unreasonable macro call nesting: \"$result\""),
    ]

    @Test(arguments: faults)
    func reportsWhatIsWrongWithItsLine(_ row: (text: String, want: String)) throws {
        let configuration = try MainConfiguration(
            text: Array("foo = bar\nresult = \(row.text)\n".utf8), directory: "/etc/postfix")
        #expect(throws: ConfigurationError(file: "/etc/postfix/main.cf", line: 2, row.want)) {
            try configuration.value("result")
        }
    }

    @Test func bracesNestedBeyondTheLimitAreAnErrorNotACrash() throws {
        let deep =
            String(repeating: "${foo?{", count: 5000) + "x" + String(repeating: "}}", count: 5000)
        let configuration = try MainConfiguration(text: Array("foo=1\nresult=\(deep)\n".utf8))
        #expect(throws: ConfigurationError.self) { try configuration.value("result") }
    }

    @Test func everyDefaultExpands() throws {
        let configuration = try MainConfiguration(text: [])
        for name in KnownParameters.names {
            // These hold names that their users expand.
            if name.hasSuffix("_expansion_filter") || name == "forward_path" { continue }
            #expect(throws: Never.self) { try configuration.value(name) }
        }
    }
}
