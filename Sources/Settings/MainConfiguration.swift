import Bytes
package import Posix

/// main.cf as it was read, with the overrides of a command line or of master.cf.
///
/// Values are kept as written and expanded when asked for. The last of several lines about one
/// parameter wins.
package struct MainConfiguration: Sendable {
    /// The largest main.cf that is read: 4 MiB, a hundred times the largest that is known.
    private static let sizeLimit = 1 << 22

    package let directory: Path
    /// The file that the entries come from.
    package let file: Path
    /// What reading found odd, each with file and line.
    package let readingWarnings: [String]
    private(set) var entries: [String: Entry] = [:]
    /// Defaults that depend on the machine or on this process.
    private var computed: [String: String] = [:]

    struct Entry: Sendable {
        let value: String
        /// 0 for an override.
        let line: Int
    }

    /// Reads `directory`/main.cf; `overrides` win over it, the last over the ones before.
    package static func load(
        directory: Path, overrides: [(name: String, value: String)] = []
    ) throws(ConfigurationError) -> MainConfiguration {
        let file = directory / "main.cf"
        let text: [UInt8]
        do throws(SystemError) {
            text = try FileDescriptor.open(file).readAll(limit: sizeLimit)
        } catch { throw ConfigurationError("open \(file): \(error.reason)") }
        return try MainConfiguration(text: text, directory: directory, overrides: overrides)
    }

    /// Reads main.cf's text, as if it stood in `directory`.
    package init(
        text: some Collection<UInt8>, directory: Path = "/etc/postfix",
        overrides: [(name: String, value: String)] = []
    ) throws(ConfigurationError) {
        self.directory = directory
        file = directory / "main.cf"
        var warnings: [String] = []
        for line in LogicalLines(text) {
            let place = ConfigurationError.place(file, line.number)
            guard !line.isStray else {
                throw ConfigurationError(
                    file: file, line: line.number,
                    "logical line must not start with whitespace: "
                        + "\"\(String(printable: line.bytes, limit: 30))\"")
            }
            let (name, value) = try Self.assignment(line, file)
            if let before = entries[name], before.value != value {
                warnings.append("\(place)overriding earlier entry: \(name)=\(before.value)")
            }
            entries[name] = Entry(value: value, line: line.number)
        }
        readingWarnings = warnings
        for (name, value) in overrides { entries[name] = Entry(value: value, line: 0) }
        computed["config_directory"] = directory.description
        computed["process_id"] = "\(Process.id)"
        computed["process_id_directory"] = "pid"
        try computeNames()
    }

    /// `name = value` with white space around both removed.
    private static func assignment(
        _ line: LogicalLine, _ file: Path
    ) throws(ConfigurationError) -> (name: String, value: String) {
        var cursor = ByteCursor(line.bytes)
        let name = cursor.take { !$0.isSpace && $0 != UInt8(ascii: "=") }
        cursor.skipSpace()
        let text = String(printable: line.bytes, limit: 100)
        guard !name.isEmpty else {
            throw ConfigurationError(
                file: file, line: line.number, "missing attribute name: \"\(text)\"")
        }
        guard cursor.take(UInt8(ascii: "=")) else {
            throw ConfigurationError(
                file: file, line: line.number, "missing '=' after attribute name: \"\(text)\"")
        }
        return (
            String(decoding: name, as: UTF8.self),
            String(decoding: cursor.rest.trimmed, as: UTF8.self)
        )
    }

    /// The defaults of `myhostname` and `mydomain`, which depend on each other and on the machine.
    private mutating func computeNames() throws(ConfigurationError) {
        let machine = hostName.isEmpty ? "localhost" : hostName
        let domain = entries["mydomain"] == nil ? "localdomain" : try value("mydomain")
        computed["myhostname"] = machine.contains(".") ? machine : "\(machine).\(domain)"
        if entries["mydomain"] == nil {
            let host = try value("myhostname")
            let parent = host.drop { $0 != "." }.dropFirst()
            computed["mydomain"] = parent.isEmpty ? "localdomain" : String(parent)
        }
    }

    /// The directory that a program uses which was told none: MAIL_CONFIG of the environment,
    /// /etc/malleposte when it holds a main.cf, else /etc/postfix.
    ///
    /// A program with rights that its caller has not must take MAIL_CONFIG out of the environment
    /// before, unless it is one that `isAllowed`.
    package static func defaultDirectory() -> Path {
        if let directory = Environment["MAIL_CONFIG"], !directory.isEmpty {
            return Path(directory)
        }
        return standardDirectory
    }

    /// /etc/malleposte when it holds a main.cf, else /etc/postfix.
    package static var standardDirectory: Path {
        do throws(SystemError) {
            if try Path("/etc/malleposte/main.cf").statusIfPresent() != nil {
                return "/etc/malleposte"
            }
        } catch { return "/etc/postfix" }
        return "/etc/postfix"
    }

    /// The same configuration with a default that only this process knows, such as
    /// `service_name`.
    package func with(default name: String, _ value: String) -> MainConfiguration {
        var copy = self
        copy.computed[name] = value
        return copy
    }

    /// The same configuration with further overrides.
    package func with(overrides: [(name: String, value: String)]) -> MainConfiguration {
        var copy = self
        for (name, value) in overrides { copy.entries[name] = Entry(value: value, line: 0) }
        return copy
    }

    /// The parameter is set in main.cf or by an override.
    package func isSet(_ name: String) -> Bool { entries[name] != nil }

    /// The value as written, or the default's text; nil when nobody knows the name.
    package func rawValue(_ name: String) -> String? {
        explicit(name) ?? KnownParameters.defaultText(of: name)
    }

    /// The value as written, or a default that depends on the machine.
    private func explicit(_ name: String) -> String? {
        if let text = entries[name]?.value ?? computed[name] { return text }
        return name == "mynetworks" ? ownNetworks() : nil
    }

    /// What `mynetworks` is when it is not set: it follows from the interfaces and
    /// `mynetworks_style`.
    private func ownNetworks() -> String {
        do throws(ConfigurationError) {
            // Without this the settings would ask for mynetworks again.
            let host = try with(default: "mynetworks", "").settings(HostSettings.self)
            return HostSettings.networks(
                host.mynetworksStyle, around: try host.ownInterfaces()
            ).joined(separator: " ")
        } catch {
            // Whoever needs the interfaces for themselves reports the error; relaying for the
            // machine alone is the safe reading.
            return "127.0.0.0/8 [::1]/128"
        }
    }

    /// The expanded value; the default of the parameter when it is unset, empty when it has none.
    package func value(_ name: String) throws(ConfigurationError) -> String {
        try expand(rawValue(name) ?? "", for: name)
    }

    /// Expands references in any text.
    package func expand(_ text: String, for name: String = "") throws(ConfigurationError) -> String
    {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        do throws(Expansion.Failure) {
            let bytes = try Expansion(raw: rawValue).expand(Array(text.utf8))
            return String(decoding: bytes, as: UTF8.self)
        } catch { throw fault(name, error.text) }
    }

    /// A group's settings, each from main.cf or from its default.
    package func settings<Group: SettingsGroup>(
        _: Group.Type
    ) throws(ConfigurationError) -> Group {
        var group = Group()
        for parameter in Group.parameters {
            let raw = explicit(parameter.name) ?? parameter.defaultText
            let text = parameter.isRaw ? raw : try expand(raw, for: parameter.name)
            do throws(ParameterFault) { try parameter.store(&group, text) } catch {
                throw fault(parameter.name, error.text)
            }
        }
        return group
    }

    /// An error about a parameter, placed where it is set.
    package func fault(_ name: String, _ text: String) -> ConfigurationError {
        guard let line = entries[name]?.line, line > 0 else { return ConfigurationError(text) }
        return ConfigurationError(file: file, line: line, text)
    }

    /// A warning about a parameter, placed where it is set.
    package func place(of name: String) -> String {
        guard let line = entries[name]?.line, line > 0 else { return "" }
        return ConfigurationError.place(file, line)
    }
}
