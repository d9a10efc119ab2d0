import Accounts
import Bytes
import Testing

/// Hashes made with crypt(3), of the password `secret`.
@Suite struct PasswordSchemeTests {
    @Test(arguments: [
        "{PLAIN}secret", "{CLEAR}secret", "{CLEARTEXT}secret", "{plain}secret",
        "{CRYPT}$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.",
        "{SHA512-CRYPT}$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.",
        "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.",
        "{SHA256-CRYPT}$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.",
        "{MD5-CRYPT}$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1", "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
        "{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0",
        "{BLF-CRYPT}$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
    ])
    func knowsThePassword(field: String) {
        let stored = StoredPassword(field: Array(field.utf8))
        #expect(stored.matches(Array("secret".utf8)))
        for wrong in ["", "secre", "secret ", "Secret", "secret\0", "secret\0x"] {
            #expect(!stored.matches(Array(wrong.utf8)), "\(wrong)")
        }
    }

    @Test(arguments: [
        ("{SSHA}abc", "{SSHA}"), ("{ARGON2ID}$argon2id$x", "{ARGON2ID}"),
        ("{SHA512-CRYPT}$1$abc", "{SHA512-CRYPT} with a hash of another method"),
        ("{PLAIN.b64}c2VjcmV0", "{PLAIN.B64}"), ("{PLAIN", "a scheme without }"),
    ])
    func saysWhatItDoesNotSupport(field: String, name: String) {
        let stored = StoredPassword(field: Array(field.utf8))
        #expect(stored == .notSupported(name))
        #expect(!stored.matches(Array("secret".utf8)))
    }

    @Test(arguments: ["", "{PLAIN}", "{CRYPT}", "*", "!", "!!", "{CRYPT}!$6$x$y", "x"])
    func anAccountWithoutPasswordFitsNothing(field: String) {
        let stored = StoredPassword(field: Array(field.utf8))
        for guess in ["", "*", "!", "x", "*0", "*1"] {
            #expect(!stored.matches(Array(guess.utf8)), "\(guess)")
        }
    }

    @Test func theDummyIsAHashThatCostsTime() {
        #expect(!StoredPassword.dummy.matches(Array("secret".utf8)))
        guard case .hashed(let hash) = StoredPassword.dummy else {
            Issue.record("not a hash")
            return
        }
        #expect(hash.count == 3 + 15 + 1 + 86)
    }
}
