import Bytes

/// Renames, removes and thins out the fields of a header, as `-i`, `-I`, `-R`, `-u` and `-U` ask.
struct HeaderChanges {
    enum Pass: Equatable {
        /// The letter that is answered: what stands there is only read, but for what `-I` takes away.
        case answered
        /// The header that will be put out.
        case final
    }

    let options: FormailOptions

    func apply(to fields: [LetterField], _ pass: Pass) -> [LetterField] {
        var kept: [LetterField?] = []
        var thinning = Thinning()
        for field in fields {
            guard let changed = change(field, pass) else { continue }
            switch thinning.place(of: changed, options) {
            case .drop: continue
            case .keep: break
            case .instead(of: let place): kept[place] = nil
            }
            thinning.note(changed, at: kept.count, options)
            kept.append(changed)
        }
        return kept.compactMap { $0 }
    }

    /// The field under its new name; nil when it goes.
    private func change(_ field: LetterField, _ pass: Pass) -> LetterField? {
        var field = field
        if pass == .final, let pattern = options.renamedOld.first(for: field),
            pattern.hasContent || !options.replies
        {
            field.rename(0, to: Self.old)
            return field
        }
        if let pattern = options.deleted.first(for: field),
            pass == .final || !pattern.hasContent
        {
            return nil
        }
        if let renaming = options.renamings.first(where: { $0.old.matches(field.name) }) {
            field.rename(renaming.old.nameLength, to: renaming.new)
        }
        return field
    }

    private static let old = Array("Old-".utf8)
}

/// Which of several fields of one name stay: for `-u` the first, for `-U` the last.
private struct Thinning {
    enum Verdict: Equatable {
        case keep, drop
        case instead(of: Int)
    }

    private var firsts: Set<[UInt8]> = []
    private var lasts: [[UInt8]: Int] = [:]
    /// The field is the first of its name, which counts more than being the last.
    private var isFirst = false

    mutating func place(of field: LetterField, _ options: FormailOptions) -> Verdict {
        isFirst = false
        guard !options.firstKept.isEmpty || !options.lastKept.isEmpty else { return .keep }
        let keepsFirst = options.firstKept.fits(field)
        if keepsFirst, firsts.insert(field.name.lowercased).inserted {
            isFirst = true
            return .keep
        }
        guard options.lastKept.fits(field) else { return keepsFirst ? .drop : .keep }
        return lasts[field.name.lowercased].map { .instead(of: $0) } ?? .keep
    }

    mutating func note(_ field: LetterField, at place: Int, _ options: FormailOptions) {
        guard !isFirst, options.lastKept.fits(field) else { return }
        lasts[field.name.lowercased] = place
    }
}
