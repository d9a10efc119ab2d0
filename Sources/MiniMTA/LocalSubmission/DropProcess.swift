import Bytes
package import Posix

/// The running `postdrop` that takes a submission: for whoever has only the caller's rights.
///
/// Dropped before `finish` it leaves nothing behind.
package final class DropProcess {
    /// Records are sent when this much has gathered.
    private static let block = 65_536
    /// More than the name that `postdrop` reports.
    private static let reportLimit = 256

    private let child: Int32
    private var pipe: FileDescriptor?
    private var pending: [UInt8] = []
    private var content: [UInt8] = []
    /// It has gone away; why is in its exit status.
    private var isGone = false
    private var isFinished = false
    /// The queue ID by which the submission is known until it is queued; empty when none was asked for
    /// or `postdrop` could not make a file.
    package private(set) var name: [UInt8] = []

    private init(_ child: Int32, _ pipe: consuming FileDescriptor) {
        self.child = child
        self.pipe = consume pipe
    }

    deinit {
        guard !isFinished else { return }
        pipe = nil
        do throws(SystemError) { _ = try Process.wait(child) } catch {
            // It is nobody's child any more: there is nothing to wait for.
        }
    }

    /// Starts `postdrop`; `execute` becomes it in the child, given its arguments.
    ///
    /// With `namesFile`, `name` is there when this returns.
    package static func start(
        namesFile: Bool, execute: ([String]) -> Never
    ) throws(SystemError) -> DropProcess {
        let records = try Pipe()
        guard namesFile else {
            if let child = try Process.fork() {
                return DropProcess(child, records.keepWriting())
            }
            become(records.keepReading(), output: nil) { execute([]) }
        }
        let report = try Pipe()
        if let child = try Process.fork() {
            let process = DropProcess(child, records.keepWriting())
            let answer = try report.keepReading().readAll(limit: Self.reportLimit)
            process.name = answer.last == .lf ? Array(answer.dropLast()) : []
            return process
        }
        become(records.keepReading(), output: report.writing.number) { execute(["-r"]) }
    }

    /// The child's part: never returns to the parent's work.
    private static func become(
        _ input: consuming FileDescriptor, output: Int32?, _ execute: () -> Never
    ) -> Never {
        do throws(SystemError) {
            try Process.redirect(input.number, to: 0)
            if let output { try Process.redirect(output, to: 1) }
        } catch { Process.leave(Self.failureCode) }
        Signal.restoreDefaults()
        execute()
    }

    /// The exit code of sysexits.h for a failure of the system.
    private static let failureCode: Int32 = 71

    /// Adds a record; pieces of content are gathered into larger ones.
    package func put(_ record: MaildropRecord) {
        if case .content(let piece) = record {
            if content.count + piece.count > MaildropRecord.pieceLimit { closeContent() }
            content += piece
        } else {
            closeContent()
            pending += record.octets
        }
        if pending.count >= Self.block { flush() }
    }

    private func closeContent() {
        if !content.isEmpty { pending += MaildropRecord.content(content).octets }
        content = []
    }

    private func flush() {
        defer { pending = [] }
        guard !isGone else { return }
        do throws(SystemError) { try pipe?.write(pending) } catch { isGone = true }
    }

    /// Ends the submission, and waits for what became of it: only exit code 0 means that it is safe.
    package func finish() throws(SystemError) -> Process.Ending {
        put(.end)
        flush()
        pipe = nil
        isFinished = true
        return try Process.wait(child)
    }
}
