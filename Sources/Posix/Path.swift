import Glibc

/// A path of the file system: octets, as the kernel has it.
///
/// File names in a Maildir may be any octets.
package struct Path: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }
    package init(stringLiteral text: StaticString) { bytes = Array(text.description.utf8) }

    /// For people: octets that are not UTF-8 are replaced.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package var isAbsolute: Bool { bytes.first == 0x2F }

    /// This path and `component` joined by one slash; an absolute component stands alone.
    package func appending(_ component: Path) -> Path {
        if bytes.isEmpty || component.isAbsolute { return component }
        return bytes.last == 0x2F
            ? Path(bytes + component.bytes) : Path(bytes + [0x2F] + component.bytes)
    }

    package static func / (base: Path, component: Path) -> Path { base.appending(component) }
    package static func / (base: Path, component: String) -> Path {
        base.appending(Path(component))
    }

    /// The path with `suffix` put on its last component, as `mbox` becomes `mbox.lock`.
    package func adding(suffix: String) -> Path { Path(bytes + Array(suffix.utf8)) }

    /// The last component, without trailing slashes.
    package var name: Path {
        let trimmed = withoutTrailingSlashes
        guard let slash = trimmed.lastIndex(of: 0x2F) else { return Path(trimmed) }
        return Path(trimmed[(slash + 1)...])
    }

    /// The directory that holds the last component: `.` when there is no slash.
    package var parent: Path {
        let trimmed = withoutTrailingSlashes
        guard let slash = trimmed.lastIndex(of: 0x2F) else { return "." }
        return slash == 0 ? "/" : Path(trimmed[..<slash])
    }

    /// The components between slashes, empty ones left out.
    package var components: [Path] { bytes.split(separator: 0x2F).map { Path($0) } }

    private var withoutTrailingSlashes: ArraySlice<UInt8> {
        var rest = bytes[...]
        while rest.count > 1, rest.last == 0x2F { rest = rest.dropLast() }
        return rest
    }

    /// Calls `body` with the path as a C string.
    ///
    /// A path that holds a NUL would be cut there, so it is refused as the kernel refuses a name
    /// that it cannot have.
    func withCString<Result>(
        _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        guard !bytes.contains(0) else { throw SystemError(EINVAL, "path with a NUL") }
        var terminated = bytes.map { CChar(bitPattern: $0) }
        terminated.append(0)
        let result: Swift.Result<Result, SystemError> = unsafe terminated.withUnsafeBufferPointer {
            pointer in
            guard let base = pointer.baseAddress else {
                return .failure(SystemError(EINVAL, "path"))
            }
            do throws(SystemError) { return .success(unsafe try body(base)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
