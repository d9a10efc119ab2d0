import Bytes
import Posix
import TestSupport
import Testing

/// Faults of procmail as a process among others, by the numbers of docs/PROCMAIL.md: what it forces to the
/// disk, its rights, its signals and its locks.
@Suite struct ProcmailProcessFaultTests {
    private static let old = "From a@b  Tue Mar  5 09:00:00 2019\n\nold\n\n"

    @Test(arguments: [("md/", "md/new"), ("mh/.", "mh"), ("plain/.", "plain")])
    func b20TheNameOfALetterIsOnTheDisk(_ folder: String, _ directory: String) throws {
        var mda = try BuiltProgram()
        mda.wrapper = "strace -f -y -o trace -e trace=fsync,fdatasync,link,linkat,rename,renameat2"
        #expect(try mda.deliver(":0\n\(folder)\n") == 0)
        let trace = (mda.text("trace") ?? "").split(separator: "\n")
        let published = trace.lastIndex { $0.contains("link") || $0.contains("rename") }
        let synced = trace.lastIndex { $0.contains("sync(") && $0.contains("/\(directory)>") }
        #expect(try #require(synced) > #require(published))
    }

    @Test func b20TheNameOfANewMailboxIsOnTheDisk() throws {
        var mda = try BuiltProgram()
        mda.wrapper = "strace -f -y -o trace -e trace=fsync"
        #expect(try mda.deliver(":0:\nbox\n") == 0)
        #expect(mda.text("trace")?.contains("<\(mda.directory.path)>)") == true)
    }

    @Test func b21HalfALetterIsCutOffByTheNextDelivery() throws {
        var torn = 0
        for call in 1...8 {
            var mda = try BuiltProgram()
            let box = try mda.directory.file("box", Self.old)
            mda.wrapper =
                "strace -f -o /dev/null -e inject=fsync,fdatasync:signal=KILL:when=\(call)"
            let letter = "From x@y  Tue Mar  5 09:00:00 2019\n\ntorn\n"
            let status = try mda.deliver(":0:\nbox\n", letter: letter)
            // Killed before its end: what was not synced may be there in part.
            guard status == nil, try box.status().size > Self.old.utf8.count else { continue }
            torn += 1
            try FileDescriptor.open(box, .readWrite).truncate(to: Self.old.utf8.count + 20)
            mda.wrapper = ""
            try mda.deliver("LOCKTIMEOUT=1\nLOCKSLEEP=1\nSUSPEND=1\n:0:\nbox\n")
            #expect(mda.text("box")?.hasPrefix(Self.old + "From joe@x") == true)
        }
        #expect(torn > 0)
    }

    @Test func b22NobodyDeliversForOthers() throws {
        var mda = try BuiltProgram()
        let program = try Process.programPath.parent / "mda"
        #expect(try program.status().mode & 0o6000 == 0)
        let nobody = Rights.user == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups" : ""
        mda.setting = "exec \(nobody) \(program) -d root;"
        #expect(try mda.deliver("") == 77)
    }

    @Test func b24NothingHappensInASignalHandler() throws {
        let mda = try BuiltProgram()
        try mda.deliver(":0 w\n| grep ^SigCgt /proc/$PPID/status > caught; cat > /dev/null\n")
        let text = try #require(mda.text("caught")?.split(separator: "\t").last)
        let caught = try #require(UInt64(text.dropLast(), radix: 16))
        for signal in [
            Signal.hangup, Signal.interrupt, Signal.terminate, Signal.alarm, Signal.user1,
            Signal.user2,
        ] {
            #expect(caught >> UInt64(signal - 1) & 1 == 0)
        }
    }

    @Test func b29ALockIsKeptWhileItsOwnerLives() throws {
        for (owner, isForced) in [(Process.id, false), (0x7FFF_FFFF, true)] {
            var mda = try BuiltProgram()
            let lock = try mda.directory.file("my.lock", "\(owner)\n")
            let hourAgo = FileTime(seconds: Clock.now - 3600)
            try lock.setTimes(accessed: hourAgo, modified: hourAgo)
            mda.seconds = isForced ? 30 : 3
            let status = try mda.deliver("LOCKSLEEP=1\nSUSPEND=1\n:0: my.lock\nbox\n")
            #expect(status == (isForced ? 0 : nil))
            #expect(mda.log.contains("Forcing lock") == isForced)
        }
    }

    @Test func b34TheFirstErrorIsTold() throws {
        var mda = try BuiltProgram()
        mda.wrapper =
            "strace -o /dev/null -e inject=pwrite64:error=ENOSPC -e inject=fsync:error=EIO"
        #expect(try mda.deliver(":0:\nbox\n") == 75)
        #expect(mda.log.contains("No space left to finish writing \"box\""))
    }

    @Test func b47AProgramThatDoesNotReadHasTheLetterAllTheSame() throws {
        for _ in 1...10 {
            let mda = try BuiltProgram()
            try mda.deliver(":0 w\n| true\n")
            #expect(mda.text("default") == nil)
        }
    }

    @Test func b50TheLockThatWasWaitedForIsNamed() throws {
        var mda = try BuiltProgram()
        try mda.directory.file("my.lock", "0")
        mda.setting = "{ (until [ -e waits ]; do sleep 0.1; done; sleep 1; kill -TERM $$) & };"
        let status = try mda.deliver("A=`touch waits`\nLOCKSLEEP=60\n:0: my.lock\nbox\n")
        #expect(status == 75)
        #expect(mda.log.contains("prematurely whilst waiting for lockfile \"my.lock\""))
    }

    @Test(.enabled(if: Rights.user == 0, "only root can be somebody without account"))
    func b55AUserWithoutAccountHasAMailboxOfTheSpool() throws {
        var mda = try BuiltProgram()
        let program = try Process.programPath.parent / "mda"
        let nobody = "setpriv --reuid 7777 --regid 7777 --clear-groups"
        mda.setting = "chmod 777 .; exec \(nobody) \(program) LOGFILE=log ./rc;"
        let recipes = "LOG=\"[$LOGNAME][$HOME][$SHELL][$ORGMAIL][$DEFAULT]\"\n:0\n/dev/null\n"
        #expect(try mda.deliver(recipes) == 0)
        #expect(mda.log.hasPrefix("[#7777][/][/bin/sh][/var/mail/#7777][/var/mail/#7777]"))
    }
}
