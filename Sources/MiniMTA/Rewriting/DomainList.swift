import Bytes
package import Tables

/// A list of domain names as main.cf writes it: names, `!name` to leave one out, `type:table`.
///
/// The first entry that matches decides. Names are compared with ASCII case folded.
package struct DomainList: Sendable {
    private enum Entry: Sendable {
        case name([UInt8], isExcluded: Bool)
        case table(String, isExcluded: Bool)
    }

    private let entries: [Entry]
    private let matchesSubdomains: Bool

    /// `names` are the words of the parameter with files already read in.
    ///
    /// With `matchesSubdomains`, `example.org` stands for `mail.example.org` too, as Postfix has it
    /// for the lists that `parent_domain_matches_subdomains` names.
    package init(_ names: [String], matchesSubdomains: Bool = false) {
        self.matchesSubdomains = matchesSubdomains
        entries = names.map { name in
            let bare = name.utf8.drop { $0 == UInt8(ascii: "!") }
            let isExcluded = (name.utf8.count - bare.count) % 2 == 1
            return bare.contains(.colon)
                ? .table(String(latin1: bare), isExcluded: isExcluded)
                : .name(Array(bare).lowercased, isExcluded: isExcluded)
        }
    }

    package var isEmpty: Bool { entries.isEmpty }

    package func contains(_ domain: some Collection<UInt8>) throws(TableError) -> Bool {
        guard !entries.isEmpty else { return false }
        let keys = keys(of: Array(domain).lowercased)
        for entry in entries {
            switch entry {
            case .name(let name, let isExcluded):
                if keys.contains(name) { return !isExcluded }
            case .table(let specification, let isExcluded):
                let table = try Table.open(specification)
                for key in keys where try table.lookup(key) != nil { return !isExcluded }
            }
        }
        return false
    }

    /// The domain and, where asked for, the domains above it.
    private func keys(of domain: [UInt8]) -> [[UInt8]] {
        guard matchesSubdomains else { return [domain] }
        var keys = [domain]
        var rest = domain[...]
        while let dot = rest.firstIndex(of: .dot) {
            rest = rest[(dot + 1)...]
            if !rest.isEmpty { keys.append(Array(rest)) }
        }
        return keys
    }
}
