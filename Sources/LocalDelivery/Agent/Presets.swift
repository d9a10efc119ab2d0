import Bytes
package import Posix

/// The variables that recipes begin with.
package enum Presets {
    /// `mailbox` is the default mailbox, the system's when nil.
    static func variables(
        for user: User, _ line: DeliveryCommandLine, _ environment: ProcessEnvironment,
        mailbox: [UInt8]? = nil
    ) -> [[UInt8]: [UInt8]] {
        var variables: [[UInt8]: [UInt8]] = [:]
        let keepsAll = line.keepsEnvironment
        for (name, value) in environment.variables where keepsAll || name.elementsEqual("TZ".utf8) {
            variables[name] = value
        }
        for name in ["IFS", "ENV", "PWD"] { variables[Array(name.utf8)] = nil }
        let isOwn = line.mode == .general && keepsAll
        for (name, value) in fixed where !isOwn || variables[Array(name.utf8)] == nil {
            variables[Array(name.utf8)] = Array(value.utf8)
        }
        let home = String(decoding: user.home.bytes, as: UTF8.self)
        var personal = [
            "LOGNAME": user.name, "HOME": home, "SHELL": "/bin/sh",
            "ORGMAIL": systemMailbox(of: user).description,
        ]
        // A general filter that keeps its environment keeps this too.
        if line.mode != .general || !keepsAll {
            personal["HOST"] = hostName
            personal["PATH"] = home + "/bin:/usr/local/bin:/usr/bin:/bin"
            personal["DEFAULT"] = systemMailbox(of: user).description
            for name in ["LASTFOLDER", "EXITCODE"] { variables[Array(name.utf8)] = nil }
        }
        if !line.recipeFiles.isEmpty, !keepsAll { personal["COMSAT"] = "no" }
        for (name, value) in personal { variables[Array(name.utf8)] = Array(value.utf8) }
        if let mailbox {
            for name in ["ORGMAIL", "DEFAULT"] { variables[Array(name.utf8)] = mailbox }
        }
        if line.mode == .general { variables[Array("ORGMAIL".utf8)] = nil }
        return variables
    }

    /// Where the system keeps the user's mail.
    package static func systemMailbox(of user: User) -> Path { "/var/mail" / user.name }

    /// Relative names mean names in the present directory.
    static func staysHere(_ line: DeliveryCommandLine) -> Bool {
        if line.mode == .general { return true }
        return line.recipeFiles.first?.starts(with: "./".utf8) ?? false
    }

    private static let fixed: [(String, String)] = [
        ("SHELLFLAGS", "-c"), ("SHELLMETAS", "&|<>~;?*["), ("SENDMAIL", "/usr/sbin/sendmail"),
        ("SENDMAILFLAGS", "-oi"), ("LOCKEXT", ".lock"), ("MSGPREFIX", "msg."),
        ("LINEBUF", "2048"), ("PROCMAIL_VERSION", "3.23pre"),
    ]
}
