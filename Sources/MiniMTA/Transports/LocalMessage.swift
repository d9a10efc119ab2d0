import Bytes
import LocalDelivery
import MailQueue
import Posix
import Rewriting

/// The letter of one delivery request, and what its headers and commands are told of a recipient.
struct LocalMessage: ~Copyable {
    let request: DeliveryRequest
    let file: FileDescriptor

    /// The recipient of the envelope that a delivery goes back to.
    struct Recipient {
        /// The address that the queue has, and as it first arrived.
        let envelope: DeliveryRecipient
        /// What aliases made of it: an address in internal form.
        let final: [UInt8]
        /// The user or alias, its extension included.
        let local: [UInt8]
        let extensionPart: [UInt8]
        let user: User?

        /// The envelope's address in external form, for Delivered-To.
        var address: [UInt8] { AddressQuoting.quote(envelope.address) }
    }

    private static let lineFeed: [UInt8] = [.lf]

    /// The letter with Return-Path, X-Original-To and, where `hasDelivered`, Delivered-To in front.
    func letter(
        for recipient: Recipient, hasDelivered: Bool
    ) throws(SystemError) -> DeliveredLetter {
        let sender = AddressQuoting.quote(envelope: request.sender)
        var headers = Array("Return-Path: <".utf8) + sender + Array(">\n".utf8)
        if !recipient.envelope.original.isEmpty {
            headers += Array("X-Original-To: ".utf8)
            headers += AddressQuoting.quote(recipient.envelope.original) + Self.lineFeed
        }
        if hasDelivered {
            headers += Array("Delivered-To: ".utf8) + recipient.address + Self.lineFeed
        }
        return DeliveredLetter(
            content: try file.duplicate(), offset: request.contentOffset,
            size: request.contentSize, sender: sender, headers: headers)
    }

    /// The environment of commands: Postfix's names.
    func variables(for recipient: Recipient) -> [(name: String, value: [UInt8])] {
        let address = recipient.final
        let at = address.lastIndex(of: .at) ?? address.endIndex
        var list: [(name: String, value: [UInt8])] = []
        if let user = recipient.user {
            list += [
                ("USER", Array(user.name.utf8)), ("LOGNAME", Array(user.name.utf8)),
                ("HOME", user.home.bytes), ("SHELL", user.shell.bytes),
            ]
        }
        list += [
            ("SENDER", request.sender), ("RECIPIENT", address), ("LOCAL", recipient.local),
            ("DOMAIN", Array(address[at...].dropFirst())),
            ("EXTENSION", recipient.extensionPart),
            ("ORIGINAL_RECIPIENT", recipient.envelope.original),
        ]
        for (name, attribute) in Self.clientVariables {
            let value = request.attributes.first { $0.name == attribute }?.value
            list.append((name, value ?? []))
        }
        return list.filter { $0.name == "EXTENSION" || !$0.value.isEmpty }
    }

    private static let clientVariables: [(String, String)] = [
        ("CLIENT_ADDRESS", Attribute.clientAddress), ("CLIENT_HOSTNAME", Attribute.clientName),
        ("CLIENT_HELO", Attribute.heloName), ("CLIENT_PROTOCOL", Attribute.protocolName),
    ]

    /// The addresses of the Delivered-To headers, in lower case: who has had this letter already.
    var deliveredTo: Set<[UInt8]> {
        Set(request.attributes.filter { $0.name == Attribute.deliveredTo }.map(\.value))
    }
}
