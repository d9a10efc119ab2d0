import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
import Services

/// Writing down what was learnt, and what becomes of a message when nothing runs for it any more.
extension QueueManager {
    /// Seconds until a file that could not be written or moved is tried again.
    private static let unstickPause = 10
    /// Milliseconds within which removals reach the disk: a power cut repeats at most the deliveries
    /// of so long.
    private static let removalSyncPause = 1000
    /// Notices that bounce is asked for at once.
    private static let noticeLimit = 20
    /// Seconds that bounce may take for its answer's start.
    private static let noticePatience = 5
    /// Past this size of a file's outcomes, further deferrals are no longer written.
    private static let outcomesLimit = QueueFile.outcomesLimit / 2

    /// Writes down what this turn has brought, and ends what has come to its end.
    func settle() {
        var seen: Set<QueueID> = []
        let changed = touched
        touched = []
        for message in changed where seen.insert(message.id).inserted {
            guard messages[message.id] === message else { continue }
            settle(message)
        }
    }

    private func settle(_ message: ActiveMessage) {
        if message.isGone {
            if message.outstanding <= 0 { forget(message) }
            return
        }
        if message.outstanding <= 0, !isStopping { expireIfOld(message) }
        let standing = message.standing
        let isOver = message.outstanding <= 0 && !standing.hasPending && standing.unnotified.isEmpty
        // What is removed in the next moment need not be written before.
        if !isOver, !write(message) { return }
        if message.outstanding <= 0, !isStopping { end(message, standing) }
    }

    /// Appends the outcomes to the file with one sync; false when the message is gone or stuck.
    private func write(_ message: ActiveMessage) -> Bool {
        let isLong =
            message.file.outcomes.end - message.file.header.outcomesOffset
            > Self.outcomesLimit
        if isLong {
            message.unwritten.removeAll { record in
                if case .attempt(_, _, let outcome) = record {
                    outcome.kind == .deferred
                } else {
                    false
                }
            }
        }
        guard !message.unwritten.isEmpty else { return true }
        do throws(SystemError) {
            guard let file = try openForMarks(message.id) else {
                message.isGone = true
                touched.append(message)
                return false
            }
            try message.file.outcomes.append(message.unwritten, to: file)
            message.unwritten = []
            return true
        } catch {
            warn(message.id, "outcome not written: \(error)")
            stick(message)
            return false
        }
    }

    /// The message's file: in active/, or in hold/ when the administrator has just put it there.
    private func openForMarks(_ id: QueueID) throws(SystemError) -> FileDescriptor? {
        for directory in [QueueDirectory.active, .hold] {
            do throws(SystemError) {
                return try FileDescriptor.open(directory.file(id), .readWrite, .noFollow)
            } catch { if !error.isMissing { throw error } }
        }
        return nil
    }

    /// Turns the recipients of a message that has been here too long into failures.
    private func expireIfOld(_ message: ActiveMessage) {
        let envelope = message.file.envelope
        guard !message.isExpiryDone,
            Retry.isExpired(
                arrival: envelope.arrival.seconds,
                lifetime: settings.lifetime(ofSender: envelope.sender), now: Clock.now)
        else { return }
        message.isExpiryDone = true
        var hasExpired = false
        for (index, standing) in message.standing.standings.enumerated() {
            guard case .pending(let last) = standing else { continue }
            hasExpired = true
            let outcome = Outcome(
                .bounced, status: last?.status ?? "4.4.7",
                text: last?.text ?? "delivery time expired",
                relay: last?.relay ?? "", remoteHost: last?.remoteHost ?? "",
                diagnostic: last?.diagnostic ?? "")
            message.unwritten.append(.attempt(recipient: index, at: Clock.now, outcome))
        }
        guard hasExpired else { return }
        let sender = String(printable: AddressQuoting.quote(envelope: envelope.sender))
        log.info("\(message.id): from=<\(sender)>, status=expired, returned to sender")
    }

    private func end(_ message: ActiveMessage, _ standing: Outcomes) {
        let verdict = retry.verdict(
            standing, arrival: message.file.envelope.arrival.seconds, now: Clock.now,
            canNotify: !message.noticeFailed)
        switch verdict {
        case .remove: remove(message)
        case .notify: notify(message, standing)
        case .deferUntil(let time): putOff(message, until: time)
        }
    }

