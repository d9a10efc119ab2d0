import Bytes
import Message
import Posix

/// The letter that may be answered: its header and its envelope sender.
struct IncomingLetter {
    enum Sender: Equatable {
        case address(MailAddress)
        /// The null sender of notices and of other answers.
        case null
        /// Neither Return-Path nor From_ line.
        case unknown
    }

    let sender: Sender
    let header: HeaderBlock

    /// Octets of a header that are looked at: what comes behind them is not a person's.
    private static let headerLimit = 1 << 20
    private static let pieceSize = 65536

    /// Reads the header from `input`, and the rest so that the writer can finish.
    init(reading input: borrowing FileDescriptor) throws(SystemError) {
        var head: [UInt8] = []
        while true {
            let piece = try input.read(limit: Self.pieceSize)
            if piece.isEmpty { break }
            if head.count < Self.headerLimit { head += piece }
        }
        self.init(head)
    }

    init(_ octets: [UInt8]) {
        var rest = octets.drop { $0 == .lf }
        var fromLine: ArraySlice<UInt8>?
        if rest.starts(with: "From ".utf8) {
            let end = rest.firstIndex(of: .lf) ?? rest.endIndex
            fromLine = rest[rest.startIndex..<end].dropFirst(5)
            rest = rest[end...].dropFirst()
        }
        header = HeaderBlock.parse(rest).header
        if let path = header.first("Return-Path") {
            sender = Self.sender(path.unfolded)
        } else if let fromLine {
            sender = Self.sender(Self.address(in: fromLine))
        } else {
            sender = .unknown
        }
    }

    private static func sender(_ value: [UInt8]) -> Sender {
        guard let address = AddressList.parse(value).mailboxes.first, !address.isEmpty else {
            return value.trimmed.isEmpty ? .unknown : .null
        }
        return .address(address)
    }

    /// The first word of a From_ line; a quoted part of it may hold blanks.
    private static func address(in line: ArraySlice<UInt8>) -> [UInt8] {
        var isQuoted = false
        var word: [UInt8] = []
        for octet in line.drop(while: \.isBlank) {
            if octet.isBlank, !isQuoted { break }
            if octet == .quote { isQuoted.toggle() }
            word.append(octet)
        }
        return word
    }
}
