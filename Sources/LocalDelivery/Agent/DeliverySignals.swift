import Bytes
import LocalDelivery
import Posix
import Recipes

/// The signals that mean something to a delivery: from the making of this on they wait until they are
/// asked for, so that none comes in the middle of writing a letter.
package final class DeliverySignals {
    private var source: SignalDescriptor?

    package init() {
        do throws(SystemError) {
            source = try SignalDescriptor(Self.interrupting + [Signal.user1, Signal.user2])
        } catch {
            // They end the process then, as they do others.
        }
    }

    /// Those that a wait for a program ends with: the ones that ask to end, and the alarm.
    static let interrupting = [
        Signal.terminate, Signal.hangup, Signal.interrupt, Signal.quit, Signal.alarm,
    ]

    /// The number to wait for with poll(2).
    var number: Int32? {
        switch source {
        case .some(let source): source.descriptor.number
        case .none: nil
        }
    }

    func next() -> Int32? {
        switch source {
        case .some(let source): source.next()
        case .none: nil
        }
    }

    /// Waits so long, or until a signal comes.
    func wait(milliseconds: Int) {
        guard let number else { return Process.sleep(milliseconds: milliseconds) }
        do throws(SystemError) {
            _ = try poll([(number, .readable)], until: .after(milliseconds: milliseconds))
        } catch { Process.sleep(milliseconds: milliseconds) }
    }

    /// The exit status of a delivery that `signal` ends; nil for one that does not end it.
    static func status(_ signal: Int32) -> Int32? {
        switch signal {
        case Signal.quit: ExitStatus.success
        case Signal.terminate: ExitStatus.temporaryFailure
        case Signal.hangup, Signal.interrupt: ExitStatus.cannotCreate
        default: nil
        }
    }
}

extension DeliveryHost {
    func heedSignals() { _ = heedSignals(whilst: "") }

    /// Acts on the signals that have come while we were waiting for something; true when the alarm was
    /// among them, with which such a wait is over.
    func heedSignals(whilst what: String) -> Bool {
        var isOver = false
        while let signal = signals.next() {
            switch signal {
            case Signal.user1: interpreter?.setVerbose(false)
            case Signal.user2: interpreter?.setVerbose(true)
            case Signal.alarm: isOver = true
            default: end(by: signal, whilst: what.isEmpty ? "" : " whilst waiting for \(what)")
            }
        }
        return isOver
    }

    /// Ends the program as procmail does when it is told to: QUIT throws the letter away, TERM has it
    /// tried again, others give it back.
    func end(by signal: Int32, whilst waiting: String = "") -> Never {
        interpreter?.report("Terminating prematurely\(waiting)")
        let status = DeliverySignals.status(signal) ?? ExitStatus.cannotCreate
        if let interpreter {
            let isLost = interpreter.isDetached || signal == Signal.quit
            let word = isLost ? "**Lost**" : Self.word(of: status)
            interpreter.sendNotice(failure: Array(word.utf8))
            if interpreter.wantsAbstract(hasLog: hasLog) {
                interpreter.logAbstract(folder: Array(word.utf8), isInterrupted: true)
            }
        }
        releaseLocks()
        Process.exit(status)
    }

    /// What the log calls a letter that was not delivered.
    static func word(of status: Int32) -> String {
        status == ExitStatus.temporaryFailure ? "**Requeued**" : "**Bounced**"
    }
}

// MARK: Notices

extension DeliveryHost {
    func canReach(_ target: NoticeTarget) -> Bool { place(of: target) != nil }

    func notify(_ target: NoticeTarget, _ text: [UInt8]) -> Bool {
        guard let (address, port) = place(of: target) else { return false }
        do throws(SystemError) { try sendDatagram(text, to: address, port: port) } catch {
            // Nobody hears it.
        }
        return true
    }

    private func place(of target: NoticeTarget) -> (address: IPAddress, port: UInt16)? {
        guard let port = Self.port(target.service) else { return nil }
        if target.host.isEmpty { return (Self.loopback, port) }
        do throws(SystemError) {
            let found = try HostLookup.addresses(of: String(printable: target.host))
            return (found.first(where: \.isIPv4) ?? found.first).map { ($0, port) }
        } catch { return nil }
    }

    private static let loopback = IPAddress(bytes: [127, 0, 0, 1])

    /// A number in front counts alone.
    private static func port(_ service: [UInt8]) -> UInt16? {
        if let number = Int(decimal: service.prefix { $0.isDigit }) {
            return UInt16(truncatingIfNeeded: number)
        }
        return servicePort(service.isEmpty ? "biff" : String(printable: service), over: "udp")
    }
}
