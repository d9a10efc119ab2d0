import CPosix
import Glibc

/// Octets from the kernel's random source.
package func randomBytes(_ count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
        let room = bytes.count - done
        let start = done
        let got = try retrying("getrandom") {
            unsafe bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return Int64(room) }
                return unsafe cposix_random(base + start, UInt64(room))
            }
        }
        done += Int(got)
    }
    return bytes
}
