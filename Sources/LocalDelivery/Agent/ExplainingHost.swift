import Bytes
import LocalDelivery
import Posix
import Recipes

/// Says what recipes would do and does none of it: no file is written, no lock taken and no program
/// started.
///
/// It reads recipe files and looks at folders, and it enters directories, because names depend on
/// them. Programs are taken to succeed: those asked for output give none, filters change nothing.
final class ExplainingHost: RecipeHost {
    weak var interpreter: RecipeInterpreter?
    private let files = DeliveryHost()
    /// Where the letter would be in the end.
    private(set) var places: [String] = []
    /// This process explains what becomes of a copy, for a block with `c`.
    private(set) var isCopy = false
    private var depth = 0

    func begin(_ interpreter: RecipeInterpreter, trusting owners: [UInt32]) {
        self.interpreter = interpreter
        files.interpreter = interpreter
        files.mayTrust = owners
    }

    func say(_ text: String) {
        let margin = String(repeating: "  ", count: min(depth, Self.deepest))
        let line = "\(isCopy ? "copy | " : "")\(margin)\(text)\n"
        do throws(SystemError) {
            try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
                try output.write(Array(line.utf8))
            }
        } catch {
            // Nobody reads on.
        }
    }

    /// Levels shown; deeper blocks stand where the last of them does.
    private static let deepest = 20

    func hear(_ event: RecipeEvent) {
        switch event {
        case .file(let name): say("file \(shown(name))")
        case .statement(let line, let text): say("\(padded(line))  \(shown(text))")
        case .passedOver(let why): say("\(Self.inset)not tried; \(why)")
        case .condition(let text): say("\(Self.inset)* \(shown(text))")
        case .outcome(let holds, let found):
            say("\(Self.inset)    \(holds ? "holds" : "fails"): \(shown(found))")
        case .action(let text, let isDone):
            say("\(Self.inset)\(isDone ? "done" : "not done"): \(shown(text))")
            if isDone, text.first == UInt8(ascii: "{") { depth += 1 }
        case .blockEnd: depth = max(0, depth - 1)
        }
    }

    private static let inset = "        "

    private func padded(_ line: Int) -> String {
        let text = "\(line)"
        return String(repeating: " ", count: max(0, 6 - text.utf8.count)) + text
    }

    /// Text for people: control characters are seen, long text is cut.
    func shown(_ text: [UInt8]) -> String {
        let cut = text.count > Self.shownLimit ? Array(text.prefix(Self.shownLimit)) : text
        var out: [UInt8] = []
        for octet in cut {
            if octet == .lf {
                out += Array("\\n".utf8)
            } else {
                out.append(octet.isControl && octet != .tab ? UInt8(ascii: "?") : octet)
            }
        }
        return String(decoding: out, as: UTF8.self) + (cut.count < text.count ? "…" : "")
    }

    private static let shownLimit = 300

    private func would(_ what: String) { say("\(Self.inset)    would \(what)") }

    private func fullName(_ name: [UInt8]) -> String {
        do throws(SystemError) {
            return shown((try Process.workingDirectory / Path(name)).bytes)
        } catch { return shown(name) }
    }

    func note(place: String) { places.append(place) }

    /// Every block has ended: what follows stands at the margin.
    func leaveBlocks() { depth = 0 }
}

extension ExplainingHost {
    func log(_ text: [UInt8]) {
        let own = Array("procmail: ".utf8)
        let line = Array(text.trimmed)
        if line.starts(with: own) {
            say("\(Self.noteInset)note: \(shown(Array(line.dropFirst(own.count))))")
        } else {
            say("\(Self.noteInset)would write to the log: \(shown(line))")
        }
    }

    private static let noteInset = "            "

    func openLog(_ name: [UInt8]) -> Bool {
        would("write its log to \(fullName(name))")
        return true
    }

    func changeDirectory(to name: [UInt8]) -> Bool { files.changeDirectory(to: name) }

    func setUmask(_ mask: UInt32) {}

    func recipes(in name: [UInt8]) -> [UInt8]? { files.recipes(in: name) }

    func recipeFile(_ path: Path, _ name: [UInt8]) -> [UInt8]? {
        files.recipeFile(path, name.starts(with: "./".utf8) ? .here : .absolute, complains: true)
    }

    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool {
        would("take the lock \(fullName(name))")
        return true
    }

    func unlock(_ name: [UInt8]) {}

    func run(_ call: ProgramCall) -> ProgramReport {
        let assumption =
            switch call.purpose {
            case .delivery, .question: "taken to succeed"
            case .output: "taken to succeed and say nothing"
            case .filter: "taken to succeed and leave the letter as it is"
            }
        would("run: \(shown(Array(call.text.trimmed))) (\(assumption))")
        if call.purpose == .delivery { places.append("| \(shown(Array(call.text.trimmed)))") }
        return ProgramReport(
            ending: .exited(0), output: call.purpose == .filter ? call.input : [])
    }

    func deliver(_ delivery: FolderDelivery) -> FolderReport {
        var names: [[UInt8]] = []
        for folder in delivery.folders {
            let kind = files.kind(of: folder)
            let name = fullName(folder.name)
            switch kind {
            case .mbox where folder.name.elementsEqual("/dev/null".utf8):
                would("throw the letter away (/dev/null)")
            case .mbox: would("append the letter to the mbox \(name)")
            case .maildir: would("put the letter into the Maildir \(name)")
            case .mh: would("put the letter into the MH folder \(name)")
            case .directory: would("put the letter into the directory \(name)")
            }
            places.append(name)
            names.append(folder.name)
        }
        return FolderReport(
            succeeded: true, files: names, octets: delivery.letter.octets(of: delivery.parts).count)
    }

    func make(_ folder: FolderDelivery.Folder) -> [UInt8]? { nil }
    func kind(of folder: FolderDelivery.Folder) -> FolderDelivery.Kind { files.kind(of: folder) }
    func isThere(_ name: [UInt8]) -> Bool { files.isThere(name) }

    func writeOutput(_ octets: [UInt8]) -> Bool {
        would("write the letter to the standard output")
        places.append("the standard output")
        return true
    }

    var processNumber: Int32 { Process.id }

    /// The copy is explained to its end, then the letter itself.
    func clone(_ wait: CloneWait) -> CloneSide {
        do throws(SystemError) {
            guard let child = try Process.fork() else {
                isCopy = true
                places = []
                return .child
            }
            _ = try Process.wait(child)
        } catch { say("\(Self.noteInset)note: the copy cannot be followed: \(error)") }
        return .parent(status: 0)
    }

    func dropRights() {}
    func detach() -> Bool { true }
    func utf8(_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]? { files.utf8(charset, text) }
    func heedSignals() {}
    func canReach(_ target: NoticeTarget) -> Bool { true }
    func notify(_ target: NoticeTarget, _ text: [UInt8]) -> Bool { false }
}
