import Bytes
import MailQueue

/// Where a letter has been, from its Delivered-To headers: for the end of forwarding loops.
///
/// Learnt here, where the headers are read anyway, so that `local` need not read what a stranger
/// wrote.
struct DeliveredPlaces {
    /// As many as Postfix keeps: a loop is seen at its first return.
    private static let limit = 1000
    /// Octets of all of them: they travel in the envelope, which is small.
    private static let octetLimit = 1 << 17

    private(set) var attributes: [Attribute] = []
    private var octets = 0

    mutating func note(_ field: HeaderField) {
        let address = Array(field.value).lowercased
        guard !address.contains(.lf), attributes.count < Self.limit,
            octets + address.count <= Self.octetLimit
        else { return }
        octets += address.count
        attributes.append(Attribute(Attribute.deliveredTo, address))
    }
}
