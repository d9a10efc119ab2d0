import Glibc

/// Turns text of one character set into UTF-8, in pieces that may be cut anywhere (iconv(3)).
///
/// What means nothing in the set becomes U+FFFD.
@safe package final class CharacterSetConverter {
    private let handle: iconv_t
    /// A character whose rest has not come yet.
    private var held: [UInt8] = []

    /// Octets of a set's name.
    private static let nameLimit = 64
    /// Octets of input that one round converts.
    private static let block = 16_384

    /// Nil when the C library does not know the set.
    package init?(from name: some Collection<UInt8>) {
        // Only names: `//` would begin options of glibc's, `/` a path of a module.
        let isName =
            !name.isEmpty && name.count <= Self.nameLimit
            && name.allSatisfy {
                ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
                    || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E || $0 == 0x3A
            }
        guard isName else { return nil }
        let opened = unsafe iconv_open("UTF-8", String(decoding: Array(name), as: UTF8.self))
        guard let opened = unsafe opened, Int(bitPattern: opened) != -1 else { return nil }
        unsafe handle = unsafe opened
    }

    deinit { unsafe iconv_close(handle) }

    /// The text so far as UTF-8; an incomplete last character waits for its rest.
    package func convert(_ piece: some Collection<UInt8>) -> [UInt8] {
        var input = held + Array(piece)
        held = []
        var out: [UInt8] = []
        var position = 0
        while position < input.count {
            let (used, made, reason) = round(&input, from: position)
            position += used
            out += made
            switch reason {
            case EILSEQ:
                out += Self.replacement
                position += 1
            case EINVAL where input.count - position < Self.block:
                held = Array(input[position...])
                return out
            default:
                // E2BIG and success go on; no progress at all must not be for ever.
                if used == 0, made.isEmpty { position += 1 }
            }
        }
        return out
    }

    /// Ends the text: an incomplete last character becomes U+FFFD.
    package func finish() -> [UInt8] {
        defer {
            held = []
            unsafe _ = iconv(handle, nil, nil, nil, nil)
        }
        return held.isEmpty ? [] : Self.replacement
    }

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// One call of iconv(3): how much it took, what it made, why it stopped.
    private func round(
        _ input: inout [UInt8], from position: Int
    ) -> (used: Int, made: [UInt8], reason: Int32) {
        let count = min(input.count - position, Self.block)
        var used = 0
        var reason: Int32 = 0
        let made = unsafe [UInt8](unsafeUninitializedCapacity: Self.block * 4) { output, length in
            unsafe input.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                var from: UnsafeMutablePointer<CChar>? =
                    unsafe (start + position).assumingMemoryBound(to: CChar.self)
                var fromLeft = count
                var toLeft = output.count
                let base = UnsafeMutableRawPointer(output.baseAddress)
                var to = unsafe base?.assumingMemoryBound(to: CChar.self)
                let room = toLeft
                reason = unsafe iconvCall(handle, &from, &fromLeft, &to, &toLeft)
                used = count - fromLeft
                length = room - toLeft
            }
        }
        // A cut at the block's end is not a cut of the input.
        if reason == EINVAL, position + count < input.count, used > 0 { reason = 0 }
        return (used, made, reason)
    }
}

/// Zero, or why iconv(3) stopped.
@inline(never) private func iconvCall(
    _ handle: iconv_t, _ from: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ fromLeft: UnsafeMutablePointer<Int>, _ to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ toLeft: UnsafeMutablePointer<Int>
) -> Int32 {
    unsafe iconv(handle, from, fromLeft, to, toLeft) == -1 ? errno : 0
}
