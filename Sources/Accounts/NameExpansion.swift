import Bytes
package import Posix

/// Puts a user's name into a template: `%u` whole, `%n` before the `@`, `%d` behind it, `%h` the home
/// directory, `%s` the service, `%%`; `%L` and `%U` before the letter fold the case.
///
/// One pass: what comes from the name is never looked at again (CVE-2017-2669). The long forms
/// `%{user}` and Dovecot 2.4's `%{user | username | lower}` say the same.
package struct NameExpansion: Sendable {
    private let user: [UInt8]
    private let home: Path?
    private let service: String
    private let use: Use

    /// What the text is made for.
    package enum Use: Sendable {
        /// A name: anything goes.
        case name
        /// A path: no part of the name may lead anywhere else.
        case path
    }

    package init(user: [UInt8], home: Path? = nil, service: String, for use: Use) {
        self.user = user
        self.home = home
        self.service = service
        self.use = use
    }

    package func expand(_ template: [UInt8]) throws(ExpansionError) -> [UInt8] {
        var cursor = ByteCursor(template)
        var text: [UInt8] = []
        while let byte = cursor.next() {
            if byte == UInt8(ascii: "%") {
                text += try variable(&cursor)
            } else {
                text.append(byte)
            }
        }
        if use == .path { try refuseWayUp(text) }
        return text
    }

    private func variable(_ cursor: inout ByteCursor) throws(ExpansionError) -> [UInt8] {
        if cursor.take(UInt8(ascii: "{")) { return try longForm(&cursor) }
        var steps: [Step] = []
        while let byte = cursor.next() {
            switch byte {
            case UInt8(ascii: "%"): return [byte]
            case UInt8(ascii: "L"): steps.append(.lower)
            case UInt8(ascii: "U"): steps.append(.upper)
            case UInt8(ascii: "u"): return try apply(steps, to: .user)
            case UInt8(ascii: "n"): return try apply(steps, to: .localPart)
            case UInt8(ascii: "d"): return try apply(steps, to: .domain)
            case UInt8(ascii: "h"): return try apply(steps, to: .home)
            case UInt8(ascii: "s"): return try apply(steps, to: .service)
            default: throw .notSupported("%\(String(printable: [byte]))")
            }
        }
        throw .notSupported("% at the end")
    }

    /// `user`, `username`, `domain`, `home` or `service`, then steps after bars.
    private func longForm(_ cursor: inout ByteCursor) throws(ExpansionError) -> [UInt8] {
        let inner = cursor.take(upTo: UInt8(ascii: "}"))
        guard cursor.take(UInt8(ascii: "}")) else { throw .notSupported("%{ without }") }
        let words = inner.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        var source: Source?
        var steps: [Step] = []
        for word in words.map(\.trimmed) {
            switch (source, String(printable: word)) {
            case (nil, "user"): source = .user
            case (nil, "username"), (.user?, "username"): source = .localPart
            case (nil, "domain"), (.user?, "domain"): source = .domain
            case (nil, "home"): source = .home
            case (nil, "service"), (nil, "protocol"): source = .service
            case (_?, "lower"): steps.append(.lower)
            case (_?, "upper"): steps.append(.upper)
            default: throw .notSupported("%{\(String(printable: inner))}")
            }
        }
        guard let source else { throw .notSupported("%{\(String(printable: inner))}") }
        return try apply(steps, to: source)
    }

    private enum Source { case user, localPart, domain, home, service }
    private enum Step { case lower, upper }

    private func apply(_ steps: [Step], to source: Source) throws(ExpansionError) -> [UInt8] {
        var value = try value(of: source)
        for step in steps {
            switch step {
            case .lower: value = value.lowercased
            case .upper: value = value.uppercased
            }
        }
        return value
    }

    private func value(of source: Source) throws(ExpansionError) -> [UInt8] {
        switch source {
        case .user: return try safe(user)
        case .localPart: return try safe(Array(user.prefix { $0 != .at }))
        case .domain: return try safe(Array(user.drop { $0 != .at }.dropFirst()))
        case .service: return Array(service)
        case .home:
            guard let home else { throw .noHome }
            return home.bytes
        }
    }

    /// The part of a name as it may stand in a path: one component, or a piece of one.
    private func safe(_ part: [UInt8]) throws(ExpansionError) -> [UInt8] {
        guard use == .path else { return part }
        // A colon would begin a new part of a mail_location.
        let isClean = part.allSatisfy { !$0.isControl && $0 != UInt8(ascii: "/") && $0 != .colon }
        guard isClean, !part.isEmpty, part != [.dot], part != [.dot, .dot], part.count <= 255 else {
            throw .unsafeName
        }
        return part
    }

    /// No component may be `..`, in whatever way it came together.
    private func refuseWayUp(_ text: [UInt8]) throws(ExpansionError) {
        let ends: [UInt8] = [UInt8(ascii: "/"), .colon, UInt8(ascii: "=")]
        for component in text.split(whereSeparator: { ends.contains($0) })
        where component.elementsEqual("..".utf8) {
            throw .unsafeName
        }
    }
}

/// Why a template could not be filled in.
package enum ExpansionError: Error, Equatable, Sendable {
    /// A variable that we do not know.
    case notSupported(String)
    /// `%h` where no home is known.
    case noHome
    /// The user's name would lead out of the place that the template names.
    case unsafeName

    package var text: String {
        switch self {
        case .notSupported(let variable): "not supported yet: variable \(variable)"
        case .noHome: "the user has no home directory for %h"
        case .unsafeName: "the name cannot be part of a path"
        }
    }
}
