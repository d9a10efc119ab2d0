package import Posix

/// Settings that one part of the house reads: each is declared once, with its default.
package protocol SettingsGroup: Sendable {
    init()
    static var parameters: [Parameter<Self>] { get }
}

/// A key path that may cross to another isolation: all of a settings table's do.
package typealias SettingPath<Group, Value> = WritableKeyPath<Group, Value> & Sendable

/// One parameter of main.cf: its name, its place in the group, its default as main.cf text, its
/// bounds and one sentence about it.
package struct Parameter<Group: SettingsGroup>: Sendable {
    package let name: String
    package let defaultText: String
    package let summary: String
    /// The default and the value are not expanded when read: `$` in them is for later.
    let isRaw: Bool
    let store: @Sendable (inout Group, String) throws(ParameterFault) -> Void

    private init(
        _ name: String, _ defaultText: String, _ summary: String, isRaw: Bool = false,
        store: @escaping @Sendable (inout Group, String) throws(ParameterFault) -> Void
    ) {
        self.name = name
        self.defaultText = defaultText
        self.summary = summary
        self.isRaw = isRaw
        self.store = store
    }

    package static func text(
        _ name: String, _ path: any SettingPath<Group, String>, _ defaultText: String,
        minimum: Int = 0, _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            guard text.utf8.count >= minimum else {
                throw .init(
                    "bad string length \(text.utf8.count) < \(minimum): \(name) = \(text)")
            }
            group[keyPath: path] = text
        }
    }

    /// A text that is expanded by its user, with names that main.cf does not know.
    package static func raw(
        _ name: String, _ path: any SettingPath<Group, String>, _ defaultText: String,
        _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary, isRaw: true) { $0[keyPath: path] = $1 }
    }

    /// A whole number within bounds; by default what Postfix's numbers hold.
    package static func count(
        _ name: String, _ path: any SettingPath<Group, Int>, _ defaultText: String,
        in bounds: ClosedRange<Int> = 0...Int(Int32.max), _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            guard let number = Int(text) else {
                throw .init("bad numerical configuration: \(name) = \(text)")
            }
            group[keyPath: path] = try bounded(name, number, bounds)
        }
    }

    /// A span of time in seconds; the unit of a bare number is the one in the default.
    package static func time(
        _ name: String, _ path: any SettingPath<Group, Int>, _ defaultText: String,
        in bounds: ClosedRange<Int> = 0...Int(Int32.max), _ summary: String
    ) -> Parameter {
        let unit = ParameterValue.unit(of: defaultText)
        return Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            guard let seconds = ParameterValue.seconds(text, unit: unit) else {
                throw .init("parameter \(name): bad time value or unit: \(text)")
            }
            group[keyPath: path] = try bounded(name, seconds, bounds)
        }
    }

    package static func flag(
        _ name: String, _ path: any SettingPath<Group, Bool>, _ defaultText: String,
        _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            guard let flag = ParameterValue.flag(text) else {
                throw .init("bad boolean configuration: \(name) = \(text)")
            }
            group[keyPath: path] = flag
        }
    }

    /// Words between commas and white space; `/file` stands for the words in the file.
    package static func list(
        _ name: String, _ path: any SettingPath<Group, [String]>, _ defaultText: String,
        _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            do throws(ConfigurationError) {
                group[keyPath: path] = try ParameterValue.list(text)
            } catch { throw .init("parameter \(name): \(error)") }
        }
    }

    /// Words as `list`, in which `/file` is a word like any other.
    package static func words(
        _ name: String, _ path: any SettingPath<Group, [String]>, _ defaultText: String,
        _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) {
            $0[keyPath: path] = ParameterValue.words($1)
        }
    }

    package static func path(
        _ name: String, _ path: any SettingPath<Group, Path>, _ defaultText: String,
        _ summary: String
    ) -> Parameter {
        Parameter(name, defaultText, summary) { $0[keyPath: path] = Path($1) }
    }

    /// A value of its own kind: `parse` yields nil for a text that is none.
    package static func value<Value>(
        _ name: String, _ path: any SettingPath<Group, Value>, _ defaultText: String,
        _ summary: String, parse: @escaping @Sendable (String) -> Value?
    ) -> Parameter {
        Parameter(name, defaultText, summary) { (group, text) throws(ParameterFault) in
            guard let value = parse(text) else {
                throw .init("parameter \(name): bad parameter value: \(text)")
            }
            group[keyPath: path] = value
        }
    }

    private static func bounded(
        _ name: String, _ number: Int, _ bounds: ClosedRange<Int>
    ) throws(ParameterFault) -> Int {
        guard number >= bounds.lowerBound else {
            throw .init("invalid \(name): \(number) (min \(bounds.lowerBound))")
        }
        guard number <= bounds.upperBound else {
            throw .init("invalid \(name): \(number) (max \(bounds.upperBound))")
        }
        return number
    }
}

/// Why a text is not a value of its parameter.
package struct ParameterFault: Error, Equatable, Sendable {
    package let text: String
    init(_ text: String) { self.text = text }
}
