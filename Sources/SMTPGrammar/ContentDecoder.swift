import Bytes

/// Turns the octets after DATA into content with LF line ends, and finds where it ends.
///
/// Only CR LF `.` CR LF ends the content (RFC 5321 section 4.1.1.4): every other spelling of it is
/// content, so that no two servers can disagree about where a message ends (CVE-2023-51764). A bare
/// LF ends a line; a bare CR becomes a blank, and CRs before a line end go, so what is stored holds
/// LF alone. Octets may come in pieces of any size.
package struct ContentDecoder: Sendable {
    private enum State: Sendable, Equatable {
        /// At the start of a line; `exact` when CR LF came before, or nothing.
        case lineStart(exact: Bool)
        /// After a dot at the start of a line.
        case dot(exact: Bool)
        /// After CR LF `.` CR: LF ends the content.
        case lastCarriage
        case text
        /// After this many CRs in a line.
        case carriages(Int)
        case ended
    }

    /// CRs held back in case a line end follows; more than any mangled line end has.
    private static let carriageLimit = 16

    private var state = State.lineStart(exact: true)

    package init() {}

    package var hasEnded: Bool { state == .ended }

    /// Decodes `input` from `start` into `content`, and yields where it stopped: after the end of the
    /// content, or at the end of the input.
    package mutating func decode(
        _ input: Span<UInt8>, from start: Int, into content: inout [UInt8]
    ) -> Int {
        var place = start
        while place < input.count, state != .ended {
            take(input[place], &content)
            place += 1
        }
        return place
    }

    private mutating func take(_ byte: UInt8, _ content: inout [UInt8]) {
        switch state {
        case .lineStart(let exact):
            if byte == .dot { state = .dot(exact: exact) } else { inLine(byte, &content) }
        case .dot(let exact):
            // The first dot of a line is the sender's (RFC 5321 section 4.5.2).
            if byte == .cr, exact { state = .lastCarriage } else { inLine(byte, &content) }
        case .lastCarriage:
            if byte == .lf { state = .ended } else { afterCarriages(1, byte, &content) }
        case .text: inLine(byte, &content)
        case .carriages(let count): afterCarriages(count, byte, &content)
        case .ended: break
        }
    }

    private mutating func inLine(_ byte: UInt8, _ content: inout [UInt8]) {
        switch byte {
        case .cr: state = .carriages(1)
        case .lf:
            content.append(.lf)
            state = .lineStart(exact: false)
        default:
            content.append(byte)
            state = .text
        }
    }

    private mutating func afterCarriages(
        _ count: Int, _ byte: UInt8, _ content: inout [UInt8]
    ) {
        switch byte {
        case .lf:
            content.append(.lf)
            state = .lineStart(exact: true)
        case .cr:
            if count < Self.carriageLimit {
                state = .carriages(count + 1)
            } else {
                content.append(.space)
                state = .carriages(count)
            }
        default:
            content.append(contentsOf: repeatElement(.space, count: count))
            content.append(byte)
            state = .text
        }
    }
}
