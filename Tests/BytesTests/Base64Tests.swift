import Bytes
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func goesThereAndBack(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(encoded.utf8))
        #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Z=g=", "Zm9v\n", "Zm9v ", "Zm9*", "===="])
    func refusesWhatIsNotBase64(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("Zm9v\r\nYmFy", "foobar"), ("Zm 9v!", "foo"), ("Zm9vYg", "foob"), ("Zg==Zg==", "f"),
    ])
    func readsWhatMailHolds(text: String, plain: String) {
        #expect(Base64.decodeLeniently(Array(text.utf8)) == Array(plain.utf8))
    }
}
