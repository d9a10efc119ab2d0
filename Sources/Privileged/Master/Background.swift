import Posix

/// Going to the background, with word to the caller when the start has worked.
struct Background: ~Copyable {
    private let pipe: FileDescriptor

    /// Returns in a new process without a terminal.
    ///
    /// The calling process waits for `report()`, then exits with 0; with 1 if the new process
    /// ends first.
    static func enter() throws(SystemError) -> Background {
        let pipe = try Pipe()
        if try Process.fork() != nil {
            let word = try pipe.keepReading().read(limit: 1)
            Process.leave(word.isEmpty ? 1 : 0)
        }
        Process.startSession()
        return Background(pipe: pipe.keepWriting())
    }

    /// The start has worked: standard input, output and error lead nowhere from now on.
    consuming func report() throws(SystemError) {
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        for number in 0...2 as ClosedRange<Int32> { try Process.redirect(null.number, to: number) }
        try pipe.write([1])
    }
}
