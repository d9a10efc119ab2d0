import Bytes
import Posix

/// The two sizes of a message: as it is stored, and with every line ending in CRLF.
package struct MessageSizes: Equatable, Sendable {
    package private(set) var stored = 0
    package private(set) var network = 0
    private var endsInCR = false

    package init() {}

    /// Takes the next octets into account; they may be cut anywhere.
    package mutating func count(_ bytes: ArraySlice<UInt8>) {
        var bare = 0
        var place = bytes.startIndex
        while let found = bytes.firstIndex(of: .lf, from: place) {
            let isBare = found > bytes.startIndex ? bytes[found - 1] != .cr : !endsInCR
            if isBare { bare += 1 }
            place = found + 1
        }
        if let last = bytes.last { endsInCR = last == .cr }
        stored += bytes.count
        network += bytes.count + bare
    }
}
