package import Posix
import Services

/// The command line of `ipop3d` and `imapd`.
package struct AccessArguments: Equatable, Sendable {
    /// `-c FILE`.
    package var file: Path?
    /// `--listen ADDRESS:PORT`, as often as wished.
    package var addresses: [SocketAddress] = []
    /// `--connections N` and `--per-address N`: limits of `--listen`.
    package var connections = 500
    package var connectionsPerAddress = 50
    package var request = Request.serve

    package enum Request: Equatable, Sendable {
        case serve
        /// `--check`: say what is wrong in the configuration, and end.
        case check
        case version
        case help
    }

    /// What is wrong with a command line.
    package struct Failure: Error, Equatable, Sendable {
        package let text: String
    }

    package init(_ arguments: [String]) throws(Failure) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-c": file = Path(try Self.value(argument, &rest))
            case "--listen": addresses.append(try Self.address(try Self.value(argument, &rest)))
            case "--connections": connections = try Self.count(argument, &rest)
            case "--per-address": connectionsPerAddress = try Self.count(argument, &rest)
            case "--check": request = .check
            case "--version": request = .version
            case "--help", "-h": request = .help
            default: throw Failure(text: "unknown argument \(argument)")
            }
        }
    }

    private static func value(
        _ name: String, _ rest: inout ArraySlice<String>
    ) throws(Failure) -> String {
        guard let value = rest.popFirst() else { throw Failure(text: "\(name) needs a value") }
        return value
    }

    private static func count(
        _ name: String, _ rest: inout ArraySlice<String>
    ) throws(Failure) -> Int {
        let text = try value(name, &rest)
        guard let count = Int(text), count > 0, count <= 100_000 else {
            throw Failure(text: "\(name) needs a number from 1 to 100000, not \(text)")
        }
        return count
    }

    private static func address(_ text: String) throws(Failure) -> SocketAddress {
        guard let address = SocketAddress(listening: text) else {
            throw Failure(text: "--listen needs ADDRESS:PORT or [ADDRESS]:PORT, not \(text)")
        }
        return address
    }

    package static func help(_ program: String, _ service: String) -> String {
        """
        usage: \(program) [-c FILE] [--listen ADDRESS:PORT]... [--connections N] [--per-address N]
               \(program) [-c FILE] --check
               \(program) --version | --help

        Serves \(service.uppercased()) to one client on standard input and output, as inetd, xinetd and
        systemd start it, or to all that connect to the addresses of --listen.

          -c FILE               configuration in Dovecot's language; else
                                /etc/malleposte/dovecot.conf, else /etc/dovecot/dovecot.conf, else
                                the machine's own accounts, by PAM
          --listen ADDRESS:PORT accept connections here; *:PORT is every IPv4 address
          --connections N       connections at the same time with --listen (500)
          --per-address N       those from one address (50)
          --check               name the settings that have no effect, and end

        """
    }
}
