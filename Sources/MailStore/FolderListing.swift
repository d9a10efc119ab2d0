/// The listing that LIST matches its patterns against.
enum FolderListing {
    /// INBOX, the folders and the levels above them, in the order of their names.
    ///
    /// `filesAreLeaves`: only levels can have children, folders cannot.
    static func entries(
        folders: [FolderName], levels: [FolderName], separator: UInt8, filesAreLeaves: Bool
    ) -> [FolderEntry] {
        var selectable: [FolderName: Bool] = [.inbox: true]
        for level in levels { selectable[level] = false }
        for folder in folders { selectable[folder] = true }
        var parents: Set<FolderName> = []
        for name in folders + levels {
            for index in name.bytes.indices where name.bytes[index] == separator {
                let above = FolderName(name.bytes[..<index])
                parents.insert(above)
                // A level that no folder stands for, as `A` of a Maildir++ with `.A.B` only.
                if selectable[above] == nil { selectable[above] = false }
            }
        }
        return selectable.sorted { left, right in
            left.key.isInbox != right.key.isInbox
                ? left.key.isInbox : left.key.bytes.lexicographicallyPrecedes(right.key.bytes)
        }.map { name, isSelectable in
            FolderEntry(
                name: name, isSelectable: isSelectable, hasChildren: parents.contains(name),
                allowsChildren: !(filesAreLeaves && isSelectable))
        }
    }
}
