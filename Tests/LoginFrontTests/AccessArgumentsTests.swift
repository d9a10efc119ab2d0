import Posix
import Testing

@testable import LoginFront

@Suite struct AccessArgumentsTests {
    @Test(arguments: [
        ("127.0.0.1:2110", SocketAddress(IPAddress(bytes: [127, 0, 0, 1]), port: 2110)),
        ("*:110", SocketAddress(IPAddress(bytes: [0, 0, 0, 0]), port: 110)),
        ("[::1]:143", .ipv6(IPAddress(bytes: [UInt8](repeating: 0, count: 15) + [1]), port: 143)),
    ])
    func readsAddresses(text: String, address: SocketAddress) throws {
        #expect(try AccessArguments(["--listen", text]).addresses == [address])
    }

    @Test(arguments: [
        "", "110", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1:143",
        "localhost:110", "[::1]", "127.0.0.1:x", ":110",
    ])
    func refusesOtherAddresses(text: String) {
        #expect(throws: AccessArguments.Failure.self) {
            try AccessArguments(["--listen", text])
        }
    }

    @Test func readsEverythingElse() throws {
        let arguments = try AccessArguments([
            "-c", "/etc/d.conf", "--listen", "*:1", "--listen", "[::]:1", "--connections", "7",
            "--per-address", "3",
        ])
        #expect(arguments.file == "/etc/d.conf")
        #expect(arguments.addresses.count == 2)
        #expect(arguments.connections == 7 && arguments.connectionsPerAddress == 3)
        #expect(arguments.request == .serve)
        #expect(try AccessArguments(["--version"]).request == .version)
        #expect(try AccessArguments(["--check"]).request == .check)
        #expect(try AccessArguments([]).addresses.isEmpty)
    }

    @Test(arguments: [
        ["-c"], ["--listen"], ["-x"], ["file"], ["--connections", "0"], ["--per-address", "x"],
        ["--connections", "100001"],
    ])
    func refusesWhatItDoesNotKnow(arguments: [String]) {
        #expect(throws: AccessArguments.Failure.self) { try AccessArguments(arguments) }
    }
}
