import Bytes
import Testing

@testable import LocalDelivery

@Suite struct PlainCommandTests {
    /// What `/bin/sh -c 'printf "[%s]" …'` makes of each, with EXTENSION=x, HOME=/home/a, EMPTY=.
    @Test(arguments: [
        ("/usr/bin/procmail", ["/usr/bin/procmail"]),
        ("procmail -a \"$EXTENSION\"", ["procmail", "-a", "x"]),
        ("procmail -a \"$EMPTY\"", ["procmail", "-a", ""]),
        ("procmail -a $EMPTY -t", ["procmail", "-a", "-t"]),
        ("procmail -a ${EXTENSION}y'z w'", ["procmail", "-a", "xyz w"]),
        (
            "/p DEFAULT=$HOME/Maildir/ MAILDIR=${HOME}/Maildir",
            ["/p", "DEFAULT=/home/a/Maildir/", "MAILDIR=/home/a/Maildir"]
        ),
        ("exec  /p\t-t ", ["/p", "-t"]),
        ("/p \\$HOME \"\\$HOME\\n\"", ["/p", "$HOME", "$HOME\\n"]),
        ("/p $UNSET\"\"", ["/p", ""]),
    ])
    func readsWhatAShellWouldOnlyTakeApart(line: String, words: [String]) {
        let plain = read(line)
        #expect(plain?.words.map { String(printable: $0) } == words)
    }

    @Test(arguments: [
        "", " ", "exec", "A=b /p", "/p | cat", "/p > f", "/p; true", "/p && q", "/p || exit 75",
        "/p `id`", "/p $(id)", "/p \"$(id)\"", "/p \"`id`\"", "/p *", "/p a?b", "/p [a]", "/p ~/x",
        "/p #c", "/p $1", "/p $$", "/p ${A:-b}", "/p ${HOME", "/p 'open", "/p \"open", "/p {a,b}",
        "/p a\\", "/p a\nb", "! /p", "(/p)", "$UNSET", "\"\" a",
    ])
    func leavesEverythingElseToTheShell(line: String) { #expect(read(line) == nil) }

    private func read(_ line: String) -> PlainCommand? {
        let values = ["EXTENSION": "x", "HOME": "/home/a", "EMPTY": ""]
        return PlainCommand(Array(line.utf8)) { name in
            Array((values[String(printable: Array(name))] ?? "").utf8)
        }
    }
}
