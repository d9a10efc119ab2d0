import DeliveryMonitor
import Posix
import Services

/// The command line of `mda --lmtp`.
struct LMTPArguments: Equatable {
    /// `-c FILE`.
    var file: Path?
    /// `--listen ADDRESS:PORT` and `--listen unix:/path`, as often as wished.
    var addresses: [SocketAddress] = []
    /// `--socket-mode MODE`: who may connect to `unix:`; any local user may hand in mail anyway.
    var socketMode: UInt32 = 0o666
    /// `--connections N`.
    var connections = 100
    /// `--size-limit OCTETS`: a letter is held in memory while it comes in.
    var sizeLimit = 100 << 20
    /// `--timeout SECONDS` and `--delivery-timeout SECONDS`.
    var times = DeliveryTimes()
    /// `--allow-remote`: clients may be on other machines.
    var allowsRemote = false
    var wantsHelp = false

    /// What is wrong with a command line.
    struct Failure: Error, Equatable {
        let text: String
    }

    init() {}

    init(_ arguments: [String]) throws(Failure) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-c": file = Path(try Self.value(argument, &rest))
            case "--listen": addresses.append(try Self.address(try Self.value(argument, &rest)))
            case "--socket-mode": socketMode = try Self.mode(try Self.value(argument, &rest))
            case "--connections":
                connections = try Self.count(argument, &rest, limit: 100_000)
            case "--size-limit":
                sizeLimit = try Self.count(argument, &rest, limit: Self.letterLimit)
            case "--timeout": times.command = try Self.count(argument, &rest, limit: Self.dayLimit)
            case "--delivery-timeout":
                times.delivery = try Self.count(argument, &rest, limit: Self.dayLimit)
            case "--allow-remote": allowsRemote = true
            case "--help", "-h": wantsHelp = true
            default: throw Failure(text: "unknown argument \(argument)")
            }
        }
        guard allowsRemote || addresses.allSatisfy({ $0.ip?.isLoopback ?? true }) else {
            throw Failure(text: "--listen at an address of the network needs --allow-remote")
        }
    }

    /// As `mda` has it for a letter on standard input.
    private static let letterLimit = 1 << 31

    /// A day: no client waits longer.
    private static let dayLimit = 86_400

    private static func value(
        _ name: String, _ rest: inout ArraySlice<String>
    ) throws(Failure) -> String {
        guard let value = rest.popFirst() else { throw Failure(text: "\(name) needs a value") }
        return value
    }

    private static func count(
        _ name: String, _ rest: inout ArraySlice<String>, limit: Int
    ) throws(Failure) -> Int {
        let text = try value(name, &rest)
        guard let count = Int(text), count > 0, count <= limit else {
            throw Failure(text: "\(name) needs a number from 1 to \(limit), not \(text)")
        }
        return count
    }

    private static func mode(_ text: String) throws(Failure) -> UInt32 {
        guard let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            throw Failure(text: "--socket-mode needs octal digits up to 777, not \(text)")
        }
        return mode
    }

    private static func address(_ text: String) throws(Failure) -> SocketAddress {
        if text.hasPrefix("unix:/") { return .local(Path(text.dropFirst(5))) }
        guard let address = SocketAddress(listening: text) else {
            throw Failure(text: "--listen needs unix:/PATH or ADDRESS:PORT, not \(text)")
        }
        guard address.port != LMTPConnection.smtpPort else {
            throw Failure(text: "LMTP must not be spoken at port 25 (RFC 2033 section 5)")
        }
        return address
    }

    static let help = """
        usage: mda --lmtp [-c FILE] [--listen unix:/PATH | --listen ADDRESS:PORT]... [OPTION]...

        Delivers letters that come over LMTP: from one client on standard input and output, as inetd
        and systemd start it, or from all that connect to the addresses of --listen.

          -c FILE               configuration in Dovecot's language; else
                                /etc/malleposte/dovecot.conf, else /etc/dovecot/dovecot.conf, else
                                the machine's own accounts
          --listen unix:/PATH   accept connections here
          --listen ADDRESS:PORT or here; never port 25
          --socket-mode MODE    who may connect to unix:/PATH (666)
          --connections N       connections at the same time with --listen (100)
          --size-limit OCTETS   of a letter, which is held in memory while it comes in (104857600)
          --timeout SECONDS     that a client may say nothing (300)
          --delivery-timeout SECONDS
                                after which a delivery is ended, to be tried again (540)
          --allow-remote        also serve clients on other machines

        """
}
