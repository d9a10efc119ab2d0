import Bytes
import Posix

/// Gives out UIDVALIDITY values below one mail root: `dovecot-uidvalidity`, shared with Dovecot.
///
/// Each value is greater than every one before, so that a folder made again within the same second
/// is not taken for the old one. The value lies in the name of an empty file, which is renamed:
/// two programs cannot get the same one.
struct UidValidity {
    private static let file: Path = "dovecot-uidvalidity"
    /// More attempts than programs that could race here.
    private static let attempts = 100

    /// The next value, greater than `previous` as well.
    ///
    /// In a root that cannot be written it is the time, which is right unless a folder is made
    /// twice in a second.
    static func next(in root: borrowing FileDescriptor, after previous: UInt32 = 0) -> UInt32 {
        let now = UInt32(truncatingIfNeeded: Clock.now)
        do throws(SystemError) {
            for _ in 0..<attempts {
                if let value = try attempt(in: root, floor: previous, now: now) { return value }
            }
        } catch {
            // Not worth refusing a folder for.
        }
        return max(now, previous &+ 1)
    }

    /// Nil when another program was quicker.
    private static func attempt(
        in root: borrowing FileDescriptor, floor: UInt32, now: UInt32
    ) throws(SystemError) -> UInt32? {
        let used = try used(in: root)
        guard let last = used.max() else {
            let value = max(now, floor &+ 1)
            do throws(SystemError) {
                let path = name(of: value)
                try root.open(path, .readOnly, .exclusive, mode: 0o444).closeChecked()
            } catch {
                if error.code == SystemError.exists { return nil }
                throw error
            }
            try record(value, in: root)
            return value
        }
        let value = max(last &+ 1, floor &+ 1)
        guard value > last else { return nil }
        do throws(SystemError) {
            try root.rename(name(of: last), toNew: root, name(of: value))
        } catch {
            if error.isMissing || error.code == SystemError.exists { return nil }
            throw error
        }
        try record(value, in: root)
        return value
    }

    /// The values that stand in names; more than one after a crash of an older program.
    private static func used(in root: borrowing FileDescriptor) throws(SystemError) -> [UInt32] {
        let prefix = file.bytes + [.dot]
        var values: [UInt32] = []
        for name in try root.names() where name.bytes.starts(with: prefix) {
            let digits = name.bytes.dropFirst(prefix.count)
            guard digits.count == 8 else { continue }
            var value: UInt32? = 0
            for digit in digits {
                value = digit.hexValue.flatMap { number in value.map { $0 << 4 | UInt32(number) } }
            }
            if let value { values.append(value) }
        }
        return values
    }

    private static func name(of value: UInt32) -> Path {
        Path(file.bytes + [.dot] + Self.digits(value))
    }

    private static func digits(_ value: UInt32) -> [UInt8] {
        Array(value.padded(to: 8, radix: 16)).lowercased
    }

    /// Writes the value where Dovecot looks first.
    private static func record(
        _ value: UInt32, in root: borrowing FileDescriptor
    ) throws(SystemError) {
        let descriptor = try root.open(
            file, .writeOnly, [.create, .noFollow], mode: 0o600)
        try descriptor.write(digits(value), at: 0)
        try descriptor.sync()
        try root.syncNames()
    }
}
