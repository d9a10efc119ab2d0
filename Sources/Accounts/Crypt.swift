import Bytes
import CCrypt
import Glibc

/// The hashes of crypt(3): the only file that calls libcrypt.
enum PasswordCrypt {
    /// Whether `password` has the hash `stored`; false for a hash that libcrypt does not know.
    ///
    /// Takes as long as the hash asks for, whatever the outcome.
    static func matches(_ password: [UInt8], _ stored: [UInt8]) -> Bool {
        guard let computed = hash(password, setting: stored) else { return false }
        return areEqual(computed, stored)
    }

    /// The hash of `password` made with the method, cost and salt of `setting`; nil when libcrypt
    /// refuses the setting.
    static func hash(_ password: [UInt8], setting: [UInt8]) -> [UInt8]? {
        // crypt(3) would stop at a NUL, and so take a longer password for a shorter one.
        guard !password.contains(0), !setting.contains(0) else { return nil }
        var data: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer { unsafe data?.deallocateByC(size) }
        let key = (password + [0]).map { CChar(bitPattern: $0) }
        let salt = (setting + [0]).map { CChar(bitPattern: $0) }
        guard let result = unsafe crypt_ra(key, salt, &data, &size) else { return nil }
        return unsafe Array(String(cString: result))
    }
}

/// Equal, told in a time that depends on the length of `given` only.
func areEqual(_ given: [UInt8], _ stored: [UInt8]) -> Bool {
    var difference: UInt8 = given.count == stored.count ? 0 : 1
    for (index, byte) in given.enumerated() {
        difference |= byte ^ (index < stored.count ? stored[index] : 0)
    }
    return difference == 0
}

extension UnsafeMutableRawPointer {
    /// Frees what libcrypt allocated, after wiping what it worked with.
    fileprivate func deallocateByC(_ size: Int32) {
        unsafe wipe(self, size)
        unsafe free(self)
    }
}

@inline(never) private func wipe(_ start: UnsafeMutableRawPointer, _ size: Int32) {
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: Int(size))
}
