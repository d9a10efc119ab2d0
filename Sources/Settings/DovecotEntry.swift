package import Posix

/// What a file in Dovecot's configuration language holds: settings and blocks, in their order.
package indirect enum DovecotEntry: Equatable, Sendable {
    case setting(DovecotSetting)
    case block(DovecotBlock)
}

/// One `name = value`.
package struct DovecotSetting: Equatable, Sendable {
    package let name: String
    package let value: String
    package let place: DovecotPlace
}

/// One `name label { … }`, such as `passdb { … }` or `protocol imap { … }`.
package struct DovecotBlock: Equatable, Sendable {
    package let name: String
    /// What stands between the name and the brace; empty when nothing does.
    package let label: String
    package let place: DovecotPlace
    package internal(set) var entries: [DovecotEntry] = []

    /// The last value given to `name` directly in the block.
    package func value(_ name: String) -> String? { setting(name)?.value }

    package func setting(_ name: String) -> DovecotSetting? {
        for entry in entries.reversed() {
            if case .setting(let setting) = entry, setting.name == name { return setting }
        }
        return nil
    }
}

/// A line of a configuration file.
package struct DovecotPlace: Equatable, Sendable, CustomStringConvertible {
    package let file: Path
    package let line: Int

    package init(file: Path, line: Int) {
        self.file = file
        self.line = line
    }

    package var description: String { "\(file), line \(line)" }
}

/// A configuration file in Dovecot's language that cannot be used, and why.
package struct DovecotError: Error, Equatable, Sendable, CustomStringConvertible {
    package let place: DovecotPlace
    package let text: String

    package init(_ place: DovecotPlace, _ text: String) {
        self.place = place
        self.text = text
    }

    package var description: String { "\(place): \(text)" }
}
