import Bytes
import DeliveryMonitor
import Message
import SMTPGrammar

/// The address of a MAIL or RCPT command (RFC 5321 section 4.1.2); a source route falls away.
enum EnvelopeAddress {
    case null
    case mailbox(RecipientAddress)

    /// Nil when the word is no address in angle brackets, or one that holds controls.
    init?(_ word: CommandLine.Argument) {
        let bytes = word.bytes
        guard !word.isOpen, bytes.first == .less, bytes.last == .greater, bytes.count >= 2,
            !bytes.contains(where: \.isControl)
        else { return nil }
        var inside = bytes.dropFirst().dropLast()
        if inside.isEmpty {
            self = .null
            return
        }
        if inside.first == .at, let colon = inside.firstIndex(of: .colon) {
            inside = inside[(colon + 1)...]
        }
        let list = AddressList.parse(inside)
        guard list.problem == nil, list.entries.count == 1,
            case .mailbox(let address) = list.entries[0], address.displayName == nil,
            !address.localPart.isEmpty
        else { return nil }
        self = .mailbox(
            RecipientAddress(
                written: address.address, localPart: address.localPart, domain: address.domain))
    }
}
