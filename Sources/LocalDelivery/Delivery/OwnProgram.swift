import Bytes
package import Posix

/// A program whose work this process can do itself: where a command names just its file, no shell and
/// no second program is started.
package struct OwnProgram: Sendable {
    /// Names that it may be called by; under others the file is another program.
    private let names: Set<[UInt8]>
    private let path: Path
    private let file: FileStatus
    /// Does the work in a new process with the command's standard input and outputs, given the words
    /// of the command line and the environment; yields the exit status.
    let run: @Sendable (_ words: [[UInt8]], _ environment: [[UInt8]]) -> Int32

    /// Set-uid and set-gid.
    private static let rights: UInt32 = 0o6000
    /// Executable by everybody: whoever asks may start it.
    private static let forAll: UInt32 = 0o111

    /// nil when there is no such file, or starting it gives rights.
    package init?(
        _ path: Path, names: [String],
        run: @escaping @Sendable (_ words: [[UInt8]], _ environment: [[UInt8]]) -> Int32
    ) {
        do throws(SystemError) {
            guard let file = try path.statusIfPresent(), file.kind == .regular,
                file.mode & Self.rights == 0
            else { return nil }
            self.file = file
        } catch { return nil }
        self.path = path
        self.names = Set(names.map { Array($0.utf8) })
        self.run = run
    }

    /// The command's first word would start this program.
    func isStarted(by words: [[UInt8]], environment: [[UInt8]]) -> Bool {
        guard let name = words.first, let base = name.split(separator: UInt8(ascii: "/")).last,
            names.contains(Array(base))
        else { return false }
        do throws(SystemError) {
            for path in ProgramSearch.places(of: name, environment) {
                guard let found = try path.statusIfPresent() else { continue }
                return isUnchanged(found)
            }
            // Nobody else has that name: ours is meant, though a command's PATH does not lead to it.
            guard name == Self.ownName, let found = try path.statusIfPresent() else { return false }
            return isUnchanged(found)
        } catch {
            // Starting it says what is wrong.
        }
        return false
    }

    /// It may have been replaced, or be another's, since this process began.
    private func isUnchanged(_ found: FileStatus) -> Bool {
        found.isSameFile(as: file) && found.changed == file.changed
            && found.mode & Self.forAll == Self.forAll
    }

    private static let ownName = Array("mda".utf8)
}
