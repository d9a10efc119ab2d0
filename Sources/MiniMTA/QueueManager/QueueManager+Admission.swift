import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
import Settings

/// Taking messages up: looking for them, making them active, finding where their recipients go.
extension QueueManager {
    /// Messages taken up in one turn, so that results of deliveries do not wait long.
    private static let admissionsATurn = 50

    /// Looks at the deferred queue for messages that are due, and at incoming/ in case a call was
    /// lost.
    func startQueueRun() {
        nextRun = .after(seconds: settings.queueRunDelay)
        wantsIncomingScan = true
        scheduler.forgetIdle(now: Clock.monotonic)
        guard deferred.isEmpty else { return }
        let now = Clock.now
        do throws(SystemError) {
            for id in try QueueDirectory.deferred.list() {
                guard let status = try QueueDirectory.deferred.file(id).statusIfPresent(),
                    retry.isDue(status.modified.seconds, now: now)
                else { continue }
                deferred.append(id)
            }
        } catch { log.warning("\(error)") }
    }

    func scanIncoming() {
        wantsIncomingScan = false
        do throws(SystemError) {
            for id in try QueueDirectory.incoming.list() { incoming.append(id) }
        } catch { log.warning("\(error)") }
    }

    /// Tries every deferred message now, and whatever was left alone.
    func flush() {
        scheduler.endSuspensions()
        wantsIncomingScan = true
        do throws(SystemError) {
            for id in try QueueDirectory.deferred.list() where flushed.insert(id).inserted {
                deferred.append(id)
            }
        } catch { log.warning("\(error)") }
    }

    /// Tries one message now.
    func flush(_ id: QueueID) {
        scheduler.endSuspensions()
        if flushed.insert(id).inserted { deferred.append(id) }
    }

    /// Makes messages active while there is room: one of incoming/, then one of deferred/, so that
    /// new mail passes a long deferred queue.
    func admit() {
        for _ in 0..<Self.admissionsATurn {
            guard hasRoom, let (id, directory) = nextCandidate() else { return }
            admit(id, from: directory)
        }
    }

    private func nextCandidate() -> (QueueID, QueueDirectory)? {
        lastWasDeferred.toggle()
        if !suspectIsActive, let id = suspects.popFirst() { return (id, .deferred) }
        let lines: [QueueDirectory] =
            lastWasDeferred ? [.deferred, .incoming] : [.incoming, .deferred]
        for directory in lines {
            let id = directory == .incoming ? incoming.popFirst() : deferred.popFirst()
            if let id { return (id, directory) }
        }
        return nil
    }

    private func admit(_ id: QueueID, from directory: QueueDirectory) {
        guard messages[id] == nil else { return }
        guard !isForeign(id, in: directory) else {
            flushed.remove(id)
            return
        }
        do throws(SystemError) {
            // Removed, held or taken up already: the lists of files are never quite fresh.
            guard try directory.move(id, to: .active) else {
                flushed.remove(id)
                return
            }
        } catch { return warn(id, "not taken up: \(error)") }
        guard let message = open(id) else { return }
        if message.isSuspect {
            guard !suspectIsActive else { return putBack(message) }
            suspectIsActive = true
        }
        messages[id] = message
        recipientCount += message.file.envelope.recipients.count
        begin(message)
    }

    /// Reads a file in active/; one that is damaged goes to corrupt/, one that cannot be read now is
    /// deferred.
    private func open(_ id: QueueID) -> ActiveMessage? {
        do throws(QueueFileError) {
            return ActiveMessage(
                id: id, file: try QueueFile.read(inQueueAt: QueueDirectory.active.file(id)),
                activated: .now)
        } catch {
            switch error {
            case .damaged(let reason):
                warn(id, "damaged: \(reason); moved to corrupt")
                move(id, to: .corrupt)
            case .system(let failure):
                warn(id, "\(failure)")
                deferUnread(id, until: Clock.now + settings.minimalBackoff)
            }
            return nil
        }
    }

    /// A second suspect waits until the first has come through.
    private func putBack(_ message: ActiveMessage) {
        deferUnread(message.id, until: Clock.now)
        suspects.append(message.id)
    }

    private func deferUnread(_ id: QueueID, until time: Int) {
        do throws(SystemError) { try QueueDirectory.active.setNextAttempt(id, time) } catch {
            warn(id, "\(error)")
        }
        move(id, to: .deferred)
    }

    private func move(_ id: QueueID, to directory: QueueDirectory) {
        do throws(SystemError) { _ = try QueueDirectory.active.move(id, to: directory) } catch {
            warn(id, "\(error)")
        }
    }

