import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
import Settings

/// Takes one message apart and writes it to its queue file, whole and complete.
final class MessageCleaner {
    private let environment: CleanupEnvironment
    private let writer: QueueFileWriter
    private var envelope = Envelope(sender: [])
    private var known: Set<[UInt8]> = []
    private var isStarted = false
    private var reader: HeaderReader
    private var missing: MissingHeaders?
    private var origin = SubmissionOrigin.local
    private var hops = 0
    private var places = DeliveredPlaces()
    private let created = Clock.now
    private var endsInLineEnd = true
    /// Why the message will not be queued; what still comes is thrown away.
    private var failure: SubmissionStatus?

    init(_ environment: CleanupEnvironment, _ writer: QueueFileWriter) {
        self.environment = environment
        self.writer = writer
        reader = HeaderReader(limit: environment.settings.headerSizeLimit)
    }

    private var log: Log { environment.log }

    /// Takes the next part of the submission; yields what became of the message at its end.
    func take(_ part: SubmissionMessage) -> SubmissionStatus? {
        switch part {
        case .sender(let address, let origin, let arrival):
            self.origin = origin
            envelope.arrival = arrival
            envelope.sender = checked(address)
        case .attribute(let attribute): envelope.attributes.append(attribute)
        case .recipient(let recipient): add(recipient)
        case .content(let piece): content(piece)
        case .end: return finish()
        case .queueID, .status: failure = .malformed
        }
        return nil
    }

    /// The address completed; one that could break a line of the queue, a header or a log is refused.
    private func checked(_ address: [UInt8]) -> [UInt8] {
        guard !address.contains(.lf), !address.contains(.cr), !address.contains(0) else {
            failure = .refused(status: "5.1.3", text: "bad address syntax")
            return []
        }
        return environment.rewriter.complete(address)
    }

    private func add(_ recipient: QueueRecipient) {
        let address = checked(recipient.address)
        let original = recipient.original.filter { $0 != .lf && $0 != .cr && $0 != 0 }
        let key = (address + [.lf] + original).lowercased
        guard !known.contains(key) else { return }
        if known.count < environment.settings.duplicateLimit { known.insert(key) }
        guard envelope.recipients.count < Envelope.recipientLimit else {
            failure = .refused(status: "5.5.3", text: "too many recipients")
            return
        }
        envelope.recipients.append(QueueRecipient(address, original: original))
    }

    // MARK: - Content

    private var completesHeaders: Bool {
        context == .local || !environment.rewriter.rules.remoteDomain.isEmpty
    }

    private var context: RewriteContext {
        guard origin == .network else { return .local }
        return envelope.attribute(Attribute.rewriteContext) == Array("local".utf8)
            ? .local : .remote
    }

    private func content(_ piece: [UInt8]) {
        start()
        for event in reader.read(piece) { handle(event) }
    }

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        missing = MissingHeaders(
            queueID: writer.id, hostName: environment.host.myhostname, created: created,
            envelope: envelope, fullName: envelope.attribute("full_name") ?? [])
        if envelope.recipients.isEmpty { failure = failure ?? .noRecipients }
        attempt { () throws(SystemError) in try writer.begin(envelope) }
    }

    private func handle(_ event: HeaderReader.Event) {
        switch event {
        case .header(let field): handle(field)
        case .endOfHeaders: endHeaders()
        case .body(let octets): append(octets)
        }
    }

    private func handle(_ field: HeaderField) {
        if field.kind == .received {
            hops += 1
            if hops >= environment.settings.hopLimit, failure == nil {
                log.warning("\(writer.id): message rejected: hopcount exceeded")
                failure = .tooManyHops
            }
        }
        guard !environment.dropped.contains(where: field.name.equalsIgnoringCase) else { return }
        missing?.note(field)
        switch field.kind {
        case .from, .resentFrom, .addresses:
            guard completesHeaders else { return append(field.octets) }
            let rewriting = HeaderRewriting(rewriter: environment.rewriter, context: context)
            append(rewriting.complete(field))
        case .deliveredTo:
            places.note(field)
            append(field.octets)
        case .received, .messageID, .resentMessageID, .date, .resentDate, .other:
            append(field.octets)
        }
    }

    private func endHeaders() {
        guard failure == nil, var missing else { return }
        append(
            missing.missing(
                completes: completesHeaders, always: environment.settings.alwaysAddsHeaders))
        for text in missing.logText { log.info("\(writer.id): \(text)") }
    }

    private func append(_ octets: [UInt8]) {
        guard failure == nil, let last = octets.last else { return }
        let limit = environment.sizeLimit
        guard limit == 0 || writer.contentSize + octets.count <= limit else {
            log.warning("\(writer.id): queue file size limit exceeded")
            failure = .tooBig
            return
        }
        endsInLineEnd = last == .lf
        attempt { () throws(SystemError) in try writer.append(octets) }
    }

    private func finish() -> SubmissionStatus {
        start()
        for event in reader.finish() { handle(event) }
        if !endsInLineEnd { append([.lf]) }
        attempt { () throws(SystemError) in try writer.finish(attributes: places.attributes) }
        if failure != nil { writer.abort() }
        return failure ?? .queued
    }

    /// Writes, unless the message has failed already; a write that fails ends it.
    private func attempt(_ write: () throws(SystemError) -> Void) {
        guard failure == nil else { return }
        do throws(SystemError) { try write() } catch {
            log.warning("\(writer.id): write queue file: \(error)")
            failure = error.code == SystemError.tooLarge ? .tooBig : .writeError
        }
    }
}
