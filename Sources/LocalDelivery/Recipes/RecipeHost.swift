import Bytes

/// What recipes ask of the world, one step at a time.
///
/// procmail acts on each statement as it reads it, so the plan of a recipe file is a sequence of
/// these calls: `mda` carries them out, an explaining or testing host only writes them down.
package protocol RecipeHost: AnyObject {
    /// Appends to the log as it is.
    func log(_ text: [UInt8])
    /// Begins a new log; false leaves the old one.
    func openLog(_ name: [UInt8]) -> Bool
    /// Makes relative names mean names below `name`.
    func changeDirectory(to name: [UInt8]) -> Bool
    func setUmask(_ mask: UInt32)
    /// The text of a recipe file; nil when it cannot or must not be read.
    func recipes(in name: [UInt8]) -> [UInt8]?
    /// Takes a lock file, waiting as `timing` says; false when it cannot be had.
    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool
    func unlock(_ name: [UInt8])
    func run(_ call: ProgramCall) -> ProgramReport
    func deliver(_ delivery: FolderDelivery) -> FolderReport
    /// Makes the directories of a folder that is one; yields the name of the one that cannot be.
    func make(_ folder: FolderDelivery.Folder) -> [UInt8]?
    /// What the folder is, by its name and by what lies there.
    func kind(of folder: FolderDelivery.Folder) -> FolderDelivery.Kind
    /// Whether a file or directory of this name is there.
    func isThere(_ name: [UInt8]) -> Bool
    /// Writes to the standard output of the whole program, for the action `|` alone.
    func writeOutput(_ octets: [UInt8]) -> Bool
    /// The number of this process, which `$$` shows.
    var processNumber: Int32 { get }
    /// Makes a second process that goes on from here with everything as it is; `wait` says whether and
    /// how long this one waits for it.
    func clone(_ wait: CloneWait) -> CloneSide
    /// Gives up the rights of root, when there are any.
    func dropRights()
    /// Ends the parent at once with success and goes on alone, for `DELIVERED=yes`; false when that
    /// cannot be.
    func detach() -> Bool
    /// Text of a character set as UTF-8; nil when the set is not known.
    func utf8(_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]?
    /// Acts on the signals that have come.
    func heedSignals()
    /// Whether there is such a machine and such a service.
    func canReach(_ target: NoticeTarget) -> Bool
    /// Sends a notice of new mail; false when it could not even be sent.
    func notify(_ target: NoticeTarget, _ text: [UInt8]) -> Bool
}

/// How long to wait for a lock file.
package struct LockTiming: Sendable, Equatable {
    /// Seconds between attempts.
    package let pause: Int
    /// Age in seconds from which a lock is taken over; 0 is never.
    package let staleAfter: Int
    /// Seconds to wait after a lock was taken over.
    package let pauseAfterForce: Int
}

/// How often, and how far apart, something is tried again that the machine has no room for now.
package struct Patience: Sendable {
    /// What is left of NORESRETRY; below 0 there is no end to it.
    private var retries: Int
    /// Seconds.
    package let pause: Int

    package init(retries: Int = 4, pause: Int = 16) {
        self.retries = retries
        self.pause = pause
    }

    /// Takes one of the retries; false when there are none left.
    package mutating func takeRetry() -> Bool {
        guard retries != 0 else { return false }
        retries -= 1
        return true
    }
}

/// A program to be run with part of the letter on its standard input.
package struct ProgramCall: Sendable, Equatable {
    package enum Command: Sendable, Equatable {
        /// The words of the command, which no shell sees.
        case words([[UInt8]])
        /// A line for the shell.
        case shell(path: [UInt8], flags: [UInt8], line: [UInt8])
    }

    /// What the program is run for.
    package enum Purpose: Sendable, Equatable {
        /// It takes the letter; what it says is thrown away.
        case delivery
        /// A condition asks for its exit status.
        case question
        /// What it says is wanted.
        case output
        /// What it says takes the place of its input.
        case filter
    }

    package let command: Command
    /// The command as logs show it.
    package let text: [UInt8]
    package let input: [UInt8]
    package let purpose: Purpose
    /// Seconds after which its process group is ended.
    package let timeLimit: Int
    /// Every variable, as `NAME=value`.
    package let environment: [[UInt8]]
}

/// What became of a program.
package struct ProgramReport: Sendable, Equatable {
    package enum Ending: Sendable, Equatable {
        case exited(Int32), signalled(Int32), notStarted, timedOut
    }
    package let ending: Ending
    package let output: [UInt8]
    /// It read all of its input.
    package let readAll: Bool

    package init(ending: Ending, output: [UInt8] = [], readAll: Bool = true) {
        self.ending = ending
        self.output = output
        self.readAll = readAll
    }

    /// The number that logs and `$?` show: negative for a signal.
    var number: Int32 {
        switch ending {
        case .exited(let code): code
        case .signalled(let signal): -signal
        // What procmail sees: the shell that it tries next cannot open such a script.
        case .notStarted: 2
        case .timedOut: -15
        }
    }
}

/// A letter to be put into folders.
package struct FolderDelivery: Sendable {
    package enum Kind: Sendable, Equatable {
        /// A file of letters, `/dev/null` among them.
        case mbox
        case maildir, mh
        /// A directory of letters with names made from `prefix`.
        case directory(prefix: [UInt8])
    }
    package struct Folder: Sendable, Equatable {
        /// The name as the recipe has it, without the slashes or the `/.` that tell its kind.
        package let name: [UInt8]
        /// nil leaves it to what lies there: a directory, else a file.
        package let kind: Kind?

        init(name: [UInt8], kind: Kind?) { (self.name, self.kind) = (name, kind) }

        /// The folder of a name alone.
        package init(named name: [UInt8]) { self.init(name: name, kind: nil) }
    }

    package let folders: [Folder]
    package let letter: Letter
    package let parts: LetterParts
    /// Nothing is quoted and no newline is added.
    package let isRaw: Bool
    /// Prefix of names in plain directories.
    package let prefix: [UInt8]
    package let isVerbose: Bool
    /// The lock file that is held around the delivery.
    package let lockName: [UInt8]?
    package let timing: LockTiming
    /// Seconds to wait for the kernel's lock; 0 is for ever.
    package let timeLimit: Int
}

/// What became of a delivery into folders.
package struct FolderReport: Sendable, Equatable {
    package let succeeded: Bool
    /// The files written; a failed one where there is none.
    package let files: [[UInt8]]
    package let octets: Int
    /// Where in its file the letter begins.
    package let offset: Int?

    package init(succeeded: Bool, files: [[UInt8]], octets: Int, offset: Int? = nil) {
        self.succeeded = succeeded
        self.files = files
        self.octets = octets
        self.offset = offset
    }
}

/// What becomes of a clone is waited for.
package enum CloneWait: Sendable, Equatable {
    case none
    /// So many seconds; 0 is for ever.
    case atMost(seconds: Int)
}

/// The side of a clone that a process finds itself on.
package enum CloneSide: Sendable, Equatable {
    case child
    /// The exit status of the child; 0 when nobody waits.
    case parent(status: Int32)
}
