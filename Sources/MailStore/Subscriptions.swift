import Bytes
import Posix

/// The file of subscribed names, in the form that Dovecot 2.3 writes and in the older one.
///
/// The new form begins with `V`, tab, `2` and an empty line, and has tabs between the levels of a
/// name; the old form is one name a line. A file keeps its form.
struct Subscriptions: Equatable {
    private(set) var names: [FolderName]
    private let isVersion2: Bool
    private let separator: UInt8

    /// More names than a client could list in a minute.
    static let sizeLimit = 16 << 20
    private static let firstLine = Array("V\t2\n".utf8)

    init(parsing text: [UInt8]?, separator: UInt8) {
        self.separator = separator
        var rest = (text ?? [])[...]
        isVersion2 = rest.isEmpty || rest.starts(with: Self.firstLine)
        if rest.starts(with: Self.firstLine) { rest = rest.dropFirst(Self.firstLine.count) }
        names = []
        for line in rest.split(separator: .lf) {
            let levels = isVersion2 ? line.map { $0 == .tab ? separator : $0 } : Array(line)
            let name = FolderName(levels)
            if !names.contains(name) { names.append(name) }
        }
    }

    /// False when the name is subscribed already.
    mutating func add(_ name: FolderName) -> Bool {
        guard !names.contains(name) else { return false }
        names.append(name)
        return true
    }

    /// False when the name was not subscribed.
    mutating func remove(_ name: FolderName) -> Bool {
        guard let index = names.firstIndex(of: name) else { return false }
        names.remove(at: index)
        return true
    }

    var text: [UInt8] {
        var out: [UInt8] = isVersion2 ? Self.firstLine + [.lf] : []
        for name in names {
            out += isVersion2 ? name.bytes.map { $0 == separator ? .tab : $0 } : name.bytes
            out.append(.lf)
        }
        return out
    }
}
