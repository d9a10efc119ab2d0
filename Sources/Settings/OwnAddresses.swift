package import Posix

/// The addresses of this machine that the mail system receives on, and the networks around them.
extension HostSettings {
    /// The interfaces that `inet_interfaces` and `inet_protocols` leave; names are looked up.
    package func ownInterfaces() throws(ConfigurationError) -> [(address: IPAddress, prefix: Int)] {
        let all: [(address: IPAddress, prefix: Int)]
        do throws(SystemError) { all = try IPAddress.interfaces() } catch {
            throw ConfigurationError("\(error)")
        }
        let usable = all.filter { uses($0.address) }
        if inetInterfaces.contains("all") { return usable }
        if inetInterfaces == ["loopback-only"] { return usable.filter { $0.address.isLoopback } }
        var found: [(address: IPAddress, prefix: Int)] = []
        for word in inetInterfaces {
            for address in try addresses(of: word) where uses(address) {
                let prefix = all.first { $0.address == address }?.prefix
                found.append((address, prefix ?? address.bytes.count * 8))
            }
        }
        return found
    }

    private func uses(_ address: IPAddress) -> Bool {
        address.isIPv4 ? inetProtocols.useIPv4 : inetProtocols.useIPv6
    }

    /// The addresses that a word of `inet_interfaces` or `proxy_interfaces` stands for.
    package func addresses(of word: String) throws(ConfigurationError) -> [IPAddress] {
        let bare =
            word.hasPrefix("[") && word.hasSuffix("]") ? word.dropFirst().dropLast() : word[...]
        if let address = IPAddress(bare) { return [address] }
        let found: [IPAddress]
        do throws(SystemError) { found = try HostLookup.addresses(of: String(bare)) } catch {
            throw ConfigurationError("config variable inet_interfaces: \(word): \(error.reason)")
        }
        guard !found.isEmpty else {
            throw ConfigurationError("config variable inet_interfaces: host not found: \(word)")
        }
        return found
    }

    /// What `mynetworks` is when main.cf does not say: words as main.cf would have them.
    package static func networks(
        _ style: NetworkStyle, around interfaces: [(address: IPAddress, prefix: Int)]
    ) -> [String] {
        var words: [String] = []
        for (address, prefix) in interfaces {
            let word = Network(of: address, prefix: bits(style, address, prefix)).description
            if !words.contains(word) { words.append(word) }
        }
        return words
    }

    /// How many bits of an own address name its network in `style`.
    private static func bits(_ style: NetworkStyle, _ address: IPAddress, _ prefix: Int) -> Int {
        if address.isIPv4, address.isLoopback { return 8 }
        switch style {
        case .host: return address.bytes.count * 8
        case .subnet: return prefix
        case .class:
            guard address.isIPv4, let first = address.bytes.first else { return prefix }
            return first < 128 ? 8 : first < 192 ? 16 : 24
        }
    }
}
