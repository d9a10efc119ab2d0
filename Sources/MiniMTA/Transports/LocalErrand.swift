import Bytes
import Posix

/// Work done in a process of its own that has become somebody for good before it begins.
///
/// The answer comes back as octets; a child that dies without one is a failure like any other.
enum LocalErrand {
    /// Whose rights the work is done with.
    struct Identity: Equatable {
        let user: UInt32
        let group: UInt32
        /// A group that is put on for moments only: that of the spool directory.
        var keptGroup: UInt32?
        let name: String

        init(_ user: User, keepingGroup kept: UInt32? = nil) {
            self.user = user.id
            group = user.group
            name = user.name
            keptGroup = kept
        }
    }

    /// Octets of an answer: a few lines of text, or the targets of a .forward file.
    private static let answerLimit = 1 << 20

    /// Runs `body` as `identity` and yields its answer.
    ///
    /// A child that takes longer than `seconds` is ended.
    static func run(
        as identity: Identity, seconds: Int, _ body: () -> FieldWriter
    ) throws(SystemError) -> FieldReader {
        let pipe = try Pipe()
        guard let child = try Process.fork() else { work(identity, pipe.keepWriting(), body) }
        let reading = pipe.keepReading()
        let answer = try hear(reading, until: .after(seconds: seconds))
        if answer == nil { try Process.signal(child, Signal.kill) }
        switch try Process.wait(child) {
        case .exited(0): break
        case .exited(let status):
            throw SystemError(
                status == cannotBecome ? SystemError.notPermitted : SystemError.inputOutput,
                "become \(identity.name)")
        case .signalled(let signal):
            throw SystemError(
                SystemError.inputOutput, "delivery process ended by signal \(signal)")
        }
        guard let answer else { throw SystemError(SystemError.timedOut, "delivery process") }
        return FieldReader(answer)
    }

    private static func hear(
        _ reading: borrowing FileDescriptor, until deadline: Deadline
    ) throws(SystemError) -> [UInt8]? {
        var answer: [UInt8] = []
        while true {
            guard try reading.wait(for: .readable, until: deadline) else { return nil }
            let part = try reading.read(limit: 65536)
            if part.isEmpty { return answer }
            guard answer.count + part.count <= answerLimit else {
                throw SystemError(SystemError.tooLarge, "delivery process")
            }
            answer += part
        }
    }

    private static let cannotBecome: Int32 = 77
    private static let cannotAnswer: Int32 = 74

    private static func work(
        _ identity: Identity, _ writing: consuming FileDescriptor, _ body: () -> FieldWriter
    ) -> Never {
        do throws(SystemError) { try become(identity) } catch { Process.leave(cannotBecome) }
        let answer = body().bytes
        do throws(SystemError) { try writing.write(answer) } catch { Process.leave(cannotAnswer) }
        Process.leave(0)
    }

    private static func become(_ identity: Identity) throws(SystemError) {
        guard Rights.effectiveUser == 0 else {
            // A mail system that an ordinary user runs delivers for that user only.
            guard Rights.effectiveUser == identity.user else {
                throw SystemError(SystemError.notPermitted, "become \(identity.name)")
            }
            return
        }
        let groups = [identity.group]
        guard let kept = identity.keptGroup else {
            return try Rights.become(
                user: identity.user, group: identity.group, supplementary: groups)
        }
        try Rights.become(
            user: identity.user, group: identity.group, supplementary: groups, keepingGroup: kept)
    }
}
