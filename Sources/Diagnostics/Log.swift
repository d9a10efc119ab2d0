import Posix

/// The log of one program, in the form that readers of Postfix's log know:
/// `postfix/smtpd[123]: text`, with `warning: `, `error: `, `fatal: ` or `panic: ` before the text.
package struct Log: Sendable {
    /// What stands before the process number, such as `postfix/smtpd`.
    package let name: String
    private let sinks: [LogSink]

    package init(name: String, to sinks: [LogSink]) {
        self.name = name
        self.sinks = sinks
    }

    package func info(_ text: String) { put(.info, text) }
    package func warning(_ text: String) { put(.warning, "warning: " + text) }
    package func error(_ text: String) { put(.error, "error: " + text) }

    /// Logs why the program cannot go on, and ends it with `status`.
    package func fatal(_ text: String, status: Int32 = 1) -> Never {
        put(.critical, "fatal: " + text)
        Process.exit(status)
    }

    /// Logs a bug of ours, and aborts.
    ///
    /// A trap of a release build is silent; this is not.
    package func panic(_ text: String) -> Never {
        put(.critical, "panic: " + text)
        abortProgram()
    }

    private func put(_ severity: Severity, _ text: String) {
        let line = oneLine(text)
        for sink in sinks { sink.put(severity, name, line) }
    }
}

/// How bad it is, by syslog's numbers.
package enum Severity: Int, Sendable {
    case critical = 2
    case error = 3
    case warning = 4
    case info = 6
}

/// The longest text of a log line in octets: a syslog datagram of RFC 3164 readers, with room.
private let lineLimit = 2000

/// The text as one line: what a stranger sent can neither begin a line nor move a terminal's cursor.
private func oneLine(_ text: String) -> String {
    if text.utf8.count <= lineLimit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 < 0x80 })
    {
        return text
    }
    var line = ""
    for scalar in text.unicodeScalars {
        let isPlain = scalar.value >= 0x20 && scalar.value != 0x7F && scalar.properties.isSafeInLog
        line.unicodeScalars.append(isPlain ? scalar : "?")
        if line.utf8.count >= lineLimit { break }
    }
    return line
}

extension Unicode.Scalar.Properties {
    /// No control or formatting character, such as those that turn the direction of writing.
    fileprivate var isSafeInLog: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
