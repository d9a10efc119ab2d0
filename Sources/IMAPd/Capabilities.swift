/// What CAPABILITY announces after login; each word of it works.
enum Capabilities {
    static let session =
        "IMAP4rev1 LITERAL+ ID IDLE NAMESPACE UIDPLUS CHILDREN UNSELECT"
}
