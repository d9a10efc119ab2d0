import Bytes

/// One setting of Dovecot's that we honour: its name and how its text becomes a value.
struct AccessParameter: Sendable {
    let name: String
    let set: @Sendable (inout AccessSettings, DovecotSetting) throws(DovecotError) -> Void

    typealias Place<Value> = any WritableKeyPath<AccessSettings, Value> & Sendable

    /// Every honoured setting but the blocks.
    static let all: [AccessParameter] = [
        list("protocols", \.protocols),
        text("mail_location", \.mailLocation),
        text("mail_home", \.mailHome),
        text("mail_uid", \.mailUser),
        text("mail_gid", \.mailGroup),
        text("mail_privileged_group", \.mailPrivilegedGroup),
        count("first_valid_uid", \.firstValidUser),
        count("last_valid_uid", \.lastValidUser),
        count("first_valid_gid", \.firstValidGroup),
        text("auth_username_format", \.usernameFormat),
        text("auth_username_chars", \.usernameCharacters),
        list("auth_mechanisms", \.mechanisms),
        time("auth_failure_delay", \.failureDelay),
        flag("disable_plaintext_auth", \.disablePlaintext),
        text("default_login_user", \.loginUser),
        text("login_greeting", \.greeting),
        list("listen", \.listen),
        uidlFormat("pop3_uidl_format", \.pop3UIDLFormat),
        flag("pop3_no_flag_updates", \.pop3LeavesFlags),
        text("log_path", \.logPath),
        text("recipient_delimiter", \.recipientDelimiter),
        flag("quota_full_tempfail", \.quotaFullIsTemporary),
        text("ssl", \.ssl),
    ]

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static func text(_ name: String, _ place: Place<String>) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            settings[keyPath: place] = setting.value
        }
    }

    private static func list(_ name: String, _ place: Place<[String]>) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            let words = setting.value.utf8.split { $0 == .space || $0 == UInt8(ascii: ",") }
            settings[keyPath: place] = words.map { String(Substring($0)) }
        }
    }

    private static func flag(_ name: String, _ place: Place<Bool>) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            let value = Array(setting.value.utf8)
            let isYes = value.equalsIgnoringCase("yes") || value.equalsIgnoringCase("y")
            guard isYes || value.equalsIgnoringCase("no") else {
                throw DovecotError(setting.place, "\(name) is neither yes nor no")
            }
            settings[keyPath: place] = isYes
        }
    }

    private static func count(_ name: String, _ place: Place<Int>) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            guard let number = Int(decimal: Array(setting.value.utf8)) else {
                throw DovecotError(setting.place, "\(name) is not a number: \(setting.value)")
            }
            settings[keyPath: place] = number
        }
    }

    /// A format that cannot be followed is an error: with another one every client would fetch all
    /// its mail again.
    private static func uidlFormat(
        _ name: String, _ place: Place<UIDLFormat>
    ) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            guard let format = UIDLFormat(setting.value) else {
                throw DovecotError(
                    setting.place, "\(name) must have %u, and beside it only %v: \(setting.value)")
            }
            settings[keyPath: place] = format
        }
    }

    /// Seconds; the unit, such as `2 secs` or `1m`, must be there unless the number is 0.
    private static func time(_ name: String, _ place: Place<Int>) -> AccessParameter {
        AccessParameter(name: name) { (settings, setting) throws(DovecotError) in
            guard let seconds = seconds(setting.value) else {
                throw DovecotError(setting.place, "\(name) is not a time: \(setting.value)")
            }
            settings[keyPath: place] = seconds
        }
    }
}

/// Dovecot's units of time, told by how they begin.
private let units: [(StaticString, Int)] = [
    ("sec", 1), ("min", 60), ("hour", 3600), ("day", 86400), ("week", 604_800),
]

private func seconds(_ text: String) -> Int? {
    var cursor = ByteCursor(Array(text.utf8))
    guard let number = cursor.takeNumber(Int.self) else { return nil }
    cursor.skipBlanks()
    let unit = Array(cursor.rest)
    if unit.isEmpty { return number == 0 ? 0 : nil }
    for (name, length) in units {
        let name = name.octets
        guard unit.elementsEqual(name.prefix(1)) || unit.startsIgnoringCase(with: name) else {
            continue
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: length)
        return overflow ? nil : product
    }
    return nil
}
