import Testing

/// Each rule of the house finds a fault that is planted for it, and nothing in what is sound.
@Suite struct PlantedFaultTests {
    private let modules = [
        ModuleDeclaration(name: "Posix", folder: "Posix", dependencies: []),
        ModuleDeclaration(name: "Wire", folder: "Wire", dependencies: ["Posix"]),
    ]

    @Test func readsTheManifest() {
        let manifest = """
            let floor1 = [
                module("Posix", on: []),
                module(
                    "Wire", "Deep/Wire",
                    on: ["Posix", "Bytes"]),
            ]
            """
        #expect(
            ModuleDeclaration.all(in: manifest) == [
                ModuleDeclaration(name: "Posix", folder: "Posix", dependencies: []),
                ModuleDeclaration(
                    name: "Wire", folder: "Deep/Wire", dependencies: ["Posix", "Bytes"]),
            ])
    }

    @Test(arguments: [
        "import Mbox", "package import Mbox", "@testable import Mbox", "import struct Mbox.Lock",
    ])
    func findsAnImportThatIsNotDeclared(line: String) {
        let file = SourceFile(path: "Sources/Wire/A.swift", text: "import Posix\n\(line)\n")
        #expect(HouseRules.importFaults([file], modules).count == 1)
    }

    @Test func findsAnOctetThatIsReadAsANumber() {
        let call = HouseRules.octetCall + "x\")"
        let file = SourceFile(
            path: "Sources/Wire/A.swift",
            text: "let a = byte == \(call)\n// \(call)\nlet b = UInt8(ascii: \"x\")\n")
        #expect(
            HouseRules.octetFaults([file]) == ["Sources/Wire/A.swift:1: " + HouseRules.octetCall])
    }

    @Test func findsAFileOutsideTheHouse() {
        let file = SourceFile(path: "Sources/Shed/A.swift", text: "")
        #expect(HouseRules.importFaults([file], modules).count == 1)
    }

    @Test func findsAnImportThatPointsUp() {
        #expect(HouseRules.orderFaults(modules) == [])
        #expect(HouseRules.orderFaults(modules.reversed()).count == 1)
    }

    @Test(arguments: ["import Foundation", "package import FoundationEssentials"])
    func findsFoundation(line: String) {
        let file = SourceFile(path: "Sources/Wire/A.swift", text: line)
        #expect(HouseRules.foundationFaults([file]).count == 1)
    }

    @Test func findsUnsafeWhereItIsNotAllowed() {
        let text =
            "// unsafe in a comment\nlet text = \"unsafe\"\nlet a = unsafe call()\nlet unsafely = 1"
        let wire = SourceFile(path: "Sources/Wire/A.swift", text: text)
        let posix = SourceFile(path: "Sources/Posix/A.swift", text: text)
        #expect(HouseRules.unsafeFaults([wire, posix]) == ["Sources/Wire/A.swift:3: unsafe"])
    }

    @Test func findsALongFunction() {
        func file(_ lines: Int) -> SourceFile {
            let body = String(repeating: "    call(\"{\") // {\n", count: lines - 2)
            return SourceFile(
                path: "Sources/Wire/A.swift",
                text: "    package static func long(\n    ) {\n\(body)}\nfunc short() {}\n")
        }
        #expect(HouseRules.lengthFaults([file(39)]) == [])
        #expect(HouseRules.lengthFaults([file(40)]).count == 1)
    }

    @Test func findsALongFile() {
        func file(_ lines: Int) -> SourceFile {
            SourceFile(path: "Sources/Wire/A.swift", text: String(repeating: "//\n", count: lines))
        }
        #expect(HouseRules.lengthFaults([file(400)]) == [])
        #expect(HouseRules.lengthFaults([file(401)]).count == 1)
    }
}
