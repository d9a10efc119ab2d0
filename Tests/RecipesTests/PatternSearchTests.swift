import Bytes
import Testing

@testable import Recipes

/// Every expression of up to three pieces against every text of up to four octets, and a search that says
/// what is right by trying each piece at each place.
@Suite struct PatternSearchTests {
    private struct Piece {
        let text: String
        /// The places behind the piece when it begins at a place.
        let ends: @Sendable ([UInt8], Int) -> Set<Int>
    }

    private static func octets(_ wanted: String) -> Piece {
        let octets = Array(wanted.utf8)
        return Piece(text: wanted.replacing("\n", with: "$")) { text, place in
            text[place...].starts(with: octets) ? [place + octets.count] : []
        }
    }

    private static let pieces: [Piece] = [
        octets("a"), octets("b"), octets("\n"), octets("aba"), octets("a\n"),
        Piece(text: "a*") { text, place in
            Set(place...place + text[place...].prefix { $0 == UInt8(ascii: "a") }.count)
        },
        Piece(text: "(a|bb)") { text, place in
            octets("a").ends(text, place).union(octets("bb").ends(text, place))
        },
    ]

    private static func words<Letter>(_ letters: [Letter], upTo length: Int) -> [[Letter]] {
        var all: [[Letter]] = [[]]
        var last = all
        for _ in 0..<length {
            last = last.flatMap { word in letters.map { word + [$0] } }
            all += last
        }
        return all
    }

    private func plainEnd(_ expression: [Piece], _ area: [UInt8], from origin: Int) -> Int? {
        let text = [.lf] + area + [.lf]
        let first = origin == 0 || area[origin - 1] == .lf ? origin : origin + 1
        let ends = (first...text.count).compactMap { begin in
            expression.reduce(Set([begin])) { places, piece in
                places.reduce(into: []) { $0.formUnion(piece.ends(text, $1)) }
            }.min()
        }
        return ends.min().map { max(origin, $0 - 1) }
    }

    @Test func findsTheFirstEnd() throws {
        let areas = Self.words([UInt8(ascii: "a"), UInt8(ascii: "b"), .lf], upTo: 4)
        for expression in Self.words(Self.pieces, upTo: 3) where !expression.isEmpty {
            let text = expression.map(\.text).joined()
            let pattern = try Pattern(Array(text.utf8))
            for area in areas {
                let search = PatternSearch(pattern)
                for origin in 0...area.count {
                    let found = search.search(area.span, from: origin)?.end
                    let right = plainEnd(expression, area, from: origin)
                    try #require(found == right, "\(text) in \(area) from \(origin)")
                }
            }
        }
    }
}
