import Bytes

/// The value of an address header (From, To, Cc, …): mailboxes and groups.
///
/// Reading is lenient and linear in the length, and never recursive: any octets yield a list, and
/// `problem` is the first place where RFC 5322 was left.
package struct AddressList: Equatable, Sendable {
    package enum Entry: Equatable, Sendable {
        case mailbox(MailAddress)
        case group(name: [UInt8], members: [MailAddress])
    }

    package let entries: [Entry]
    package let problem: AddressProblem?

    package static func parse(_ value: some Collection<UInt8>) -> AddressList {
        var parser = AddressParser(Array(value))
        return parser.list()
    }

    init(entries: [Entry], problem: AddressProblem?) {
        self.entries = entries
        self.problem = problem
    }

    /// Every address, those of groups among them.
    package var mailboxes: [MailAddress] {
        entries.flatMap { entry in
            switch entry {
            case .mailbox(let address): [address]
            case .group(_, let members): members
            }
        }
    }

    /// The value with every address replaced by what `rewrite` makes of it; names, comments and
    /// folds stay as they are.
    ///
    /// What `rewrite` yields must be quoted as `MailAddress.address` is.
    package static func rewriting<Failure: Error>(
        _ value: some Collection<UInt8>, with rewrite: (MailAddress) throws(Failure) -> [UInt8]
    ) throws(Failure) -> [UInt8] {
        let value = Array(value)
        var out: [UInt8] = []
        var copied = 0
        for address in parse(value).mailboxes where !address.isEmpty {
            guard address.range.lowerBound >= copied else { continue }
            out += value[copied..<address.range.lowerBound]
            out += try rewrite(address)
            copied = address.range.upperBound
        }
        return out + value[copied...]
    }
}
