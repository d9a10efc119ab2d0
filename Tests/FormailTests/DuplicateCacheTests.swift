import Posix
import TestSupport
import Testing

@testable import Formail

@Suite struct DuplicateCacheTests {
    private func find(_ key: String, _ content: String, limit: Int) -> CacheKeys.Answer {
        CacheKeys.find(Array(key.utf8), in: Array(content.utf8), limit: limit)
    }

    @Test func theEmptyKeyIsTheNextOnesPlace() {
        #expect(find("a", "", limit: 100) == .new(at: 0))
        #expect(find("b", "a\0\0", limit: 100) == .new(at: 2))
        #expect(find("a", "a\0\0", limit: 100) == .seen)
        // Behind the place stands half of an old key.
        #expect(find("alf", "a\0\0alf\0c\0", limit: 100) == .new(at: 2))
        #expect(find("c", "a\0\0alf\0c\0", limit: 100) == .seen)
        #expect(find("b", "aaaa\0\0", limit: 4) == .new(at: 0))
        #expect(find("b", "aaaa\0\0", limit: 0) == .new(at: 0))
    }

    @Test func aTornKeyIsNone() {
        #expect(find("abc", "x\0abc", limit: 100) == .new(at: 0))
        #expect(find("abc", "x\0\0abc", limit: 100) == .new(at: 2))
    }

    @Test func theOldestKeysMakeRoom() throws {
        let directory = try TemporaryDirectory()
        let cache = try DuplicateCache(directory.path / "cache", limit: 40)
        for number in 10..<60 {
            let key = Array("<\(number)@x>".utf8)
            #expect(try !cache.hasSeen(key))
            #expect(try cache.hasSeen(key))
        }
        #expect(try cache.hasSeen(Array("<56@x>".utf8)))
        #expect(try !cache.hasSeen(Array("<10@x>".utf8)))
        #expect(try directory.content("cache").count < 60)
    }
}
