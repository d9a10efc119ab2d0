import Bytes
import LocalDelivery
import Posix
import Recipes

/// Tells what is wrong in recipe files and in those that they include, for `mda --check FILE…`.
///
/// Each line is `FILE:LINE:COLUMN: error: …`; the exit status is 0 when there are no errors, else 1.
struct RecipeCheck {
    private let line: DeliveryCommandLine
    private let reader = DeliveryHost()

    init(_ line: DeliveryCommandLine) {
        self.line = line
        reader.mayTrust = [Rights.user, 0]
    }

    func run() -> Int32 {
        var hasErrors = false
        for name in line.recipeFiles.isEmpty ? [ownFile] : line.recipeFiles {
            var seen: Set<[UInt8]> = []
            if check(name, &seen, [:], at: nil) { hasErrors = true }
        }
        return hasErrors ? 1 : 0
    }

    private var home: Path {
        do throws(SystemError) { return try User.withID(Rights.user)?.home ?? "/" } catch {
            return "/"
        }
    }

    private var ownFile: [UInt8] { (home / ".procmailrc").bytes }

    /// Files that are included by those included, and so on, before it is enough.
    private static let depthLimit = 64

    /// Checks one file; yields whether there were errors in it or in those that it includes.
    private func check(
        _ name: [UInt8], _ seen: inout Set<[UInt8]>, _ known: [[UInt8]: [UInt8]?], at place: String?
    ) -> Bool {
        guard !seen.contains(name), seen.count < Self.depthLimit else { return false }
        seen.insert(name)
        if place == nil, isUntrusted(name) { return true }
        guard let text = reader.recipes(in: name) else {
            say(
                "\(place ?? "\(String(printable: name)):1:1"): error: cannot read \(String(printable: name))"
            )
            return true
        }
        var hasErrors = false
        var variables = known
        for variable in ["HOME": home.bytes, "MAILDIR": home.bytes]
        where variables[Array(variable.key.utf8)] == nil {
            variables[Array(variable.key.utf8)] = variable.value
        }
        let checker = RecipeChecker(text, variables: variables) { [reader] name in
            reader.kind(of: FolderDelivery.Folder(named: name)) != .mbox
        }
        checker.check()
        for finding in checker.findings {
            let kind = finding.isError ? "error" : "warning"
            say(
                "\(String(printable: name)):\(finding.line):\(finding.column): \(kind): \(finding.text)"
            )
            hasErrors = hasErrors || finding.isError
        }
        for inclusion in checker.inclusions {
            let place = "\(String(printable: name)):\(inclusion.line):\(inclusion.column)"
            // Variables of the whole file, which is more than is set where the line stands.
            if check(path(of: inclusion.name, checker), &seen, checker.variables, at: place) {
                hasErrors = true
            }
        }
        return hasErrors
    }

    /// Names are below MAILDIR.
    private func path(of name: [UInt8], _ checker: RecipeChecker) -> [UInt8] {
        guard name.first != UInt8(ascii: "/"),
            case .some(.some(let directory)) = checker.variables[Array("MAILDIR".utf8)]
        else { return name }
        return (Path(directory) / Path(name)).bytes
    }

    private func isUntrusted(_ name: [UInt8]) -> Bool {
        guard reader.isThere(name), reader.recipes(in: name) == nil else { return false }
        say(
            "\(String(printable: name)):1:1: error: this file would not be read: it is not yours, or "
                + "others may write in it or in its directory")
        return true
    }

    private func say(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
                try output.write(Array("\(text)\n".utf8))
            }
        } catch {
            // Nobody reads on.
        }
    }
}
