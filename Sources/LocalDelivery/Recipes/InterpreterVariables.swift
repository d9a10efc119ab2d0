import Bytes

/// Assignments, and what those with a meaning do at once.
extension RecipeInterpreter {
    /// Sets or, with nil, removes a variable; those that mean something act.
    package func assign(_ name: [UInt8], _ value: [UInt8]?) {
        if isVerbose {
            report("Assigning", name + (value.map { [UInt8(ascii: "=")] + $0 } ?? []))
        }
        set(name, value)
    }

    /// Does the same without telling the log.
    func set(_ name: [UInt8], _ value: [UInt8]?) {
        variables[name] = value
        act(String(printable: name), value ?? [])
    }

    private func act(_ name: String, _ value: [UInt8]) {
        switch name {
        case "MAILDIR": enter(value)
        case "LOGFILE": startLog(value)
        case "LOG": host.log(value)
        case "VERBOSE": isVerbose = observer == nil && truth(of: value) ?? isVerbose
        case "LOCKFILE": swapLock(for: value)
        case "UMASK": host.setUmask(UInt32(octalPrefix: value) & 0o777)
        case "INCLUDERC": include(value)
        case "SWITCHRC": switchTo(value)
        case "HOST": checkHost(value)
        case "SHIFT": arguments.removeFirst(min(arguments.count, max(0, integer(value) ?? 0)))
        case "DELIVERED": if truth(of: value) == true { isDetached = host.detach() || isDetached }
        case "DEFAULT": hasOwnDefault = true
        case "COMSAT": if !aimNotices(at: value) { tellNoNotices() }
        case "DROPPRIVS": if truth(of: value) == true { dropRights() }
        case "LASTFOLDER":
            lastFolder = value
            notice.folder = fullName(value)
        default: if numbers[name] != nil, let value = integer(value) { numbers[name] = value }
        }
    }

    func enter(_ directory: [UInt8]) {
        hasDirectory = true
        guard !directory.isEmpty else {
            report("Couldn't chdir to", directory)
            let here = Array("MAILDIR=.".utf8)
            if isVerbose { report("Assigning", here) }
            return variables[Array("MAILDIR".utf8)] = [.dot]
        }
        isAstray = !host.changeDirectory(to: directory)
        if isAstray { report("Couldn't chdir to", directory) }
    }

    private func startLog(_ name: [UInt8]) {
        let target = name.isEmpty ? Self.nullDevice : name
        if !host.openLog(target) {
            report("Error while writing to", target)
        }
    }

    private func dropRights() {
        if isVerbose { report("Assuming identity of the recipient, VERBOSE=off") }
        host.dropRights()
    }

    private func swapLock(for name: [UInt8]) {
        if name == heldLock { return }
        if let heldLock {
            releaseLock(heldLock)
            self.heldLock = nil
        }
        guard !name.isEmpty, takeLock(name) else { return }
        heldLock = name
    }

    /// Gives back the global lock at the end of everything.
    package func releaseHeldLock() {
        if let heldLock { releaseLock(heldLock) }
        heldLock = nil
    }

    private func include(_ name: [UInt8]) {
        guard !name.isEmpty, name != Self.nullDevice else { return }
        guard files.count < Self.includeLimit, let text = open(name) else {
            return report("Couldn't read", name)
        }
        files.append(RecipeFile(name: name, text: text))
        tell(.file(name))
    }

    /// Goes on in another file; an empty name ends the present one.
    private func switchTo(_ name: [UInt8]) {
        guard !files.isEmpty else { return }
        if name.isEmpty || name == Self.nullDevice {
            restoreOutermost()
            files.removeLast()
            return
        }
        guard let text = open(name) else { return report("Couldn't read", name) }
        restoreOutermost()
        files[files.count - 1] = RecipeFile(name: name, text: text)
        tell(.file(name))
    }

    private func open(_ name: [UInt8]) -> [UInt8]? {
        fileCount += 1
        return fileCount <= Self.fileLimit ? host.recipes(in: name) : nil
    }

    private func restoreOutermost() {
        if let saved = files.last?.blocks.first?.chain { chain = saved }
    }

    private func checkHost(_ value: [UInt8]) {
        guard value != hostNameOfMachine else { return }
        if isVerbose { report("HOST mismatched", hostNameOfMachine) }
        end = .otherHost
    }

    /// Sets or removes a variable without any effect, and yields what it was.
    package func exchange(_ name: String, for value: [UInt8]?) -> [UInt8]? {
        let old = variables[Array(name.utf8)]
        variables[Array(name.utf8)] = value
        return old
    }

    /// Sets LASTFOLDER, as the log tells it.
    package func setLastFolder(_ folder: [UInt8]) {
        lastFolder = folder
        notice.folder = fullName(folder)
        if isVerbose {
            report("Assigning", Self.lastFolderName + [UInt8(ascii: "=")] + folder)
        }
        variables[Self.lastFolderName] = folder
    }

    static let lastFolderName = Array("LASTFOLDER".utf8)

    /// Whether a variable says yes; one that is missing does not.
    package func isOn(_ name: String) -> Bool {
        truth(of: variables[Array(name.utf8)] ?? []) == true
    }

    /// What a value says as a switch: nil leaves the old one.
    func truth(of value: [UInt8]) -> Bool? { integer(value).map { $0 != 0 } }

    /// The number in front of a value, or the one that a word for yes, no or all stands for; nil leaves
    /// the old one.
    func integer(_ value: [UInt8]) -> Int? {
        let text = value.drop { $0.isSpace }
        let isNegative = text.first == UInt8(ascii: "-")
        let isSigned = isNegative || text.first == UInt8(ascii: "+")
        let digits = (isSigned ? text.dropFirst() : text).prefix { $0.isDigit }
        if !digits.isEmpty {
            return min(Int(decimal: digits) ?? Int.max, Int(Int32.max)) * (isNegative ? -1 : 1)
        }
        let folded = Array(text).lowercased
        if folded.starts(with: "on".utf8) { return 1 }
        if folded.starts(with: "off".utf8) { return 0 }
        return switch folded.first {
        case UInt8(ascii: "a")?: 2
        case UInt8(ascii: "y")?, UInt8(ascii: "t")?, UInt8(ascii: "e")?: 1
        case UInt8(ascii: "n")?, UInt8(ascii: "f")?, UInt8(ascii: "d")?: 0
        default: nil
        }
    }

    /// A variable that is a number: what was last assigned and was one.
    func number(of name: String) -> Int { numbers[name] ?? 0 }

    /// A variable as text for people.
    func text(of name: String) -> String {
        String(printable: variables[Array(name.utf8)] ?? [])
    }
}

extension UInt32 {
    /// The number that the octal digits in front stand for: none is 0.
    init(octalPrefix text: [UInt8]) {
        self = 0
        for octet in text.drop(while: \.isSpace) {
            guard let digit = octet.digitValue, digit < 8 else { return }
            self = (self & 0o777_777) << 3 | UInt32(digit)
        }
    }
}
