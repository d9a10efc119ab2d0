/// Why a table gave no answer.
///
/// None of them means "not found": whoever asked tries again later, or a command ends.
package enum TableError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A type of table that the house has not built.
    case notSupported(type: String)
    /// The specification or the table's content cannot be understood.
    case malformed(String)
    /// The file, or what stands behind the table, failed.
    case failed(String)

    package var description: String {
        switch self {
        case .notSupported(let type): "not supported yet: \(type)"
        case .malformed(let text), .failed(let text): text
        }
    }
}
