package import Posix

/// A configuration that cannot be used: where it stands and what is wrong with it.
///
/// A program that gets one ends with `fatal: ` and the error's text.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file; nil when the text came from the command line or from a default.
    package let file: Path?
    /// Where the logical line begins, 0 when no single line is to blame.
    package let line: Int
    package let text: String

    package init(file: Path? = nil, line: Int = 0, _ text: String) {
        self.file = file
        self.line = line
        self.text = text
    }

    package var description: String { Self.place(file, line) + text }

    /// What stands before a message about a line: `/etc/postfix/main.cf, line 3: `.
    static func place(_ file: Path?, _ line: Int) -> String {
        guard let file else { return "" }
        return line > 0 ? "\(file), line \(line): " : "\(file): "
    }
}
