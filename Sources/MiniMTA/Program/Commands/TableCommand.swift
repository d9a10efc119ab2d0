import Diagnostics
import Posix
import Settings
import Tables

/// `postmap` and `postalias`: builds, changes, asks and lists lookup tables (postmap(1),
/// postalias(1)).
///
/// May read the source of a table and write the database beside it, with the rights of the source's
/// owner when root runs it.
struct TableCommand {
    /// What the two programs differ in.
    enum Flavour {
        case map, alias

        var name: String { self == .map ? "postmap" : "postalias" }
        var letters: String { self == .map ? "NbfFhimnoprsuUvw" : "NfinoprsuUvw" }
        var usage: String {
            self == .map
                ? "usage: postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] "
                    + "[map_type:]file..."
                : "usage: postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] "
                    + "[map_type:]file..."
        }
    }

    /// What is done with the tables.
    enum Action: Equatable {
        case build
        /// Add the entries of standard input.
        case add
        case query(String)
        case delete(String)
        case list
    }

    let flavour: Flavour
    let log: Log
    var action = Action.build
    var duplicates = DuplicatePolicy.warn
    var folding = Table.Folding.lowercase
    /// Entries end in NUL in the file, as Postfix has it unless -n is given.
    var hasNUL = true
    /// -o: keep root's rights though the source belongs to another.
    var keepsRights = false
    /// -p: the database does not get the rights of its source.
    var ignoresSourceMode = false
    var configuration: MainConfiguration
    var tables: [String] = []

    enum DuplicatePolicy { case warn, silent, replace }

    static func runMap(_ arguments: [String]) -> Never { run(.map, arguments) }
    static func runAlias(_ arguments: [String]) -> Never { run(.alias, arguments) }

    private static func run(_ flavour: Flavour, _ arguments: [String]) -> Never {
        let log = Log.tool(flavour.name)
        do throws(CommandFailure) {
            let command = try TableCommand(flavour, log, arguments)
            Process.exit(try command.perform() ? 0 : 1)
        } catch { log.fatal(error.text) }
    }

    private func perform() throws(CommandFailure) -> Bool {
        switch action {
        case .build:
            for table in tables { try build(table, from: nil) }
        case .add:
            guard tables.count == 1 else { throw .init(flavour.usage) }
            for table in tables { try build(table, from: FileDescriptor(adopting: 0)) }
        case .query(let key): return try query(key)
        case .delete(let key): return try delete(key)
        case .list: try list()
        }
        return true
    }

    /// The type and name of `type:name`, or of a name whose type is `default_database_type`.
    func split(_ table: String) throws(CommandFailure) -> (type: String, name: String) {
        guard table.contains(":"), !table.hasPrefix("/") else {
            do throws(ConfigurationError) {
                return (try configuration.settings(AliasSettings.self).defaultType, table)
            } catch { throw .init("\(error)") }
        }
        do throws(TableError) { return try Table.split(table) } catch {
            throw .init("\(error)")
        }
    }
}

/// Why a command ends: the text after `fatal: `.
struct CommandFailure: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

extension TableCommand {
    /// Reads the command line and main.cf.
    fileprivate init(
        _ flavour: Flavour, _ log: Log, _ arguments: [String]
    ) throws(CommandFailure) {
        self.flavour = flavour
        self.log = log
        var directory = MainConfiguration.defaultDirectory()
        var options = CommandOptions(arguments, bare: flavour.letters, valued: "cdq")
        var flags: [Unicode.Scalar] = []
        var actions: [Action] = []
        while let item = options.next() {
            switch item {
            case .value("c", let path): directory = Path(path)
            case .value("q", let key): actions.append(.query(key))
            case .value(_, let key): actions.append(.delete(key))
            case .flag("s"): actions.append(.list)
            case .flag(let letter): flags.append(letter)
            case .unknown(let letter), .valueMissing(let letter):
                log.info("invalid option -- '\(letter)'")
                throw .init(flavour.usage)
            }
        }
        guard actions.count <= 1 else { throw .init("specify only one of -s -q or -d") }
        do throws(ConfigurationError) {
            configuration = try MainConfiguration.load(directory: directory)
        } catch { throw .init("\(error)") }
        tables = Array(options.operands)
        action = actions.first ?? (flags.contains("i") ? .add : .build)
        try take(flags)
        if tables.isEmpty { throw .init(flavour.usage) }
    }

    private mutating func take(_ flags: [Unicode.Scalar]) throws(CommandFailure) {
        for flag in flags {
            switch flag {
            case "f": folding = .none
            case "n": hasNUL = false
            case "N": hasNUL = true
            case "o": keepsRights = true
            case "p": ignoresSourceMode = true
            case "r": duplicates = .replace
            case "w": duplicates = .silent
            case "b", "h", "m":
                guard action == .query("-") else {
                    throw .init("specify -b -h or -m only with \"-q -\"")
                }
                throw .init("not supported yet: -\(flag)")
            case "F": throw .init("not supported yet: -F")
            // UTF-8 checks of keys: this program hands octets on as they are.
            case "u", "U", "v", "i": break
            default: throw .init(flavour.usage)
            }
        }
    }
}
