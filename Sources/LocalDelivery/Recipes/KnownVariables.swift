/// The variables that mean something, for telling a name that was misspelt.
enum KnownVariables {
    static let names: Set<String> = [
        "MAILDIR", "DEFAULT", "ORGMAIL", "LOGFILE", "LOG", "VERBOSE", "LOGABSTRACT", "LOCKFILE",
        "LOCKEXT", "LOCKSLEEP", "LOCKTIMEOUT", "SUSPEND", "TIMEOUT", "NORESRETRY", "MSGPREFIX",
        "UMASK", "SHELL", "SHELLFLAGS", "SHELLMETAS", "SENDMAIL", "SENDMAILFLAGS", "INCLUDERC",
        "SWITCHRC", "HOST", "EXITCODE", "TRAP", "SHIFT", "DELIVERED", "DROPPRIVS", "COMSAT",
        "LINEBUF", "LASTFOLDER", "MATCH", "PROCMAIL_VERSION", "PROCMAIL_OVERFLOW", "LOGNAME",
        "HOME", "PATH", "USER", "TERM", "TZ",
    ]

    /// Accepted, and without effect here.
    static let withoutEffect = [
        "LINEBUF": "LINEBUF does nothing: there is no limit to a line",
        "NORESRETRY": "NORESRETRY does nothing: what is lacking makes the letter wait",
    ]

    /// The name that `name` is one slip away from.
    static func similar(to name: String) -> String? {
        let letters = Array(name.utf8)
        guard letters.count >= 4 else { return nil }
        let upper = name.uppercased()
        if upper != name, names.contains(upper) { return upper }
        return names.sorted().first { known in
            known.utf8.count >= 4 && isOneSlip(letters, Array(known.utf8))
        }
    }

    /// One letter more, less or other, or two that changed places.
    private static func isOneSlip(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let (short, long) = one.count <= other.count ? (one, other) : (other, one)
        guard long.count - short.count <= 1 else { return false }
        let place = zip(short, long).prefix { $0 == $1 }.count
        let (left, right) = (short[place...], long[place...])
        if short.count < long.count { return left.elementsEqual(right.dropFirst()) }
        if left.dropFirst().elementsEqual(right.dropFirst()) { return true }
        return left.count >= 2 && left[place] == right[place + 1] && left[place + 1] == right[place]
            && left.dropFirst(2).elementsEqual(right.dropFirst(2))
    }
}
