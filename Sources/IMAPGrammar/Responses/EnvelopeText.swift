import Bytes
package import Message

/// The ENVELOPE of a message (RFC 3501 section 7.4.2).
package enum EnvelopeText {
    package static func text(of header: HeaderBlock) -> [UInt8] {
        let from = addresses("From", header)
        let sender = addresses("Sender", header)
        let replyTo = addresses("Reply-To", header)
        return ResponseText.list([
            single("Date", header), single("Subject", header),
            list(from), list(sender.isEmpty ? from : sender),
            list(replyTo.isEmpty ? from : replyTo),
            list(addresses("To", header)), list(addresses("Cc", header)),
            list(addresses("Bcc", header)),
            single("In-Reply-To", header), single("Message-Id", header),
        ])
    }

    private static func single(_ name: StaticString, _ header: HeaderBlock) -> [UInt8] {
        ResponseText.nstring(header.first(name)?.unfolded)
    }

    /// The addresses of all fields of this name, each already as the response has it.
    private static func addresses(_ name: StaticString, _ header: HeaderBlock) -> [[UInt8]] {
        header.all(name).flatMap { field in
            AddressList.parse(field.value).entries.flatMap { entry -> [[UInt8]] in
                switch entry {
                case .mailbox(let address): [text(of: address)]
                case .group(let name, let members):
                    // RFC 3501: a group begins with a nameless host and ends with nothing at all.
                    [address(nil, nil, name, nil)] + members.map(text)
                        + [address(nil, nil, nil, nil)]
                }
            }
        }
    }

    private static func text(of mailbox: MailAddress) -> [UInt8] {
        let route = Array(
            mailbox.route.map { [.at] + $0 }.joined(separator: [UInt8(ascii: ",")]))
        // NIL would mean a group: what is missing is said in words, as Dovecot does.
        return address(
            mailbox.displayName, route.isEmpty ? nil : route,
            mailbox.localPart.isEmpty ? [UInt8]("MISSING_MAILBOX") : mailbox.localPart,
            mailbox.domain.isEmpty ? [UInt8]("MISSING_DOMAIN") : mailbox.domain)
    }

    private static func address(
        _ name: [UInt8]?, _ route: [UInt8]?, _ mailbox: [UInt8]?, _ host: [UInt8]?
    ) -> [UInt8] {
        ResponseText.list([name, route, mailbox, host].map { ResponseText.nstring($0) })
    }

    /// Nothing is NIL; the addresses stand side by side without a blank.
    private static func list(_ addresses: [[UInt8]]) -> [UInt8] {
        guard !addresses.isEmpty else { return [UInt8]("NIL") }
        return [UInt8(ascii: "(")] + addresses.joined() + [UInt8(ascii: ")")]
    }
}
