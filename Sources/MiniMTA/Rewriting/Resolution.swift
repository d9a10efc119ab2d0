/// Where mail for an address goes.
package struct Resolution: Equatable, Sendable {
    /// The kinds of domain that Postfix's ADDRESS_CLASS_README tells apart.
    package enum AddressClass: Sendable, Equatable {
        case local, virtualAlias, virtualMailbox, relay, `default`
    }

    package let addressClass: AddressClass
    /// The service of master.cf that delivers, such as `local`.
    package let transport: String
    /// The destination that the transport is told: a domain, a literal or what main.cf says.
    package let nexthop: [UInt8]
    /// The address as it is delivered, in internal form and with a domain.
    package let recipient: [UInt8]
    /// The local part asks for a route (`@`, `!` or `%`) beyond a domain that is not ours.
    package let isRouted: Bool
    /// No such domain can exist, or the local part begins with `-`: never delivered.
    package let isMalformed: Bool

    package init(
        addressClass: AddressClass, transport: String, nexthop: [UInt8], recipient: [UInt8],
        isRouted: Bool = false, isMalformed: Bool = false
    ) {
        self.addressClass = addressClass
        self.transport = transport
        self.nexthop = nexthop
        self.recipient = recipient
        self.isRouted = isRouted
        self.isMalformed = isMalformed
    }

    /// The part right of the last `@`.
    package var domain: ArraySlice<UInt8> {
        guard let at = recipient.lastIndex(of: 0x40) else { return [] }
        return recipient[(at + 1)...]
    }
}
