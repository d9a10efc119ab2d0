import Posix

/// What is still to be written to a program's standard input.
struct Feed: ~Copyable {
    private var descriptor: FileDescriptor?
    private var pending: ArraySlice<UInt8> = []
    private var isAtEnd = false

    init(writing descriptor: consuming FileDescriptor) { self.descriptor = consume descriptor }

    /// Makes writes return when the program does not read.
    mutating func prepare() throws(SystemError) {
        try descriptor?.setNonBlocking(true)
    }

    /// The descriptor to wait for; nil when everything is written.
    var number: Int32? {
        switch descriptor {
        case .some(let open): open.number
        case .none: nil
        }
    }

    /// Something is left that the program has not taken.
    var isUnfinished: Bool { number != nil }

    /// Gets the next piece when the last one is gone, and closes the pipe at the end.
    mutating func fill(_ next: () throws(SystemError) -> [UInt8]) throws(SystemError) {
        guard number != nil, pending.isEmpty else { return }
        if !isAtEnd {
            pending = try next()[...]
            isAtEnd = pending.isEmpty
        }
        if isAtEnd { descriptor = nil }
    }

    /// Gives as much as the pipe holds.
    mutating func fillPipe(_ next: () throws(SystemError) -> [UInt8]) throws(SystemError) {
        while true {
            try fill(next)
            let left = pending.count
            guard isUnfinished, try give(), pending.count < left else { return }
        }
    }

    /// Writes what the pipe takes; false when nobody reads any more.
    mutating func give() throws(SystemError) -> Bool {
        do throws(SystemError) {
            let count = try descriptor?.writeSome(pending) ?? 0
            pending = pending.dropFirst(count)
            return true
        } catch {
            if error.code == SystemError.tryAgain { return true }
            guard error.code == SystemError.brokenPipe else { throw error }
            descriptor = nil
            pending = []
            isAtEnd = true
            return false
        }
    }

    /// Gives up on a program that has ended: false, because something was left.
    mutating func abandon() -> Bool {
        descriptor = nil
        return false
    }
}
