import Bytes
import Posix

/// What the caller's environment held, before it was cleared.
package struct ProcessEnvironment {
    /// `NAME=value`, without what could change how programs are loaded or how this one runs.
    package let variables: [(name: [UInt8], value: [UInt8])]

    /// What is kept of `entries`.
    package init(_ entries: [(name: [UInt8], value: [UInt8])]) {
        variables = entries.filter { entry in
            !Self.forbidden.contains { entry.name.starts(with: $0) }
        }
    }

    /// Takes the environment and clears it but for TZ, which dates need.
    ///
    /// The first statement of `mda`: the Swift runtime and the C library act on variables
    /// that a caller may have planted.
    package static func take() -> ProcessEnvironment {
        let taken = ProcessEnvironment(Environment.all)
        Environment.keepOnly(["TZ"])
        return taken
    }

    /// Puts variables back that say how this program was started.
    package func restore(_ names: [String]) {
        for (name, value) in variables {
            guard let name = String(utf8: name), names.contains(name) else { continue }
            Environment[name] = String(utf8: value)
        }
    }

    private static let forbidden = ["LD_", "SWIFT_", "BASH_FUNC", "_RLD", "LIBPATH"].map {
        Array($0.utf8)
    }
}
