import Bytes

/// What biff(1) is told of new mail, through comsat(8).
struct MailNotice {
    /// Where notices go; nil when there are to be none.
    var target: NoticeTarget?
    /// The folder of the last delivery, with its directory.
    var folder: [UInt8]?
    /// Where in its file the letter begins; nil where there is no file.
    var offset: Int?
}

/// Where notices go: the variable COMSAT taken apart.
package struct NoticeTarget: Sendable, Equatable {
    /// The number or name of the UDP service; `biff` when it is empty.
    package let service: [UInt8]
    /// The machine; this one when it is empty.
    package let host: [UInt8]

    /// biff's service on this machine.
    package init() {
        service = []
        host = []
    }

    /// `service@host`; a value without `@` says no more than that there are to be notices.
    init(_ value: [UInt8]) {
        let parts = value.firstIndex(of: .at).map { (value[..<$0], value[($0 + 1)...]) }
        service = Array(parts?.0 ?? [])
        host = Array(parts?.1 ?? [])
    }
}

extension RecipeInterpreter {
    /// Notices go to biff's service until COMSAT says otherwise.
    package func startNotices() { notice.target = NoticeTarget() }

    /// COMSAT: false when there are to be no notices, or there is no such place for them.
    func aimNotices(at value: [UInt8]) -> Bool {
        notice.target = nil
        guard value.contains(.at) || truth(of: value) != false else { return false }
        let target = NoticeTarget(value)
        guard host.canReach(target) else { return false }
        notice.target = target
        return true
    }

    func tellNoNotices() {
        let (name, value) = (Array("COMSAT".utf8), Array("no".utf8))
        if isVerbose { report("Assigning", name + [UInt8(ascii: "=")] + value) }
        variables[name] = value
    }

    /// Tells comsat where the letter is, as `user@offset:folder`, or what `failure` it met.
    package func sendNotice(failure: [UInt8]? = nil) {
        guard let target = notice.target, let folder = failure ?? notice.folder,
            let user = variables[Array("LOGNAME".utf8)], !user.isEmpty
        else { return }
        let offset = failure == nil ? notice.offset.map { "\($0)" } ?? "" : ""
        let text = user + [.at] + Array(offset.utf8) + [.colon] + folder
        if host.notify(target, text), isVerbose { report("Notified comsat:", text) }
    }

    /// The name of a folder with the directory that it is in.
    func fullName(_ folder: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        if folder.first == slash { return folder }
        return (variables[Array("MAILDIR".utf8)] ?? []) + [slash] + folder
    }
}
