import CPosix
import Glibc

/// Signals, named.
package enum Signal {
    package static let hangup = SIGHUP
    package static let interrupt = SIGINT
    package static let quit = SIGQUIT
    package static let kill = SIGKILL
    package static let user1 = SIGUSR1
    package static let user2 = SIGUSR2
    package static let pipe = SIGPIPE
    package static let alarm = SIGALRM
    package static let terminate = SIGTERM
    package static let child = SIGCHLD

    /// Ignores what would end a mail program for a reason it can report itself: a reader that has
    /// gone (EPIPE) and a file size limit (EFBIG).
    package static func ignoreWriteSignals() {
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        _ = Glibc.signal(SIGXFSZ, SIG_IGN)
    }

    package static func ignore(_ signal: Int32) { _ = Glibc.signal(signal, SIG_IGN) }

    /// Undoes what this process ignores or blocks, in a child about to become another program.
    package static func restoreDefaults() {
        let usual = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2]
        for signal in usual + [SIGPIPE, SIGXFSZ] { _ = Glibc.signal(signal, SIG_DFL) }
        _ = cposix_unblock_signals()
    }

    /// Ends the process by SIGALRM after `seconds`: the last line of defence against hanging for ever.
    package static func setWatchdog(seconds: UInt32) { _ = Glibc.alarm(seconds) }
}

/// Signals turned into something that poll(2) can wait for.
package struct SignalDescriptor: ~Copyable {
    package let descriptor: FileDescriptor
    /// A bit for each signal that acts as before when this one goes.
    private let blocked: UInt64

    /// From now on these signals are only seen here.
    ///
    /// They stay blocked when it goes, unless it is for a `passing` wait: one that comes to a process
    /// that is about to end must not kill it.
    package init(_ signals: [Int32], passing: Bool = false) throws(SystemError) {
        var blocked: UInt64 = 0
        descriptor = FileDescriptor(
            adopting: try checking(
                "signalfd",
                unsafe cposix_signal_descriptor(signals, Int32(signals.count), &blocked)))
        self.blocked = passing ? blocked : 0
    }

    deinit { cposix_unblock(blocked) }

    /// The next signal that came, nil when there is none.
    package func next() -> Int32? {
        let signal = cposix_read_signal(descriptor.number)
        return signal > 0 ? Int32(signal) : nil
    }
}
