import Bytes
import Settings
package import Tables

/// The clients of `mynetworks`.
package struct NetworkList {
    private enum Entry {
        case network(Network, isExcluded: Bool)
        case name([UInt8], isExcluded: Bool)
        case table(Table, isExcluded: Bool)
    }

    private let entries: [Entry]

    /// `words` are those of the parameter; the first entry that matches a client decides.
    package init(_ words: [String]) throws(TableError) {
        var entries: [Entry] = []
        for word in words { entries.append(try Self.entry(word)) }
        self.entries = entries
    }

    private static func entry(_ word: String) throws(TableError) -> Entry {
        let bare = word.utf8.drop { $0 == UInt8(ascii: "!") }
        let isExcluded = (word.utf8.count - bare.count) % 2 == 1
        let text = String(latin1: bare)
        do throws(Network.Fault) {
            return .network(try Network(text), isExcluded: isExcluded)
        } catch {
            switch error {
            case .hostBits(let network):
                throw .malformed(
                    "bad net/mask pattern: \"\(text)\"; use \(network) instead")
            case .malformed: break
            }
        }
        if bare.contains(.colon) {
            return .table(try Table.open(text), isExcluded: isExcluded)
        }
        return .name(Array(bare).lowercased, isExcluded: isExcluded)
    }

    package func contains(_ client: Client) throws(TableError) -> Bool {
        for entry in entries {
            switch entry {
            case .network(let network, let isExcluded):
                if let address = client.address, network.contains(address) { return !isExcluded }
            case .name(let name, let isExcluded):
                if Array(client.name.utf8).lowercased == name { return !isExcluded }
            case .table(let table, let isExcluded):
                for key in [client.name, client.addressText] {
                    if try table.lookup(Array(key.utf8)) != nil { return !isExcluded }
                }
            }
        }
        return false
    }
}