    /// Finds where the recipients go and puts the deliveries in line.
    private func begin(_ message: ActiveMessage) {
        let pending = message.pending
        let sender = String(printable: AddressQuoting.quote(envelope: message.file.envelope.sender))
        log.info(
            "\(message.id): from=<\(sender)>, size=\(message.file.header.loggedSize), "
                + "nrcpt=\(pending.count) (queue active)")
        let isFlushed = flushed.remove(message.id) != nil
        var resolved: [ResolvedRecipient] = []
        for recipient in pending {
            switch destination(of: recipient, isFlushed: isFlushed) {
            case .success(let found): resolved.append(found)
            case .failure(let refusal): conclude(message, [recipient], refusal.outcome)
            }
        }
        let list = divide(resolved, of: message.id) { scheduler.limits(of: $0) }
        message.outstanding = list.count
        for delivery in list { scheduler.add(delivery, now: Clock.monotonic) }
        touched.append(message)
    }

    /// Why a recipient is not even given to a transport.
    struct Refusal: Error { let outcome: Outcome }

    private func destination(
        of recipient: DeliveryRecipient, isFlushed: Bool
    ) -> Result<ResolvedRecipient, Refusal> {
        if let obstacle { return .refusal(.deferred, "4.3.5", obstacle) }
        guard let resolution = resolve(recipient.address) else {
            return .refusal(.deferred, "4.3.0", "address resolver failure")
        }
        if resolution.isMalformed {
            return soft(Outcome(.bounced, status: "5.1.3", text: "bad address syntax"))
        }
        let transport = resolution.transport
        if let refusal = Self.answer(of: transport, resolution.nexthop) {
            return soft(refusal)
        }
        if unsupported.contains(transport) {
            return .refusal(.deferred, "4.3.5", "not supported yet: transport \(transport)")
        }
        if settings.deferTransports.contains(transport), !isFlushed {
            return .refusal(.deferred, "4.3.2", "deferred transport")
        }
        guard know(transport) else {
            return .refusal(.deferred, "4.3.5", "mail system configuration error")
        }
        return .success(
            ResolvedRecipient(
                transport: transport, nexthop: resolution.nexthop,
                recipient: DeliveryRecipient(
                    index: recipient.index, address: resolution.recipient,
                    original: recipient.original)))
    }

    /// With `soft_bounce` nothing is returned to its sender at once.
    private func soft(_ outcome: Outcome) -> Result<ResolvedRecipient, Refusal> {
        .failure(Refusal(outcome: settings.softBounce ? outcome.softened : outcome))
    }

    /// What the transports `error` and `retry` answer: they deliver nothing, and their next hop is
    /// the reason, with an enhanced status in front or without; nil for every other transport.
    static func answer(of transport: String, _ nexthop: [UInt8]) -> Outcome? {
        let kind: Outcome.Kind
        switch transport {
        case "error": kind = .bounced
        case "retry": kind = .deferred
        default: return nil
        }
        let text = String(printable: nexthop)
        let parts = text.utf8.split(separator: .space, maxSplits: 1)
        let first = kind == .bounced ? UInt8(ascii: "5") : UInt8(ascii: "4")
        let figures = parts.first?.split(separator: .dot, omittingEmptySubsequences: false) ?? []
        let isStatus =
            figures.count == 3 && figures[0].elementsEqual([first])
            && figures.dropFirst().allSatisfy(isFigure)
        guard isStatus, parts.count == 2 else {
            return Outcome(kind, status: kind == .bounced ? "5.0.0" : "4.0.0", text: text)
        }
        return Outcome(
            kind, status: String(parts[0]) ?? "5.0.0", text: String(parts[1]) ?? text)
    }

    private static func isFigure(_ digits: Substring.UTF8View) -> Bool {
        (1...3).contains(digits.count) && digits.allSatisfy(\.isDigit)
    }

    /// Makes the scheduler know the transport; false when its limits are no numbers.
    private func know(_ transport: String) -> Bool {
        guard !scheduler.knows(transport) else { return true }
        do throws(ConfigurationError) {
            scheduler.add(
                transport: transport,
                limits: try TransportLimits(of: transport, settings, configuration))
            return true
        } catch {
            log.warning("\(error)")
            return false
        }
    }
}

extension Result where Success == ResolvedRecipient, Failure == QueueManager.Refusal {
    fileprivate static func refusal(_ kind: Outcome.Kind, _ status: String, _ text: String) -> Self
    {
        .failure(QueueManager.Refusal(outcome: Outcome(kind, status: status, text: text)))
    }
}
