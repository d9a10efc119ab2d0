/// What the command line asks formail to do.
struct FormailOptions: Equatable {
    /// Which sender a reply goes to, and a From_ line names.
    enum ReplyTarget: Equatable {
        case envelope
        /// `-t`.
        case header
        /// `-t -a Resent-`.
        case resentHeader
    }

    struct Cache: Equatable {
        let limit: Int
        let path: [UInt8]
    }

    /// `-s`: a program for each letter, or none.
    struct Splitting: Equatable {
        var program: [[UInt8]] = []
    }

    /// `-n`.
    enum Parallel: Equatable {
        case oneAfterTheOther, asManyAsPossible
        case atMost(Int)
    }

    /// `-r`.
    var replies = false
    var replyTarget = ReplyTarget.envelope
    /// `-f`: no From_ line is made.
    var passesAnything = false
    /// `-e`: letters may begin at every line.
    var startsAnywhere = false
    /// `-d`.
    var isDigest = false
    /// `-B`.
    var isBabyl = false
    /// `-Y`: Content-Length is not believed.
    var ignoresLength = false
    /// `-k`.
    var keepsBody = false
    /// `-c`.
    var concatenates = false
    /// `-z`.
    var zapsBlanks = false
    /// `-q-` unsets it.
    var isQuiet = true
    /// `-b` unsets it.
    var escapesFrom = true
    /// `-p`.
    var prefix: [UInt8] = [0x3E]
    /// `-m`.
    var minimumFields = 0
    /// `-l`.
    var logFolder: [UInt8]?
    /// `-D`.
    var cache: Cache?
    /// `+skip`.
    var skipped = 0
    /// `-total`.
    var total: Int?
    var splitting: Splitting?
    var parallel = Parallel.oneAfterTheOther

    /// `-x`, `-X`.
    var extracted: [FieldPattern] = []
    var extractedWhole: [FieldPattern] = []
    /// `-a`, `-A`.
    var addedIfMissing: [FieldPattern] = []
    var added: [FieldPattern] = []
    /// `-i`, `-I`.
    var renamedOld: [FieldPattern] = []
    var deleted: [FieldPattern] = []
    /// `-u`, `-U`.
    var firstKept: [FieldPattern] = []
    var lastKept: [FieldPattern] = []
    /// `-R`.
    var renamings: [FieldRenaming] = []

    var extracts: Bool { !extracted.isEmpty || !extractedWhole.isEmpty }

    /// The body of a letter is of interest.
    var wantsBody: Bool { keepsBody || !(replies || extracts) }

    /// A Content-Length field says nothing: its letter's body changes, or it is not asked for.
    var forgetsLength: Bool {
        if isDigest || ignoresLength { return true }
        guard keepsBody else { return false }
        return replies
            || (!extractedWhole.isEmpty && !extractedWhole.fits(FieldNames.contentLength))
    }
}

/// Why formail does not run.
enum FormailRefusal: Error, Equatable {
    case version, help, usage
    case invalidField([UInt8])
}
