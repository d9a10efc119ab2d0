import Posix

/// A Swift file of the house, as its rules look at it.
struct SourceFile {
    /// The path below the checkout, such as `Sources/Wire/Transport.swift`.
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The checkout that these tests were built from.
    static var checkout: Path {
        let here = #filePath.utf8.split(separator: 0x2F).dropLast(3)
        return Path([0x2F] + here.joined(separator: [0x2F]))
    }

    /// Every Swift file below `folder`.
    static func all(below folder: String) throws -> [SourceFile] {
        let path = checkout / folder
        var files: [SourceFile] = []
        for name in try path.list().sorted(by: { $0.description < $1.description }) {
            let inner = "\(folder)/\(name)"
            if try (path / name).linkStatus().kind == .directory {
                files += try all(below: inner)
            } else if inner.hasSuffix(".swift") {
                files.append(try SourceFile(path: inner))
            }
        }
        return files
    }

    /// The file at `path` below the checkout.
    init(path: String) throws {
        let bytes = try FileDescriptor.open(Self.checkout / path).readAll(limit: 1 << 24)
        self.init(path: path, text: String(decoding: bytes, as: UTF8.self))
    }

    /// The modules that the file imports, each with its line number.
    var imports: [(module: String, line: Int)] {
        lines.enumerated().compactMap { number, line in
            let words = line.split(separator: " ").drop {
                ["package", "public", "private", "@testable", "internal"].contains($0)
            }
            guard words.first == "import", let name = words.dropFirst().last else { return nil }
            return (String(name), number + 1)
        }
    }

    /// The functions and initialisers of the file with their first line and their length in lines.
    var functions: [(name: String, line: Int, length: Int)] {
        var found: [(String, Int, Int)] = []
        for (number, line) in lines.enumerated() {
            guard let name = Self.declaredFunction(line) else { continue }
            var depth = 0
            var opened = false
            for (distance, body) in lines[number...].enumerated() {
                let code = Self.withoutTextAndComment(body)
                depth += code.filter { $0 == "{" }.count - code.filter { $0 == "}" }.count
                opened = opened || code.contains("{")
                guard opened, depth <= 0 else { continue }
                found.append((name, number + 1, distance + 1))
                break
            }
        }
        return found
    }

    private static func declaredFunction(_ line: Substring) -> String? {
        let modifiers: Set<Substring> = [
            "package", "private", "fileprivate", "static", "mutating", "consuming", "borrowing",
            "final", "override", "convenience", "@discardableResult", "@inline(never)", "@Test",
            "indirect", "public", "internal", "class", "required",
        ]
        let words = line.split(separator: " ").drop { modifiers.contains($0) }
        guard let first = words.first else { return nil }
        if first == "func" { return words.dropFirst().first.map(String.init) }
        return first.hasPrefix("init(") || first.hasPrefix("init?(") ? "init" : nil
    }

    /// The line without what stands in string literals and after `//`.
    static func withoutTextAndComment(_ line: Substring) -> String {
        var code = ""
        var inText = false
        var escaped = false
        var previous: Unicode.Scalar = " "
        for scalar in line.unicodeScalars {
            defer { previous = scalar }
            if inText {
                if scalar == "\"", !escaped { inText = false }
                escaped = scalar == "\\" && !escaped
                continue
            }
            if scalar == "/", previous == "/" { break }
            if scalar == "\"" { inText = true } else { code.unicodeScalars.append(scalar) }
        }
        return code
    }
}
