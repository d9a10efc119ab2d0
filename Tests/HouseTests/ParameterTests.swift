import Posix
import Settings
import Testing

@testable import MiniMTA

/// Every parameter that the house obeys is declared in a group that the house knows, and its default is a
/// value that it may have.
@Suite struct ParameterTests {
    @Test func everyGroupOfTheSourcesIsKnown() throws {
        let declared = try SourceFile.all(below: "Sources").flatMap(Self.groups)
        let known = Set(HonouredSettings.groups.map { "\($0)" })
        #expect(declared.count >= 5)
        #expect(declared.filter { !known.contains($0) } == [])
    }

    @Test func everyDefaultParses() throws {
        let configuration = try MainConfiguration(text: [])
        var faults: [String] = []
        for group in HonouredSettings.groups {
            do throws(ConfigurationError) { try Self.read(group, from: configuration) } catch {
                faults.append("\(group): \(error)")
            }
        }
        #expect(faults == [])
    }

    @Test func aDefaultThatIsNoValueIsFound() throws {
        #expect(throws: ConfigurationError.self) {
            try Self.read(BrokenSettings.self, from: MainConfiguration(text: []))
        }
    }

    @Test func findsTheGroupsOfAFile() {
        let text =
            "package struct ASettings: SettingsGroup {\n}\nstruct B: Sendable, SettingsGroup {\n}"
        #expect(Self.groups(of: SourceFile(path: "A.swift", text: text)) == ["ASettings", "B"])
    }

    private static func read<Group: SettingsGroup>(
        _ group: Group.Type, from configuration: MainConfiguration
    ) throws(ConfigurationError) {
        _ = try configuration.settings(group)
    }

    /// The names of the types in a file that are settings groups.
    private static func groups(of file: SourceFile) -> [String] {
        file.lines.compactMap { line in
            guard line.contains("SettingsGroup {") else { return nil }
            let words = line.split { $0 == " " || $0 == ":" }
            guard let keyword = words.firstIndex(of: "struct"), keyword + 1 < words.endIndex else {
                return nil
            }
            return String(words[keyword + 1])
        }
    }
}

/// A group with a default that its parameter may not have.
private struct BrokenSettings: SettingsGroup {
    var count = 0
    static let parameters: [Parameter<BrokenSettings>] = [
        .count("broken", \.count, "7", in: 1...5, "Too large by default.")
    ]
}
