@testable import Recipes

/// Fuzzes recipe files with letters: the interpreter and the checker come to an end on whatever octets,
/// and a letter is delivered or falls through.
///
/// What stands before the first 0xFF is the recipes, what follows is the letter.
@c(LLVMFuzzerTestOneInput)
public func fuzzRecipes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let recipes = Array(input.prefix { $0 != 0xFF })
    let letter = Letter(Array(input.dropFirst(recipes.count + 1)))
    let host = FuzzHost(recipes)
    let interpreter = RecipeInterpreter(
        host: host, letter: letter,
        variables: ["LOCKEXT": ".lock", "SHELLMETAS": "&|<>~;?*[", "HOME": "/h"].reduce(into: [:]) {
            $0[Array($1.key.utf8)] = Array($1.value.utf8)
        },
        arguments: [Array("one".utf8)], programName: Array("mda".utf8),
        hostName: Array("here".utf8))
    host.interpreter = interpreter
    if input.count % 2 == 0 { interpreter.observer = { _ in } }
    let end = interpreter.run(recipes, named: Array("rc".utf8))
    if end == .delivered, host.deliveries == 0 { fatalError("delivered nowhere") }
    if host.held != [], host.held != [interpreter.heldLock ?? []] { fatalError("a lock was kept") }
    _ = interpreter.runTrap(status: 0)
    interpreter.logAbstract(folder: Array("box".utf8))
    RecipeChecker(recipes).check()
    return 0
}

/// A world in which every third thing fails.
private final class FuzzHost: RecipeHost {
    private let text: [UInt8]
    private var count = 0
    private(set) var deliveries = 0
    private(set) var held: Set<[UInt8]> = []
    weak var interpreter: RecipeInterpreter?

    init(_ text: [UInt8]) { self.text = text }

    private var works: Bool {
        count += 1
        return count % 3 != 0
    }

    func log(_ text: [UInt8]) {}
    func openLog(_ name: [UInt8]) -> Bool { works }
    func changeDirectory(to name: [UInt8]) -> Bool { works }
    func setUmask(_ mask: UInt32) {}
    /// A file that includes itself, but not for ever.
    func recipes(in name: [UInt8]) -> [UInt8]? {
        count += 1
        return count < 60 ? Array(text.dropFirst(count % 16)) : nil
    }
    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool {
        guard works else { return false }
        held.insert(name)
        return true
    }
    func unlock(_ name: [UInt8]) { held.remove(name) }
    func run(_ call: ProgramCall) -> ProgramReport {
        let isDone = works
        if isDone, call.purpose == .delivery { deliveries += 1 }
        return ProgramReport(
            ending: isDone ? .exited(0) : .signalled(9), output: Array(call.input.prefix(200)),
            readAll: works || isDone)
    }
    func deliver(_ delivery: FolderDelivery) -> FolderReport {
        let isDone = works
        if isDone { deliveries += 1 }
        return FolderReport(succeeded: isDone, files: [Array("f".utf8)], octets: 1)
    }
    func kind(of folder: FolderDelivery.Folder) -> FolderDelivery.Kind { folder.kind ?? .mbox }
    func isThere(_ name: [UInt8]) -> Bool { works }
    func writeOutput(_ octets: [UInt8]) -> Bool {
        let isDone = works
        if isDone { deliveries += 1 }
        return isDone
    }
    var processNumber: Int32 { 1 }

    func clone(_ wait: CloneWait) -> CloneSide {
        if works { return .parent(status: 0) }
        // The locks are the parent's.
        held = []
        return .child
    }
    func dropRights() {}
    func detach() -> Bool { works }
    func utf8(_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]? { works ? text : nil }
    func heedSignals() {}
    func make(_ folder: FolderDelivery.Folder) -> [UInt8]? { works ? nil : folder.name }
    func canReach(_ target: NoticeTarget) -> Bool { works }
    func notify(_ target: NoticeTarget, _ text: [UInt8]) -> Bool { works }
}
