import Bytes
import MailQueue

/// One request to a transport: some recipients of one message at one destination.
struct Delivery: Equatable {
    let message: QueueID
    let destination: Destination
    let nexthop: [UInt8]
    let recipients: [DeliveryRecipient]
}

/// What shares a limit on concurrent deliveries: a next hop of a transport, or a single recipient.
struct Destination: Hashable {
    let transport: String
    /// The next hop, or the recipient's address where a delivery has one recipient; in lower case.
    let name: [UInt8]
}

/// A recipient and where it goes, as the resolver found it.
struct ResolvedRecipient: Equatable {
    let transport: String
    let nexthop: [UInt8]
    let recipient: DeliveryRecipient
}

/// Divides a message's recipients into deliveries: by transport and next hop, in portions of what a
/// delivery may hold, in the order of the envelope.
func divide(
    _ recipients: [ResolvedRecipient], of message: QueueID,
    limits: (String) -> TransportLimits?
) -> [Delivery] {
    var portions: [(destination: Destination, nexthop: [UInt8], list: [DeliveryRecipient])] = []
    var open: [Destination: Int] = [:]
    for resolved in recipients {
        let limit = limits(resolved.transport)?.recipients ?? 1
        let name = limit == 1 ? resolved.recipient.address : resolved.nexthop
        let destination = Destination(transport: resolved.transport, name: name.lowercased)
        if let index = open[destination], portions[index].list.count < limit {
            portions[index].list.append(resolved.recipient)
        } else {
            open[destination] = portions.count
            portions.append((destination, resolved.nexthop, [resolved.recipient]))
        }
    }
    return portions.map {
        Delivery(
            message: message, destination: $0.destination, nexthop: $0.nexthop,
            recipients: $0.list)
    }
}
