import Bytes
import LocalDelivery
import Posix

/// lockfile(1): makes lock files for shell scripts, and waits for them.
package enum LockfileProgram {
    /// Runs it; `words` are without the program's name.
    package static func run(_ words: [[UInt8]]) -> Int32 {
        Signal.ignoreWriteSignals()
        do throws(LockfileCommandLine.Refusal) {
            return take(try LockfileCommandLine.parse(words))
        } catch {
            refuse(error)
            return ExitStatus.usage
        }
    }

    private static func take(_ steps: [LockfileCommandLine.Step]) -> Int32 {
        do throws(SystemError) {
            var locks = try LockTaking(mailbox: mailbox()) { tell("lockfile: " + $0) }
            let status = locks.run(steps)
            if status == ExitStatus.usage { tell(usage) }
            return status
        } catch {
            tell("lockfile: \(error)")
            return ExitStatus.systemError
        }
    }

    /// The lock of the system mailbox: that of LOGNAME where it is the user who runs this.
    private static func mailbox() throws(SystemError) -> Path? {
        var user = try Environment["LOGNAME"].flatMap { (name) throws(SystemError) in
            try User.named(name)
        }
        if user?.id != Rights.user { user = try User.withID(Rights.user) }
        return user.map { Path("/var/mail") / ($0.name + ".lock") }
    }

    private static func refuse(_ refusal: LockfileCommandLine.Refusal) {
        switch refusal {
        case .version:
            tell("lockfile of Malleposte, for lockfile v3.23pre")
        case .usage: tell(usage)
        case .help: tell(usage + "\n" + help)
        }
    }

    private static func tell(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array((text + "\n").utf8))
            }
        } catch {
            // Nobody listens.
        }
    }

    private static let usage =
        "Usage: lockfile -v | -seconds | -r count | -l seconds | -s seconds | -! | -ml | -mu | file ..."

    private static let help = """
         -seconds    wait so long between attempts (8)
         -r count    give up after so many further attempts (-1: never)
         -l seconds  remove a lock that is older
         -s seconds  wait so long after that (16)
         -!          turn the exit status round
         -ml         lock your system mailbox
         -mu         unlock your system mailbox
        """
}
