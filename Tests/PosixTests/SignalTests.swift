import Bytes
import Posix
import Testing

@Suite struct SignalTests {
    /// The signals that this thread blocks.
    private func blocked() throws -> UInt64 {
        let status = try FileDescriptor.open("/proc/thread-self/status").readAll(limit: 65536)
        let line = try #require(
            status.split(separator: .lf).first { $0.starts(with: "SigBlk:".utf8) })
        return try #require(UInt64(String(decoding: line.dropFirst(8), as: UTF8.self), radix: 16))
    }

    @Test func aPassingSignalDescriptorGivesBackWhatItBlocks() throws {
        let before = try blocked()
        let user = UInt64(1) << UInt64(Signal.user1 - 1)
        let child = UInt64(1) << UInt64(Signal.child - 1)
        let outer = try SignalDescriptor([Signal.user1])
        do {
            let inner = try SignalDescriptor([Signal.user1, Signal.child], passing: true)
            #expect(try blocked() == before | user | child)
            #expect(inner.next() == nil)
        }
        #expect(try blocked() == before | user)
        #expect(outer.next() == nil)
        // For the rest of the process: what comes while it ends must not kill it.
        _ = try SignalDescriptor([Signal.user2])
        let second = UInt64(1) << UInt64(Signal.user2 - 1)
        #expect(try blocked() == before | user | second)
    }
}
