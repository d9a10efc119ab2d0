import Bytes

@testable import Recipes

/// A host that does nothing and writes everything down.
final class RecordingHost: RecipeHost {
    private(set) var steps: [String] = []
    private(set) var logged = ""
    var files: [String: String] = [:]
    var failing: Set<String> = []
    var locked: Set<String> = []

    func log(_ text: [UInt8]) { logged += String(latin1: text) }
    func openLog(_ name: [UInt8]) -> Bool { true }
    func changeDirectory(to name: [UInt8]) -> Bool { !failing.contains(String(latin1: name)) }
    func setUmask(_ mask: UInt32) { steps.append("umask \(String(mask, radix: 8))") }
    func recipes(in name: [UInt8]) -> [UInt8]? {
        files[String(latin1: name)].map { Array($0.utf8) }
    }

    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool {
        steps.append("lock \(String(latin1: name))")
        return !locked.contains(String(latin1: name))
    }

    func unlock(_ name: [UInt8]) { steps.append("unlock \(String(latin1: name))") }

    func run(_ call: ProgramCall) -> ProgramReport {
        let text = String(latin1: call.text)
        steps.append("run \(text)")
        return ProgramReport(
            ending: .exited(failing.contains(text) ? 1 : 0), output: Array("said\n".utf8))
    }

    func deliver(_ delivery: FolderDelivery) -> FolderReport {
        let names = delivery.folders.map { String(latin1: $0.name) }.joined(separator: " ")
        steps.append("deliver \(names)")
        let octets = delivery.letter.octets(of: delivery.parts).count
        return FolderReport(
            succeeded: !failing.contains(names), files: [Array(names.utf8)], octets: octets)
    }

    func make(_ folder: FolderDelivery.Folder) -> [UInt8]? { nil }
    func kind(of folder: FolderDelivery.Folder) -> FolderDelivery.Kind { folder.kind ?? .mbox }
    func isThere(_ name: [UInt8]) -> Bool { false }

    func writeOutput(_ octets: [UInt8]) -> Bool {
        steps.append("output \(octets.count)")
        return true
    }

    var processNumber: Int32 { 1 }
    func clone(_ wait: CloneWait) -> CloneSide { .parent(status: 0) }
    func dropRights() {}
    func detach() -> Bool { true }
    func utf8(_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]? {
        charset.equalsIgnoringCase("utf-8") || charset.equalsIgnoringCase("us-ascii") ? text : nil
    }
    func heedSignals() {}
    func canReach(_ target: NoticeTarget) -> Bool { !target.host.starts(with: "gone".utf8) }
    func notify(_ target: NoticeTarget, _ text: [UInt8]) -> Bool {
        steps.append("notify \(String(latin1: text))")
        return true
    }
}

/// What a recipe file does with a letter.
struct RecipeRun {
    let host = RecordingHost()
    let end: RecipeInterpreter.End
    let interpreter: RecipeInterpreter

    init(
        _ recipes: String,
        letter: String = "From a@b  Thu Jan  1 00:00:00 1970\nSubject: Hi\n\nbody\n",
        prepare: (RecordingHost) -> Void = { _ in }
    ) {
        prepare(host)
        interpreter = RecipeInterpreter(
            host: host, letter: Letter(Array(letter.utf8)),
            variables: [
                Array("LOCKEXT".utf8): Array(".lock".utf8),
                Array("SHELLMETAS".utf8): Array("&|<>~;?*[".utf8),
                Array("SENDMAIL".utf8): Array("sendmail".utf8),
            ],
            arguments: [], programName: Array("mda".utf8),
            hostName: Array("here".utf8))
        end = interpreter.run(Array(recipes.utf8), named: Array("rc".utf8))
    }

    func value(_ name: String) -> String? {
        interpreter.variables[Array(name.utf8)].map { String(latin1: $0) }
    }
}
