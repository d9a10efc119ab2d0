import Bytes
import Diagnostics
import MailQueue
import Posix
import Services
import Settings

/// Sends the notices that one request of qmgr asks for.
struct Bouncer {
    /// The most octets of a header that come along.
    private static let headerLimit = 102_400
    /// Octets of the original that are copied at once.
    private static let block = 65_536

    let settings: BounceSettings
    let host: HostSettings
    let log: Log
    /// Where cleanup listens.
    var cleanup = SubmissionClient.service

    func handle(_ request: BounceRequest, _ file: borrowing FileDescriptor) -> BounceMessage {
        let plan = NoticePlan(
            sender: request.sender, settings: settings, hostName: host.myhostname)
        if plan.isDiscarded {
            log.warning("\(request.queueID): undeliverable postmaster notification discarded")
        }
        for notice in plan.notices {
            if let failure = send(notice, request, file) { return .failed(failure) }
        }
        return .handled
    }

    /// Sends one notice; yields why that failed.
    private func send(
        _ notice: Notice, _ request: BounceRequest, _ file: borrowing FileDescriptor
    ) -> String? {
        do throws(ChannelError) {
            let client = try SubmissionClient(to: cleanup, sender: notice.sender, origin: .notice)
            client.attribute(Attribute.rewriteContext, Array("local".utf8))
            client.recipient(QueueRecipient(notice.recipient))
            do throws(SystemError) { try write(notice, request, file, to: client) } catch {
                return "\(error)"
            }
            let status = client.finish()
            guard status == .queued else { return status.text }
            let kind = notice.audience == .sender ? "sender" : "postmaster"
            log.info("\(request.queueID): \(kind) non-delivery notification: \(client.queueID)")
            return nil
        } catch { return error.text }
    }

    private func write(
        _ notice: Notice, _ request: BounceRequest, _ file: borrowing FileDescriptor,
        to client: SubmissionClient
    ) throws(SystemError) {
        let isWhole =
            notice.audience != .postmasterCopy && request.loggedSize <= settings.sizeLimit
        let end =
            isWhole ? request.contentSize : try headerSize(request, file)
        let text = NoticeText(
            notice: notice, request: request, hostName: host.myhostname, origin: host.myorigin,
            id: client.queueID, now: Clock.now, isWhole: isWhole,
            isEightBit: try isEightBit(request, end, file))
        client.content(text.opening)
        try forEachBlock(request, end, file) { client.content($0) }
        if try lastOctet(request, end, file) != .lf { client.content([.lf]) }
        client.content(text.closing)
    }

    private func forEachBlock(
        _ request: BounceRequest, _ end: Int, _ file: borrowing FileDescriptor,
        _ body: ([UInt8]) -> Void
    ) throws(SystemError) {
        var done = 0
        while done < end {
            let part = try file.read(
                limit: min(Self.block, end - done), at: request.contentOffset + done)
            guard !part.isEmpty else {
                throw SystemError(SystemError.inputOutput, "message ends early")
            }
            body(part)
            done += part.count
        }
    }

    /// Octets of the original's header, without the empty line; at most `headerLimit`.
    private func headerSize(
        _ request: BounceRequest, _ file: borrowing FileDescriptor
    ) throws(SystemError) -> Int {
        let start = try file.read(
            limit: min(Self.headerLimit, request.contentSize), at: request.contentOffset)
        for index in start.indices.dropLast() where start[index] == .lf && start[index + 1] == .lf {
            return index + 1
        }
        return start.count
    }

    private func isEightBit(
        _ request: BounceRequest, _ end: Int, _ file: borrowing FileDescriptor
    ) throws(SystemError) -> Bool {
        var found = false
        try forEachBlock(request, end, file) { found = found || $0.contains { !$0.isASCII } }
        return found
    }

    private func lastOctet(
        _ request: BounceRequest, _ end: Int, _ file: borrowing FileDescriptor
    ) throws(SystemError) -> UInt8? {
        end == 0 ? .lf : try file.read(limit: 1, at: request.contentOffset + end - 1).first
    }
}
