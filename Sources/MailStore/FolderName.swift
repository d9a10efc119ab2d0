import Bytes

/// A folder's name as IMAP4rev1 and the disk have it: octets in modified UTF-7, levels separated
/// by `MailStore.separator`.
///
/// It is only a name: whether it may be a folder's name is asked by each operation of the store
/// (`StoreError.invalidName`).
package struct FolderName: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// The name; `inbox` in any case is INBOX (RFC 3501 section 5.1).
    package init(_ bytes: some Collection<UInt8>) {
        self.bytes = bytes.equalsIgnoringCase("INBOX") ? Array("INBOX") : Array(bytes)
    }

    package init(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

    package static let inbox = FolderName("INBOX")

    package var isInbox: Bool { self == .inbox }

    package var description: String { String(printable: bytes) }
}

/// One folder in a listing.
package struct FolderEntry: Equatable, Sendable {
    package let name: FolderName
    /// The folder holds messages and can be opened; false: it is only a level of the hierarchy.
    package let isSelectable: Bool
    package let hasChildren: Bool
    /// Folders can be created below it; false for an mbox file (`\Noinferiors`).
    package let allowsChildren: Bool

    package init(name: FolderName, isSelectable: Bool, hasChildren: Bool, allowsChildren: Bool) {
        self.name = name
        self.isSelectable = isSelectable
        self.hasChildren = hasChildren
        self.allowsChildren = allowsChildren
    }
}

/// What STATUS says of a folder (RFC 3501 section 6.3.10).
package struct FolderStatus: Equatable, Sendable {
    package let messages: Int
    package let recent: Int
    package let unseen: Int
    package let uidNext: UInt32
    package let uidValidity: UInt32

    package init(
        messages: Int, recent: Int, unseen: Int, uidNext: UInt32, uidValidity: UInt32
    ) {
        self.messages = messages
        self.recent = recent
        self.unseen = unseen
        self.uidNext = uidNext
        self.uidValidity = uidValidity
    }
}
