import Bytes

/// The names that procmail replaces inside an expression: who a letter is to, and whether a program
/// sent it (procmailrc(5), "Miscellaneous").
enum PatternMacros {
    private static let to =
        "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):"

    private static let sender =
        "(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?("

    /// What must follow the name of a program: nothing, or a host and perhaps a comment.
    private static let afterName =
        ")(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$))"

    private static let daemonNames =
        "Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon|m(mdf|ajordomo)|n?uucp|"
        + "LIST(SERV|proc)|NETSERV|o(wner|ps)|r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|echo|"
        + "mirror|s(erv(ices?|er)|mtp(error)?|ystem)|A(dmin(istrator)?|MMGR|utoanswer)"

    private static let mailerNames =
        "Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp|ops|r(esponse|oot)|"
        + "(bbs\\.)?smtp(error)?|s(erv(ices?|er)|ystem)|A(dmin(istrator)?|MMGR)"

    /// Longer names stand before the shorter ones that they begin with.
    private static let table: [(name: [UInt8], text: [UInt8], forcesFolding: Bool)] = [
        (Array("^TO_".utf8), Array((to + "(.*[^-a-zA-Z0-9_.])?)").utf8), false),
        (Array("^TO".utf8), Array((to + "(.*[^a-zA-Z])?)").utf8), false),
        (
            Array("^FROM_DAEMON".utf8),
            Array(
                ("(^(Mailing-List:|Precedence:.*(junk|bulk|list)|To: Multiple recipients of |"
                    + sender + daemonNames + afterName + ")").utf8), true
        ),
        (
            Array("^FROM_MAILER".utf8),
            Array(("(^" + sender + mailerNames + afterName).utf8), false
        ),
    ]

    /// The expression with every name replaced that no backslash stands before, and whether it now
    /// ignores case whatever the recipe says.
    static func expand(_ text: [UInt8]) -> (text: [UInt8], forcesFolding: Bool) {
        guard text.contains(UInt8(ascii: "^")) else { return (text, false) }
        var out: [UInt8] = []
        var forcesFolding = false
        var place = 0
        while place < text.count {
            let octet = text[place]
            if octet == .backslash, place + 1 < text.count {
                out += text[place...(place + 1)]
                place += 2
            } else if octet == UInt8(ascii: "^"),
                let macro = table.first(where: { text[place...].starts(with: $0.name) })
            {
                out += macro.text
                forcesFolding = forcesFolding || macro.forcesFolding
                place += macro.name.count
            } else {
                out.append(octet)
                place += 1
            }
        }
        return (out, forcesFolding)
    }
}
