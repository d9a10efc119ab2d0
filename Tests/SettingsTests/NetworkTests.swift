import Posix
import Settings
import Testing

@Suite struct NetworkTests {
    static let members: [(network: String, inside: String?, outside: String?)] = [
        ("127.0.0.0/8", "127.255.255.255", "128.0.0.0"), ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("0.0.0.0/0", "8.8.8.8", "::1"), ("10.1.2.128/25", "10.1.2.255", "10.1.2.127"),
        ("[::1]/128", "::1", "::2"), ("[2001:db8::]/32", "2001:db8:ffff::1", "2001:db9::"),
        ("fe80::/10", "febf::1", "fec0::1"),
    ]

    @Test(arguments: members)
    func holdsItsAddresses(_ row: (network: String, inside: String?, outside: String?)) throws {
        let network = try Network(row.network)
        let inside = try #require(row.inside.flatMap { IPAddress($0) })
        let outside = try #require(row.outside.flatMap { IPAddress($0) })
        #expect(network.contains(inside))
        #expect(!network.contains(outside))
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/x", "[::1", "a.b", "::/129",
    ])
    func refusesWhatIsNone(_ text: String) {
        #expect(throws: Network.Fault.malformed) { try Network(text) }
    }

    @Test func namesTheNetworkWhenHostBitsAreSet() throws {
        let right = try Network("10.0.0.0/8")
        #expect(throws: Network.Fault.hostBits(right)) { try Network("10.1.2.3/8") }
    }

    @Test func derivesMynetworksFromTheInterfaces() throws {
        let interfaces: [(address: IPAddress, prefix: Int)] = [
            (try #require(IPAddress("127.0.0.1")), 8),
            (try #require(IPAddress("10.0.2.15")), 24),
            (try #require(IPAddress("::1")), 128),
        ]
        #expect(
            HostSettings.networks(.host, around: interfaces)
                == ["127.0.0.0/8", "10.0.2.15/32", "[::1]/128"])
        #expect(
            HostSettings.networks(.subnet, around: interfaces)
                == ["127.0.0.0/8", "10.0.2.0/24", "[::1]/128"])
        #expect(
            HostSettings.networks(.class, around: interfaces)
                == ["127.0.0.0/8", "10.0.0.0/8", "[::1]/128"])
    }

    @Test func mynetworksExpandsWithoutBeingSet() throws {
        let read = try MainConfiguration(text: Array("x = <$mynetworks>".utf8))
        #expect(try read.value("x").hasPrefix("<127.0.0.0/8"))
        #expect(try read.settings(HostSettings.self).mynetworks.first == "127.0.0.0/8")
    }
}
