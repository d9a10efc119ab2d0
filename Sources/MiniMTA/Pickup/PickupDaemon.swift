import Diagnostics
import MailQueue
import Posix
package import Services
import Settings

/// The daemon `pickup`: takes what users have submitted from maildrop/ to cleanup.
///
/// May read, move and remove files in maildrop/, and move them to corrupt/. It looks when it is
/// called, and by itself every minute.
package enum PickupDaemon {
    /// Seconds between two looks when nobody calls.
    private static let interval = 60

    package static func run(_ daemon: Daemon) -> Never {
        daemon.becomeMailOwner()
        do throws(SystemError) {
            let signals = try SignalDescriptor([Signal.terminate, Signal.hangup])
            let scanner = MaildropScanner(daemon)
            try serve(daemon, scanner, signals)
            Process.exit(0)
        } catch { daemon.log.fatal("\(error)") }
    }

    /// Runs until a signal or the end of master.
    private static func serve(
        _ daemon: Daemon, _ scanner: MaildropScanner, _ signals: borrowing SignalDescriptor
    ) throws(SystemError) {
        let service = daemon.eventDescriptors
        let waits =
            [(descriptor: signals.descriptor.number, interest: Readiness.readable)] + service
        while true {
            scanner.scan()
            let ready = try poll(waits, until: .after(seconds: interval))
            if signals.next() != nil || ready.last?.isEmpty == false { return }
            for (wait, state) in zip(service.dropLast(), ready.dropFirst()) where !state.isEmpty {
                // What a caller says is of no interest: a call means "look".
                _ = Trigger.receive(at: wait.descriptor)
            }
        }
    }
}
