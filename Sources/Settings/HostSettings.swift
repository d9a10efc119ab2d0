import Bytes

/// The machine's names and addresses, as every part of the mail system sees them.
package struct HostSettings: SettingsGroup {
    package var myhostname = ""
    package var mydomain = ""
    package var myorigin = ""
    package var mydestination: [String] = []
    /// Words of mynetworks: addresses, networks, `!` in front, tables.
    package var mynetworks: [String] = []
    package var mynetworksStyle = NetworkStyle.host
    package var inetInterfaces: [String] = []
    package var inetProtocols = InternetProtocols.all
    package var proxyInterfaces: [String] = []
    package var recipientDelimiter = ""

    package init() {}

    package static let parameters: [Parameter<HostSettings>] = [
        .value(
            "myhostname", \.myhostname, "localhost.localdomain",
            "The internet host name of this mail system.", parse: hostNameText),
        .value(
            "mydomain", \.mydomain, "localdomain", "The internet domain of this mail system.",
            parse: hostNameText),
        .text(
            "myorigin", \.myorigin, "$myhostname", minimum: 1,
            "The domain that mail posted here appears to come from."),
        .list(
            "mydestination", \.mydestination, "$myhostname, localhost.$mydomain, localhost",
            "The domains that are delivered by the local transport."),
        .list(
            "mynetworks", \.mynetworks, "",
            "The clients that may relay: addresses and networks."),
        .value(
            "mynetworks_style", \.mynetworksStyle,
            "${{$compatibility_level} <level {2} ? {subnet} : {host}}",
            "How mynetworks is made when it is not set: host, subnet or class.",
            parse: { NetworkStyle(rawValue: $0) }),
        .words(
            "inet_interfaces", \.inetInterfaces, "all",
            "The addresses that mail is received on: all, loopback-only, names, addresses."),
        .value(
            "inet_protocols", \.inetProtocols, "all", "The protocols in use: all, ipv4, ipv6.",
            parse: InternetProtocols.init),
        .words(
            "proxy_interfaces", \.proxyInterfaces, "",
            "Addresses of this system on a translator or proxy in front of it."),
        .text(
            "recipient_delimiter", \.recipientDelimiter, "",
            "The characters that may separate a user's name from an extension."),
    ]
}

/// How `mynetworks` follows from the machine's addresses.
package enum NetworkStyle: String, Sendable {
    /// Only the machine itself.
    case host
    /// The subnetworks that the machine is on.
    case subnet
    /// The networks of class A, B or C that the machine is on; IPv6 as `subnet`.
    case `class`
}

/// The versions of the internet protocol that are in use.
package enum InternetProtocols: Sendable {
    case all, ipv4, ipv6

    package var useIPv4: Bool { self != .ipv6 }
    package var useIPv6: Bool { self != .ipv4 }

    init?(_ text: String) {
        var (four, six) = (false, false)
        for word in ParameterValue.words(text) {
            switch word {
            case "all": (four, six) = (true, true)
            case "ipv4": four = true
            case "ipv6": six = true
            default: return nil
            }
        }
        switch (four, six) {
        case (true, true): self = .all
        case (true, false): self = .ipv4
        case (false, true): self = .ipv6
        case (false, false): return nil
        }
    }
}

/// The longest host name (RFC 1035 section 2.3.4) and label.
private let hostNameLimit = 255
private let labelLimit = 63

/// The text when it is a host name: letters, digits, `-`, `_` and single dots; nil when it is none.
private func hostNameText(_ text: String) -> String? {
    guard !text.isEmpty, text.utf8.count <= hostNameLimit else { return nil }
    let labels = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    let good = labels.allSatisfy { label in
        !label.isEmpty && label.count <= labelLimit && label.first != 0x2D && label.last != 0x2D
            && label.allSatisfy { $0.isAlphanumeric || $0 == 0x2D || $0 == 0x5F }
    }
    return good ? text : nil
}
