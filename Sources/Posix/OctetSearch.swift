import Glibc

/// Searching long texts with the C library, which looks at many octets at once.
extension ArraySlice<UInt8> {
    /// Where `octet` stands first from `place` on, which lies in the slice or is its end.
    package func firstIndex(of octet: UInt8, from place: Int) -> Int? {
        let skipped = place - startIndex
        return unsafe withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, skipped < buffer.count else { return nil }
            let begin = unsafe base + skipped
            let found = unsafe memchr(begin, Int32(octet), buffer.count - skipped)
            return unsafe found.map { unsafe place + (UnsafeRawPointer($0) - begin) }
        }
    }
}
