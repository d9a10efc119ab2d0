import Bytes
import LocalDelivery
import Posix
import Recipes

/// `mda --explain FILE`: says, condition by condition, what recipes would do with the letter on
/// standard input, and where it would go.
struct Explanation {
    private let line: DeliveryCommandLine
    private let user: User
    private let host = ExplainingHost()
    private let interpreter: RecipeInterpreter

    init(
        _ line: DeliveryCommandLine, _ user: User, _ letter: Letter,
        _ environment: ProcessEnvironment
    ) {
        self.line = line
        self.user = user
        interpreter = RecipeInterpreter(
            host: host, letter: letter,
            variables: Presets.variables(for: user, line, environment),
            arguments: line.arguments, programName: line.name,
            hostName: Array(hostName.utf8))
        host.begin(interpreter, trusting: [user.id, 0])
        interpreter.observer = { [host] event in host.hear(event) }
    }

    func run() -> Int32 {
        let name = line.recipeFiles.first ?? (user.home / ".procmailrc").bytes
        // The file is named as people name files: from where they are.
        let isHere = name.first != UInt8(ascii: "/") && !name.starts(with: "./".utf8)
        let path = isHere ? Path(Array("./".utf8) + name) : Path(name)
        guard let text = host.recipeFile(path, path.bytes) else { return ExitStatus.noInput }
        interpreter.start(in: Presets.staysHere(line) ? [.dot] : user.home.bytes)
        for (name, value) in line.assignments {
            interpreter.assign(name, interpreter.expanded(value))
        }
        let end = interpreter.run(text, named: name)
        host.leaveBlocks()
        switch end {
        case .delivered: break
        case .otherHost: host.note(place: "nowhere: these recipes are for another host")
        case .fellThrough: takeDefault()
        }
        conclude()
        // A copy ends here; its letter's own end comes after.
        if host.isCopy { Process.leave(ExitStatus.success) }
        return ExitStatus.success
    }

    private func takeDefault() {
        let system = interpreter.variables[Array("ORGMAIL".utf8)] ?? []
        let standard = interpreter.variables[Array("DEFAULT".utf8)] ?? system
        let name = standard.isEmpty ? system : standard
        host.say(
            "no recipe takes the letter, so it goes to \(standard.isEmpty ? "ORGMAIL" : "DEFAULT")")
        guard !name.isEmpty, interpreter.deliverByDefault(to: name) else {
            return host.note(place: "nowhere: it would be returned")
        }
    }

    private func conclude() {
        if let trap = interpreter.variables[Array("TRAP".utf8)], !trap.isEmpty {
            host.say("at the end TRAP would be run: \(host.shown(trap))")
        }
        let places = host.places.isEmpty ? "nowhere" : host.places.joined(separator: ", ")
        host.say("The letter would go to: \(places)")
    }
}
