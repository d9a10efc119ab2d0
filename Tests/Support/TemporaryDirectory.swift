package import Posix

/// A directory for one test, gone with its owner.
package final class TemporaryDirectory: Sendable {
    package let path: Path

    package init() throws {
        let base = Environment["TMPDIR"] ?? "/tmp"
        let name = try randomBytes(8).map { $0.description }.joined()
        path = Path(base) / "malleposte-\(name)"
        try path.makeDirectory()
    }

    deinit { try? path.removeTree() }

    /// Makes a file in the directory.
    @discardableResult
    package func file(_ name: String, _ content: String) throws -> Path {
        let file = path / name
        try file.parent.makeDirectories()
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, [.create, .truncate], mode: 0o644)
        try descriptor.write(Array(content.utf8))
        return file
    }

    /// The octets of a file in the directory.
    package func content(_ name: String) throws -> [UInt8] {
        try FileDescriptor.open(path / name).readAll(limit: 1 << 30)
    }
}

extension Path {
    /// Removes what the path names and everything below it.
    package func removeTree() throws(SystemError) {
        guard try linkStatus().kind == .directory else { return try unlink() }
        for name in try list() { try (self / name).removeTree() }
        try removeDirectory()
    }
}
