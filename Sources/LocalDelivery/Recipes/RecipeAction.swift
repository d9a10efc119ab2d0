import Bytes

/// The kind of a recipe's action, by how it begins.
enum RecipeAction {
    case forward, pipe
    /// `isAssigned`: a name, `=` and a blank stand in front, as if a variable were meant.
    case folder(isAssigned: Bool)
    case capture([UInt8], length: Int)

    /// Octets of the action's own, which stand before its text; `!` is left for its reader.
    var length: Int {
        switch self {
        case .forward, .folder: 0
        case .pipe: 1
        case .capture(_, let length): length
        }
    }

    init(_ octet: UInt8, following cursor: ByteCursor) {
        switch octet {
        case UInt8(ascii: "!"): self = .forward
        case UInt8(ascii: "|"): self = .pipe
        default:
            var cursor = cursor
            let begin = cursor.position
            let name = Array(cursor.take(while: \.isNameOctet))
            cursor.skipBlanks()
            let isAssignment = !name.isEmpty && cursor.take(UInt8(ascii: "="))
            let isParted = cursor.peek?.isBlank ?? false
            cursor.skipBlanks()
            guard isAssignment, cursor.take(UInt8(ascii: "|")) else {
                self = .folder(isAssigned: isAssignment && isParted)
                return
            }
            self = .capture(name, length: cursor.position - begin)
        }
    }
}
