/// The rules of the house as functions from texts to faults, so that each can be shown to fail.
enum HouseRules {
    /// Lines of a file, its end; and of a function.
    static let fileLimit = 400
    static let functionLimit = 40

    /// Where the word `unsafe` may stand: what wraps a C library or the kernel.
    static let unsafeFolders = [
        "Sources/Posix/", "Sources/TLS/", "Sources/Tables/Kinds/", "Sources/Privileged/Monitor/",
        "Sources/Accounts/Crypt",
    ]

    /// Modules of the toolchain that a program may use.
    private static let toolchain: Set<String> = ["Glibc", "Synchronization", "Swift"]

    static func importFaults(_ files: [SourceFile], _ modules: [ModuleDeclaration]) -> [String] {
        files.flatMap { file in
            guard let module = modules.last(where: { file.path.hasPrefix("Sources/\($0.folder)/") })
            else { return ["\(file.path): in no module of Package.swift"] }
            return file.imports.compactMap { name, line in
                if toolchain.contains(name) || module.dependencies.contains(name) { return nil }
                return "\(file.path):\(line): \(module.name) does not declare \(name)"
            }
        }
    }

    /// A module may stand only on modules that are declared above it.
    static func orderFaults(_ modules: [ModuleDeclaration]) -> [String] {
        var above: Set<String> = []
        var faults: [String] = []
        for module in modules {
            for name in module.dependencies where !above.contains(name) {
                faults.append("\(module.name) stands on \(name), which is not below it")
            }
            above.insert(module.name)
        }
        return faults
    }

    static func unsafeFaults(_ files: [SourceFile]) -> [String] {
        files.filter { file in !unsafeFolders.contains { file.path.hasPrefix($0) } }.flatMap {
            file in
            file.lines.enumerated().compactMap { number, line in
                // The word of the language stands alone; a case called `unsafe` has a parenthesis.
                let words = SourceFile.withoutTextAndComment(line).split { " ({[,".contains($0) }
                let isCase = words.contains("case") || line.contains("unsafe(")
                return words.contains("unsafe") && !isCase
                    ? "\(file.path):\(number + 1): unsafe" : nil
            }
        }
    }

    /// An octet that is written as the number in a text: never equal to what it seems to be.
    static func octetFaults(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                let code = line.drop { $0 == " " }
                let isThere = !code.hasPrefix("//") && code.contains(octetCall)
                return isThere ? "\(file.path):\(number + 1): \(octetCall)" : nil
            }
        }
    }

    /// Put together, so that it does not stand here itself.
    static let octetCall = "UInt8" + "(\""

    static func foundationFaults(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            file.imports.filter { $0.module.hasPrefix("Foundation") }
                .map { "\(file.path):\($0.line): \($0.module)" }
        }
    }

    static func lengthFaults(_ files: [SourceFile]) -> [String] {
        files.flatMap { file -> [String] in
            let long =
                file.lines.count > fileLimit + 1 ? ["\(file.path): \(file.lines.count) lines"] : []
            return long
                + file.functions.filter { $0.length > functionLimit }
                .map { "\(file.path):\($0.line): \($0.name) has \($0.length) lines" }
        }
    }
}

/// A module as Package.swift declares it.
struct ModuleDeclaration: Equatable {
    let name: String
    /// Below Sources.
    let folder: String
    let dependencies: [String]

    /// Every module and program of the manifest, in its order.
    static func all(in manifest: String) -> [ModuleDeclaration] {
        var declarations: [ModuleDeclaration] = []
        var rest = manifest[...]
        while let start = nextDeclaration(in: rest) {
            rest = rest[start...]
            if rest.first == "." {
                // A C library: it stands on nothing of ours.
                let call = rest.prefix { $0 != ")" }
                let texts = call.split(separator: "\"")
                if texts.count > 3 {
                    declarations.append(
                        ModuleDeclaration(
                            name: String(texts[1]), folder: String(texts[3].dropFirst(8)),
                            dependencies: []))
                }
                rest = rest[call.endIndex...]
                continue
            }
            guard let end = rest.firstIndex(of: "]") else { break }
            let call = rest[..<end]
            let texts = call.split(separator: "\"", omittingEmptySubsequences: false)
                .enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
            let beforeList = call.prefix { $0 != "[" }.filter { $0 == "\"" }.count / 2
            if let name = texts.first {
                declarations.append(
                    ModuleDeclaration(
                        name: name, folder: beforeList > 1 ? texts[1] : name,
                        dependencies: Array(texts.dropFirst(max(1, beforeList)))))
            }
            rest = rest[end...]
        }
        return declarations
    }

    private static func nextDeclaration(in text: Substring) -> String.Index? {
        var lineStart = text.startIndex
        while lineStart < text.endIndex {
            let line = text[lineStart...].prefix { $0 != "\n" }
            let code = line.drop { $0 == " " }
            let isCall =
                code.hasPrefix("module(") || code.hasPrefix("program(")
                || code.hasPrefix(".systemLibrary(") || code.hasPrefix(".target(name: \"C")
            if isCall { return code.startIndex }
            lineStart = line.endIndex
            if lineStart < text.endIndex { lineStart = text.index(after: lineStart) }
        }
        return nil
    }
}