    private func remove(_ message: ActiveMessage) {
        do throws(SystemError) {
            // Held or removed by the administrator: a held file learns what became of it.
            guard try QueueDirectory.active.file(message.id).unlinkIfPresent() else {
                guard write(message) else { return }
                return forget(message)
            }
        } catch {
            warn(message.id, "not removed: \(error)")
            return stick(message)
        }
        log.info("\(message.id): removed")
        if !hasRemoved {
            hasRemoved = true
            nextRemovalSync = .after(milliseconds: Self.removalSyncPause)
        }
        forget(message)
    }

    private func putOff(_ message: ActiveMessage, until time: Int) {
        do throws(SystemError) {
            try QueueDirectory.active.setNextAttempt(message.id, time)
            _ = try QueueDirectory.active.move(message.id, to: .deferred)
        } catch {
            guard error.isMissing else {
                warn(message.id, "not deferred: \(error)")
                return stick(message)
            }
        }
        forget(message)
    }

    private func forget(_ message: ActiveMessage) {
        messages[message.id] = nil
        recipientCount -= message.file.envelope.recipients.count
        if message.isSuspect { suspectIsActive = false }
    }

    /// Asks bounce to tell the sender of the failures; the rest of them comes in the next round.
    private func notify(_ message: ActiveMessage, _ standing: Outcomes) {
        guard notices.count < Self.noticeLimit else { return noticeLine.append(message) }
        let failures = standing.unnotified.prefix(BounceRequest.failureLimit)
        let request = BounceRequest(
            queueID: message.id, file: message.file,
            failures: failures.map { index, outcome in
                let recipient = message.file.envelope.recipients[index]
                return BounceFailure(
                    address: recipient.address, original: recipient.original, outcome: outcome)
            })
        do throws(ChannelError) {
            let channel = try Channel.connect(
                to: "private/bounce", deadline: .after(seconds: Self.noticePatience))
            try send(request, of: message.id, over: channel)
            notices[channel.descriptor] = RunningNotice(
                channel, message.id, failures.map(\.recipient))
            message.outstanding = 1
        } catch { noticeFailed(message, error.text) }
    }

    private func send(
        _ request: BounceRequest, of id: QueueID, over channel: Channel
    ) throws(ChannelError) {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try FileDescriptor.open(QueueDirectory.active.file(id))
        } catch { throw .failed(error) }
        try channel.send(BounceMessage.request(request), passing: file)
        channel.deadline = .never
    }

    /// Hears the answer of bounce.
    func hear(_ notice: RunningNotice) {
        do throws(ChannelError) {
            let answers = try notice.channel.receiveReady(BounceMessage.self)
            guard let answer = answers.first else { return }
            ended(notice)
            guard let message = messages[notice.message] else { return }
            message.outstanding = 0
            touched.append(message)
            switch answer {
            case .handled:
                message.unwritten += notice.recipients.map { .notified(recipient: $0) }
            case .failed(let text): noticeFailed(message, text)
            case .request: noticeFailed(message, ChannelError.malformed.text)
            }
        } catch {
            ended(notice)
            guard let message = messages[notice.message] else { return }
            message.outstanding = 0
            noticeFailed(message, error.text)
        }
    }

    private func ended(_ notice: RunningNotice) {
        notices[notice.channel.descriptor] = nil
        if let next = noticeLine.popFirst() { touched.append(next) }
    }

    private func noticeFailed(_ message: ActiveMessage, _ text: String) {
        warn(message.id, "sender not notified: bounce service: \(text)")
        message.noticeFailed = true
        touched.append(message)
    }

    /// Keeps a message that the disk does not let go, to try again after a pause.
    private func stick(_ message: ActiveMessage) {
        stuck.append(message)
        if nextUnstick == .never { nextUnstick = .after(seconds: Self.unstickPause) }
    }

    func unstick() {
        nextUnstick = .never
        touched += stuck
        stuck = []
    }

    func syncRemovals() {
        nextRemovalSync = .never
        hasRemoved = false
        do throws(SystemError) { try QueueDirectory.active.path.syncDirectory() } catch {
            log.warning("\(error)")
        }
    }
}
