package import Posix
import Settings

/// The command line of a service process, as `master` writes it: the options of Postfix's servers.
package struct DaemonCommandLine: Equatable, Sendable {
    package var program: String
    package var service: String?
    package var configurationDirectory: Path?
    package var overrides: [(name: String, value: String)] = []
    package var listenerCount = 0
    /// What is left: options and arguments that are the program's own.
    package var rest: [String] = []

    /// Parses `smtpd -n smtp -t inet -s 2 -o name=value …`.
    package init(program: String, arguments: [String]) throws(UsageError) {
        self.program = program
        var left = arguments[...]
        while let option = left.popFirst() {
            switch option {
            case "-n": service = try Self.value(of: option, &left)
            case "-c": configurationDirectory = Path(try Self.value(of: option, &left))
            case "-t": _ = try Self.value(of: option, &left)
            case "-s":
                let text = try Self.value(of: option, &left)
                guard let count = Int(text), (0...Self.listenerLimit).contains(count) else {
                    throw UsageError(text: "-s \(text): not a number of sockets")
                }
                listenerCount = count
            case "-o": overrides.append(try Self.override(try Self.value(of: option, &left)))
            case "-u", "-v": break
            default: rest.append(option)
            }
        }
    }

    /// Sockets of one service: an address family and interface each; more is a broken command line.
    private static let listenerLimit = 256

    private static func value(
        of option: String, _ left: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let value = left.popFirst() else {
            throw UsageError(text: "option \(option) needs a value")
        }
        return value
    }

    private static func override(_ text: String) throws(UsageError) -> (name: String, value: String)
    {
        guard let setting = splitSetting(text) else {
            throw UsageError(text: "-o \(text): not a setting name=value")
        }
        return setting
    }

    package static func == (left: DaemonCommandLine, right: DaemonCommandLine) -> Bool {
        left.program == right.program && left.service == right.service
            && left.configurationDirectory == right.configurationDirectory
            && left.overrides.elementsEqual(right.overrides) { $0 == $1 }
            && left.listenerCount == right.listenerCount && left.rest == right.rest
    }
}

/// A command line that makes no sense.
package struct UsageError: Error, Equatable, Sendable {
    package let text: String
    package init(text: String) { self.text = text }
}
