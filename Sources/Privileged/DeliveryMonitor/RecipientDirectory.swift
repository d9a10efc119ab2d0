import Accounts
import Bytes
package import Settings

/// Finds the account that an address means, and what the address says beside its name.
package struct RecipientDirectory {
    private let accounts: AccountDirectory
    private let settings: AccessSettings
    /// The protocol's name in settings and in `%s`.
    private static let service = "lmtp"

    /// An address and whose it is.
    struct Recipient: Equatable, Sendable {
        let address: RecipientAddress
        let account: Account
        /// What stands behind the delimiter: `lists` of `alice+lists`.
        let extensionPart: [UInt8]

        /// The same mailbox and the same recipes' argument: one delivery serves both.
        func isSameDelivery(as other: Recipient) -> Bool {
            account == other.account && extensionPart == other.extensionPart
        }
    }

    package init(_ settings: AccessSettings, onlyUser: UInt32?) throws(DovecotError) {
        self.settings = settings
        accounts = try AccountDirectory(settings, service: Self.service, onlyUser: onlyUser)
    }

    /// The account that `address` means, and what stands behind the name.
    ///
    /// The whole address is looked for, then its local part alone, as the mail system that asks has
    /// found the domain to be ours; both without extension.
    func account(
        of address: RecipientAddress
    ) throws(AccountError) -> (account: Account, extensionPart: [UInt8]) {
        let (name, extensionPart) = split(address.localPart)
        var names = [name]
        if !address.domain.isEmpty { names.insert(name + [.at] + address.domain, at: 0) }
        for name in names {
            do throws(AccountError) {
                let normal = try LoginName.normalised(name, settings, service: Self.service)
                return (try accounts.account(normal), extensionPart)
            } catch {
                guard error == .unknown else { throw error }
            }
        }
        throw .unknown
    }

    /// A local part before and behind the first octet of `recipient_delimiter`; one in front is part
    /// of the name.
    private func split(_ localPart: [UInt8]) -> (name: [UInt8], extensionPart: [UInt8]) {
        let delimiters = Array(settings.recipientDelimiter.utf8)
        guard let place = localPart.dropFirst().firstIndex(where: { delimiters.contains($0) })
        else { return (localPart, []) }
        return (Array(localPart[..<place]), Array(localPart[(place + 1)...]))
    }

    /// What the passwd-files had to complain about.
    func takeWarnings() -> [String] { accounts.takeWarnings() }
}
