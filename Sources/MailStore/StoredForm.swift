import Bytes

/// Turns what a client sends into what is stored: LF for CRLF, 0x80 for NUL.
///
/// Whatever comes in is what `NetworkForm` gives back, but for a bare LF (which comes back as CRLF)
/// and NUL. To that end a CRLF behind another CR stays as it is.
struct StoredForm {
    /// How many CRs are held back: what they mean depends on what follows.
    private var held = 0

    mutating func convert(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard held > 0 || byte == .cr || byte == 0 else { continue }
            out.append(contentsOf: bytes[start..<index])
            start = index + 1
            if byte == .cr {
                held += 1
                continue
            }
            // One CR before a LF is the line end's; more of them are content, and all stay.
            if byte != .lf || held > 1 { out.append(contentsOf: repeatElement(.cr, count: held)) }
            held = 0
            out.append(byte == 0 ? NetworkForm.insteadOfNUL : byte)
        }
        out.append(contentsOf: bytes[start...])
        return out
    }

    /// What is held back at the end of the message.
    mutating func finish() -> [UInt8] {
        defer { held = 0 }
        return [UInt8](repeating: .cr, count: held)
    }
}
