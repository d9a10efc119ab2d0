import Bytes
import Posix
import TestSupport
import Testing

/// Faults of procmail that mda does not share, each by the number that docs/PROCMAIL.md gives it.
@Suite struct ProcmailFaultTests {
    private static let forged = "\n\nFrom evil@x  Tue Mar  5 09:00:00 2019\nSubject: forged\n\nx\n"

    @Test func b1NulHidesNoForgedLetter() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\nbox\n", letter: "A: \0x\n\na\0b" + Self.forged)
        #expect(mda.text("box")?.contains("\n>From evil@x") == true)
        #expect(mda.text("box")?.contains("\nFrom evil@x") == false)
    }

    @Test func b2EveryLetterOfAnMboxHasItsFromLine() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\nbox\n", letter: "Return-Path: <a@b>\nSubject: x\n\nbody\n")
        #expect(mda.text("box")?.hasPrefix("From a@b  ") == true)
        #expect(try mda.deliver(":0:\nbox\n", letter: "") == 75)
    }

    @Test func b3AnEmptyLineEndsEveryLetter() throws {
        let mda = try BuiltProgram()
        try mda.directory.file("box", "From a  Tue Mar  5 09:00:00 2019\n\nno newline")
        try mda.deliver(":0:\nbox\n", letter: "From joe@x  Tue Mar  5 09:00:00 2019\n\nend")
        #expect(mda.text("box")?.contains("no newline\n\nFrom joe@x") == true)
        #expect(mda.text("box")?.hasSuffix("end\n\n") == true)
    }

    @Test(arguments: ["", "-Y"])
    func b4AContentLengthSwitchesNothingOff(_ options: String) throws {
        var mda = try BuiltProgram()
        mda.options = options
        try mda.deliver(
            ":0:\nbox\n", letter: "Subject: x\nContent-Length: 99999\n\na" + Self.forged)
        #expect(mda.text("box")?.contains("\n>From evil@x") == true)
        // Nor does it point past the letter, or before its end: the `>` counts.
        let parts = (mda.text("box") ?? "").split(separator: "\n\n", maxSplits: 1)
        #expect(parts.first?.hasSuffix("Content-Length:    61") == true)
        #expect(parts.last?.hasSuffix("\n\n") == true && parts.last?.utf8.count == 61 + 1)
    }

    @Test(arguments: [
        "| /nonexistent/program", "| sh -c 'kill -9 $$'", "| ./no-program with words",
    ])
    func b5AProgramThatDidNotRunHasNotTakenTheLetter(_ action: String) throws {
        let mda = try BuiltProgram()
        #expect(try mda.deliver(":0\n\(action)\n") == 0)
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func b5AFilterThatDidNotRunLeavesTheLetter() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0 f\n| /nonexistent/filter\n:0:\nbox\n")
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b6NothingIsDeliveredWithoutTheLock() throws {
        let mda = try BuiltProgram()
        try mda.deliver("LOCKSLEEP=1\n:0: gone/lock\nbox\n")
        #expect(mda.text("box") == nil)
        #expect(mda.text("default")?.contains("body") == true)
        #expect(mda.log.contains("Lock failure on \"gone/lock\""))
    }

    @Test func b7TheLastResortIsLocked() throws {
        let mda = try BuiltProgram()
        try mda.deliver("VERBOSE=y\nDEFAULT=gone/box\nLOCKSLEEP=1\n")
        #expect(mda.log.contains("Locking \"orgmail.lock\""))
        #expect(mda.text("orgmail")?.contains("body") == true)
    }

    @Test func b8AFailedAppendLeavesTheMailboxAsItWas() throws {
        var mda = try BuiltProgram()
        let old = "From a  Tue Mar  5 09:00:00 2019\n\nold\n\n"
        try mda.directory.file("box", old)
        mda.setting = "ulimit -f 16;"
        let long = BuiltProgram.letter + String(repeating: "0123456789abcde\n", count: 4096)
        #expect(try mda.deliver("DEFAULT=box\nORGMAIL=box\n", letter: long) == 75)
        #expect(mda.text("box") == old)
    }

    @Test func b9ALockOnTheWholeMailboxIsRespected() throws {
        var mda = try BuiltProgram()
        let box = try mda.directory.file("box", "From a  Tue Mar  5 09:00:00 2019\n\nold\n\n")
        mda.seconds = 2
        // Another program's lock, on the octets that are there already.
        mda.setting = """
            { python3 -c 'import fcntl, time
            f = open("\(box)", "r+"); fcntl.lockf(f, fcntl.LOCK_EX, 5)
            open("locked", "w"); time.sleep(4)' & }; until [ -e locked ]; do sleep 0.05; done;
            """
        #expect(try mda.deliver("A=`echo > begun`\n:0\nbox\n") == nil)
        #expect(mda.text("begun") != nil)
        #expect(mda.text("box")?.contains("body") == false)
    }

    @Test func b10AFullDiskIsTriedAgain() throws {
        let mda = try BuiltProgram()
        #expect(try mda.deliver("DEFAULT=/dev/full\nORGMAIL=/dev/full\n") == 75)
    }

    @Test func b11NamesAreNotLookedForInAnotherDirectory() throws {
        let mda = try BuiltProgram()
        try mda.deliver("MAILDIR=gone\nDEFAULT=\(mda.directory.path)/default\n:0:\nbox\n")
        #expect(mda.text("box") == nil)
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func b12RecipesFromOtherSystemsAreReadAsMeant() throws {
        let mda = try BuiltProgram()
        try mda.deliver("A=b\r\n:0:\r\n* ^Subject: status\r\n${A}ox\r\n")
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b13AFoldedFieldIsOneLine() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\n* ^Subject: status of things$\nbox\n")
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b14AnInvalidExpressionMatchesNothing() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\n* ^(Subject\nbox\n:0:\n* ! ^(Subject\nbox\n")
        #expect(mda.text("box") == nil)
        #expect(mda.log.contains("Invalid regexp \"^(Subject\""))
    }

    @Test func b15NoLineIsTooLong() throws {
        let mda = try BuiltProgram()
        let long = String(repeating: "x", count: 10_000)
        try mda.deliver(
            "A=\(long)\n:0:\n* ^Subject: (\(long)|status)\n* A ?? ^^\(long)^^\nbox\n")
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b16WordsAreReadAsAShellReadsThem() throws {
        let mda = try BuiltProgram()
        try mda.deliver(
            "W3 =| echo said\n:0 c\nW4 =| echo other\n_x=under\nA=${U:-b c}\n"
                + "LOG=\"[$W4][$_x][$A]\"\n:0:\nbox#1\n")
        #expect(mda.log.contains("[other][under][b c]"))
        #expect(mda.text("box#1")?.contains("body") == true)
    }

    @Test func b17MatchBeginsAtTheEarliestPlace() throws {
        let mda = try BuiltProgram()
        try mda.deliver("V=aaab\n:0\n* V ?? a*\\/a+b\n{ LOG=\"[$MATCH]\" }\n")
        #expect(mda.log.contains("[aaab]"))
    }

    @Test func b18WhatAProgramStartedEndsWithIt() throws {
        let mda = try BuiltProgram()
        try mda.deliver(
            "TIMEOUT=1\n:0 w\n| sh -c 'sleep 100 & echo $! > child; cat > /dev/null; wait'\n")
        let child = mda.text("child").flatMap { Int32($0.dropLast()) } ?? 0
        #expect(child > 0)
        let state = try? FileDescriptor.open(Path("/proc/\(child)/stat")).readAll(limit: 4096)
        // A zombie waits for somebody to look at it.
        #expect(state.map { String(decoding: $0, as: UTF8.self).contains(") Z") } ?? true)
        #expect(mda.log.contains("Timeout, terminating"))
    }

    @Test func b19AMailboxIsUnreadWithoutASecondOfSleep() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\nbox\n")
        let status = try (mda.directory.path / "box").status()
        #expect(status.accessed < status.modified)
    }

    @Test func b25AnIncludedFileThatOthersWriteIsNotRead() throws {
        let mda = try BuiltProgram()
        let file = try mda.directory.file("inc", ":0:\nevil\n")
        try FileDescriptor.open(file).setMode(0o666)
        try mda.deliver("INCLUDERC=inc\nSWITCHRC=inc\n:0:\nbox\n")
        #expect(mda.text("evil") == nil)
        #expect(mda.text("box")?.contains("body") == true)
        #expect(mda.log.contains("Suspicious rcfile \"inc\""))
    }

    @Test func b26AHeaderIsNeverACommand() throws {
        let mda = try BuiltProgram()
        let letter = "Subject: $(touch pwned) `touch pwned`; touch pwned\n\nbody\n"
        try mda.deliver(
            ":0\n* ^Subject: \\/.*\n{ S=$MATCH }\n:0 w\n| echo \"$S\" > said; cat >/dev/null\n",
            letter: letter)
        #expect(mda.text("pwned") == nil)
        #expect(mda.text("said")?.hasPrefix("$(touch pwned)") == true)
    }

    private static let encoded = """
        From joe@x  Tue Mar  5 09:00:00 2019
        Subject: =?utf-8?B?Y2Fmw6kgYXU=?=
         =?iso-8859-1?Q?_lait=E9?=
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        d=E9j=
        =E0 vu
        --b
        Content-Type: text/html
        Content-Transfer-Encoding: base64

        PHA+c2VjcmV0PC9wPgo=
        --b
        Content-Type: image/png
        Content-Transfer-Encoding: base64

        bm90ZXh0
        --b--

        """

    @Test func b27WhatIsEncodedCanBeSearched() throws {
        let mda = try BuiltProgram()
        try mda.deliver(
            """
            :0 c
            * HD ?? ^Subject: café au laité$
            * BD ?? ^déjà vu$
            * HBD ?? laité(.|$)*déjà
            * BD ?? secret
            * ! BD ?? notext
            * ! secret
            box
            HD=own
            :0:
            * HD ?? ^^own^^
            variable

            """, letter: Self.encoded)
        #expect(mda.text("box") != nil)
        // A variable of that name comes first.
        #expect(mda.text("variable") != nil)
    }

    @Test func b30ALockIsGivenBackFromAnyDirectory() throws {
        let mda = try BuiltProgram()
        try mda.directory.file("sub/x", "")
        try mda.deliver("LOCKFILE=g.lock\nMAILDIR=sub\n:0:\nbox\n")
        #expect(mda.text("sub/box")?.contains("body") == true)
        #expect(mda.text("g.lock") == nil)
    }

    @Test func b31OnlyAnMboxIsQuoted() throws {
        let mda = try BuiltProgram()
        let letter = BuiltProgram.letter + "\nFrom here\n"
        try mda.deliver(":0 c\nmd/\n:0 c\nmh/.\n:0\n| cat > piped\n", letter: letter)
        let file = try #require(try mda.names(in: "md/new").first)
        for name in ["md/new/\(file)", "mh/1", "piped"] {
            #expect(mda.text(name)?.contains("\nFrom here\n") == true)
        }
    }

    @Test func b33TheShellIsTheSystems() throws {
        let mda = try BuiltProgram()
        try mda.deliver("S=$SHELL\n:0 w\n| echo \"$S\" > shell; cat > /dev/null\n")
        #expect(mda.text("shell") == "/bin/sh\n")
    }

    @Test func b35AMaildirBesideAnotherFolderHasNoFromLine() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0\nmh/. md/\n")
        let file = try #require(try mda.names(in: "md/new").first)
        #expect(mda.text("md/new/\(file)")?.hasPrefix("Subject: ") == true)
        #expect(mda.text("mh/1")?.hasPrefix("From joe@x") == true)
    }

    @Test func b38EmptyLinesInFrontAreNoHeader() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0:\n* ^Subject: x\nbox\n", letter: "\n\n\nSubject: x\n\nbody\n")
        #expect(mda.text("box")?.contains("\nSubject: x\n") == true)
    }

    @Test func b39TheLogHoldsNoControlCharacters() throws {
        let mda = try BuiltProgram()
        let letter =
            "From a\u{1B}[2J  Tue Mar  5 09:00:00 2019\nSubject: x\u{1B}]0;y\u{07}\r\n\nbody\n"
        try mda.deliver("VERBOSE=y\n:0:\n* ^Subject: \\/.*\nbox\n", letter: letter)
        #expect(!mda.log.contains("\u{1B}"))
        #expect(!mda.log.contains("\u{07}"))
        #expect(!mda.log.contains("\r"))
    }

    @Test func b42AFolderThatCannotBeOpenedHasNotTakenTheLetter() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0 i\ngone/box\n")
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func b43ANewFolderNeedsNoLockInsideIt() throws {
        let mda = try BuiltProgram()
        try mda.deliver("LOCKSLEEP=1\n:0:\nmd/\n")
        #expect(try mda.names(in: "md/new").count == 1)
    }

    @Test func b44RecipesThatSwitchInACircleEnd() throws {
        let mda = try BuiltProgram()
        #expect(try mda.deliver("SWITCHRC=./rc\n") == 0)
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func b48ABodyBeginsNoLetterOfItsOwn() throws {
        let mda = try BuiltProgram()
        let letter = "From joe@x  Tue Mar  5 09:00:00 2019\n\nFrom evil@x  forged\n\nx\n"
        try mda.deliver(":0 b\nbox\n", letter: letter)
        #expect(mda.text("box")?.hasPrefix(">From evil@x") == true)
    }

    @Test func b49AProgramCountsByItsOwnStatus() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0 W\nA=| false\n:0\nB=| cat\n:0 a\nbox\n")
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b53EachQuotedAtSignIsTheArguments() throws {
        var mda = try BuiltProgram()
        mda.options = "-a 'a b' -a c"
        try mda.directory.file("show", "for a; do echo \"[$a]\"; done > out; cat > /dev/null\n")
        try (mda.directory.path / "show").setMode(0o755)
        try mda.deliver("V=\"$@\"\n:0 w\n| ./show \"$@\" x \"$@\" \"y$@z\" \"$V\"\n")
        #expect(mda.text("out") == "[a b]\n[c]\n[x]\n[a b]\n[c]\n[ya b]\n[cz]\n[]\n")
    }

    @Test func b56AHeaderAloneIsThatOfTheFilteredLetter() throws {
        let mda = try BuiltProgram()
        try mda.deliver(
            ":0 fw\n| sed -e '$d'\n:0 hr\nplain/.\n",
            letter: "From joe@x  Tue Mar  5 09:00:00 2019\nFrom: x\n\n")
        #expect(mda.text("plain/1")?.hasSuffix("2019\nFrom: x\n") == true)
    }
}
