import Bytes
import LocalDelivery
import Posix
import Tables

/// What the process that became a user has to say.
enum LocalAnswer: Equatable {
    /// The letter is in the mailbox; the words after `status=sent`.
    case delivered(String)
    case failed(DeliveryFailure)
    /// The user has a .forward file, and it says this.
    case forward([AliasTarget])

    func encode(notes: [String]) -> FieldWriter {
        var fields = FieldWriter()
        fields.put(notes) { $1.put($0) }
        switch self {
        case .delivered(let text):
            fields.put(0)
            fields.put(text)
        case .failed(let failure):
            fields.put(1)
            fields.put(failure.status)
            fields.put(failure.text)
        case .forward(let targets):
            fields.put(2)
            fields.put(targets) { target, fields in
                let (kind, text) = target.parts
                fields.put(kind)
                fields.put(text)
            }
        }
        return fields
    }

    /// Reads the answer and the sentences for the log that came with it.
    static func read(
        _ fields: inout FieldReader
    ) throws(MalformedFrame) -> (answer: LocalAnswer, notes: [String]) {
        let notes = try fields.list { (fields) throws(MalformedFrame) in try fields.text() }
        let answer: LocalAnswer
        switch try fields.number() {
        case 0: answer = .delivered(try fields.text())
        case 1:
            let status = try fields.text()
            answer = .failed(DeliveryFailure(status: status, text: try fields.text()))
        case 2:
            answer = .forward(
                try fields.list { (fields) throws(MalformedFrame) in
                    let kind = try fields.number()
                    return try AliasTarget(kind, try fields.octets())
                })
        default: throw MalformedFrame()
        }
        try fields.finish()
        return (answer, notes)
    }
}

extension AliasTarget {
    fileprivate var parts: (kind: Int, text: [UInt8]) {
        switch self {
        case .address(let text): (0, text)
        case .command(let text): (1, text)
        case .file(let text): (2, text)
        case .include(let text): (3, text)
        }
    }

    fileprivate init(_ kind: Int, _ text: [UInt8]) throws(MalformedFrame) {
        switch kind {
        case 0: self = .address(text)
        case 1: self = .command(text)
        case 2: self = .file(text)
        case 3: self = .include(text)
        default: throw MalformedFrame()
        }
    }
}
