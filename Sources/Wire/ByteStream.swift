import Bytes
package import Posix

/// A buffered connection: lines and runs of octets in, octets out, each with a deadline and a limit.
package final class ByteStream {
    /// Octets asked of the transport at once.
    private static let inputBlock = 32_768
    /// Output is sent when this much has gathered, so that memory stays bounded.
    private static let outputBlock = 65_536

    private var transport: any Transport
    private var input: [UInt8] = []
    private var start = 0
    private var output: [UInt8] = []

    /// Until when the next receive or send must be done; set anew for each request.
    package var deadline = Deadline.never

    package init(_ transport: any Transport) { self.transport = transport }

    /// Goes on over another transport, as after STARTTLS.
    ///
    /// What the client sent before is thrown away (CVE-2011-0411), and unsent output must not exist.
    package func replaceTransport(_ make: (any Transport) -> any Transport) {
        precondition(output.isEmpty)
        transport = make(transport)
        _ = takeBuffered()
    }

    /// The descriptor to wait on when `hasBufferedInput` is false.
    package var inputDescriptor: Int32 { transport.inputDescriptor }

    /// There is input that no wait on the descriptor would announce.
    package var hasBufferedInput: Bool { start < input.count }

    /// A whole line is there: reading it will not wait, so answers before it may be sent later.
    package var hasBufferedLine: Bool { input[start...].contains(.lf) }

    /// Everything received and not read yet: for a process that takes the connection over.
    package func takeBuffered() -> [UInt8] {
        defer {
            input = []
            start = 0
        }
        return Array(input[start...])
    }

    /// Puts octets in front of what is still to be read.
    package func putBack(_ bytes: [UInt8]) {
        input = bytes + input[start...]
        start = 0
    }

    /// Reads a line of at most `limit` octets, its end not counted.
    ///
    /// A longer one comes in pieces: every piece but the last has the ending `.none`.
    package func readLine(limit: Int) throws(WireError) -> Line {
        var scanned = start
        while true {
            if let end = input[scanned...].firstIndex(of: .lf), end - start <= limit + 1 {
                defer { start = end + 1 }
                let hasCR = end > start && input[end - 1] == .cr
                let bytes = Array(input[start..<(hasCR ? end - 1 : end)])
                if bytes.count <= limit { return Line(bytes: bytes, ending: hasCR ? .crlf : .lf) }
            } else if input.count - start <= limit + 1 {
                scanned = input.count
                let removed = try receive()
                scanned -= removed
                continue
            }
            defer { start += limit }
            return Line(bytes: Array(input[start..<(start + limit)]), ending: .none)
        }
    }

    /// Reads at least one and at most `limit` octets.
    package func read(limit: Int) throws(WireError) -> [UInt8] {
        if start == input.count { _ = try receive() }
        let end = min(input.count, start + limit)
        defer { start = end }
        return Array(input[start..<end])
    }

    /// Adds to the output; sent by `flush()`, or before when there is much.
    package func write(_ bytes: some Collection<UInt8>) throws(WireError) {
        output.append(contentsOf: bytes)
        if output.count >= Self.outputBlock { try flush() }
    }

    package func write(_ text: String) throws(WireError) { try write(Array(text.utf8)) }

    /// Sends what was written.
    package func flush() throws(WireError) {
        guard !output.isEmpty else { return }
        let bytes = output
        output.removeAll(keepingCapacity: true)
        try transport.send(bytes, until: deadline)
    }

    /// Receives once, and yields by how much the positions in the buffer went down.
    private func receive() throws(WireError) -> Int {
        let removed = start
        input.removeFirst(start)
        start = 0
        input += try transport.receive(limit: Self.inputBlock, until: deadline)
        return removed
    }
}

/// A line as it was received.
package struct Line: Equatable, Sendable {
    package enum Ending: Sendable {
        case crlf
        /// A bare LF.
        case lf
        /// The limit came first: the rest of the line follows.
        case none
    }

    /// The octets before the ending.
    package let bytes: [UInt8]
    package let ending: Ending

    package init(bytes: [UInt8], ending: Ending) {
        self.bytes = bytes
        self.ending = ending
    }
}
