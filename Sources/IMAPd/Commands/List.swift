import Bytes
import IMAPGrammar
import MailStore

/// LIST, LSUB and NAMESPACE (RFC 3501 sections 6.3.8 and 6.3.9, RFC 2342, RFC 3348).
extension IMAPSession {
    func list(_ command: ListCommand) throws(Interruption) -> Completion {
        guard !command.pattern.isEmpty else {
            // An empty pattern asks for the separator and the root of the reference.
            try tell("LIST", [#"\Noselect"#], [])
            return .ok("LIST completed")
        }
        let pattern = ListPattern(
            command.reference + command.pattern, separator: store.separator)
        let folders = try storing { () throws(StoreError) in try store.folders() }
        for folder in folders where pattern.matches(folder.name.bytes) {
            try tell("LIST", attributes(of: folder), folder.name.bytes)
        }
        try tellChanges(.allowed)
        return .ok("LIST completed")
    }

    private func attributes(of folder: FolderEntry) -> [String] {
        var attributes: [String] = []
        if !folder.isSelectable { attributes.append(#"\Noselect"#) }
        if !folder.allowsChildren, !folder.hasChildren { attributes.append(#"\Noinferiors"#) }
        attributes.append(folder.hasChildren ? #"\HasChildren"# : #"\HasNoChildren"#)
        return attributes
    }

    func lsub(_ command: ListCommand) throws(Interruption) -> Completion {
        let pattern = ListPattern(
            command.reference + command.pattern, separator: store.separator)
        let names = try storing { () throws(StoreError) in try store.subscriptions() }
            .map(\.bytes)
        let subscribed = Set(names)
        var told: Set<[UInt8]> = []
        for name in names {
            if pattern.matches(name) {
                if told.insert(name).inserted { try tell("LSUB", [], name) }
            } else if command.pattern.last == UInt8(ascii: "%"),
                let level = ancestors(of: name).first(where: { pattern.matches($0) }),
                !subscribed.contains(level), told.insert(level).inserted
            {
                // `%` also shows a level that only leads to a subscribed name.
                try tell("LSUB", [#"\Noselect"#], level)
            }
        }
        try tellChanges(.allowed)
        return .ok("LSUB completed")
    }

    private func ancestors(of name: [UInt8]) -> [[UInt8]] {
        name.indices.filter { name[$0] == store.separator && $0 > 0 }.map { Array(name[..<$0]) }
    }

    private func tell(
        _ verb: String, _ attributes: [String], _ name: [UInt8]
    ) throws(Interruption) {
        try untagged(
            [UInt8]("\(verb) (\(attributes.joined(separator: " "))) ")
                + ResponseText.string([store.separator]) + [.space]
                + (name.isEmpty ? ResponseText.string([]) : ResponseText.astring(name)))
    }

    func namespace() throws(Interruption) -> Completion {
        try untagged(
            [UInt8](#"NAMESPACE ((""#) + [UInt8](#"" "#) + ResponseText.string([store.separator])
                + [UInt8](")) NIL NIL"))
        try tellChanges(.allowed)
        return .ok("NAMESPACE completed")
    }
}
