import Bytes

/// The address of a MAIL or RCPT command, read as loosely as people type it.
package enum EnvelopePath {
    package enum Fault: Error, Equatable, Sendable {
        /// More than one address, or, when strict, something beside it.
        case illegal
    }

    /// The address in internal form; empty for the null sender.
    ///
    /// Brackets, comments and a source route fall away. When `strict`, brackets must be there and
    /// comments must not.
    package static func address(
        in word: [UInt8], strict: Bool
    ) throws(Fault) -> [UInt8] {
        let isBracketed = word.count >= 2 && word.first == .less && word.last == .greater
        let inside = isBracketed ? word.dropFirst().dropLast() : word[...]
        let list = AddressList(withoutRoute(inside))
        var addresses = 0
        var others = 0
        for part in list.parts {
            switch part {
            case .address: addresses += 1
            case .token(.special(.less)), .token(.special(.greater)): break
            case .token, .groupStart: others += 1
            }
        }
        guard addresses <= 1, !strict || others == 0 && word.first == .less else {
            throw .illegal
        }
        return list.addresses.first.map { AddressToken.text(of: $0) } ?? []
    }

    /// `@a,@b:user@c` without what says the way.
    private static func withoutRoute(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.first == .at, let colon = text.firstIndex(of: .colon) else { return text }
        return text[(colon + 1)...]
    }
}
