import Posix
import TestSupport
import Testing

/// The house as it stands keeps its rules.
@Suite struct HouseTests {
    private let files: [SourceFile]
    private let modules: [ModuleDeclaration]

    init() throws {
        files = try SourceFile.all(below: "Sources")
        let manifest = try SourceFile(path: "Package.swift")
        modules = ModuleDeclaration.all(in: manifest.lines.joined(separator: "\n"))
    }

    @Test func everyImportIsDeclared() {
        #expect(HouseRules.importFaults(files, modules) == [])
    }

    @Test func importsPointDown() {
        #expect(modules.count > 20)
        #expect(HouseRules.orderFaults(modules) == [])
    }

    @Test func noFileImportsFoundation() {
        #expect(HouseRules.foundationFaults(files) == [])
    }

    @Test(arguments: ["master", "minimta", "sendmail", "postdrop", "mda", "ipop3d", "imapd"])
    func noProgramIsLinkedWithFoundation(name: String) throws {
        let program = try FileDescriptor.open(Program.built(name).path).readAll(limit: 1 << 30)
        #expect(!program.contains(text: "libFoundation"))
        // The search finds what is there: every program is linked with the C library.
        #expect(program.contains(text: "libc.so"))
    }

    @Test func unsafeStandsOnlyWhereItIsAllowed() {
        #expect(HouseRules.unsafeFaults(files) == [])
    }

    @Test func octetsAreWrittenAsASCII() throws {
        // The octet's own declaration warns of the form in its text.
        let others = files.filter { $0.path != "Sources/Bytes/ASCII.swift" }
        #expect(HouseRules.octetFaults(try others + SourceFile.all(below: "Tests")) == [])
    }

    @Test func filesAndFunctionsAreShort() throws {
        #expect(HouseRules.lengthFaults(try files + SourceFile.all(below: "Tests")) == [])
    }

    @Test func theFormatIsTheHouseFormat() throws {
        guard let swift = Program.installed("swift") else {
            Issue.record("swift is not on PATH")
            return
        }
        let folders = ["Sources", "Tests", "Package.swift"].map {
            (SourceFile.checkout / $0).description
        }
        let home = Environment["HOME"] ?? "/"
        let path = Environment["PATH"] ?? "/usr/bin:/bin"
        let result = try swift.run(
            ["format", "lint", "--strict", "--recursive"] + folders,
            environment: ["HOME=\(home)", "PATH=\(path)"])
        #expect(result.errorText == "")
        #expect(result.ending == .exited(0))
    }
}

extension [UInt8] {
    /// Whether the octets of `text` stand somewhere among these.
    fileprivate func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return true }
        return indices.contains { place in
            self[place] == first && self[place...].prefix(wanted.count).elementsEqual(wanted)
        }
    }
}
