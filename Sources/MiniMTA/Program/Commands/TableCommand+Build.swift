import Bytes
import Diagnostics
import Posix
import Tables

/// Building and changing the databases of tables.
extension TableCommand {
    /// The largest input of -i: 256 MiB.
    private static let inputLimit = 1 << 28

    /// Builds the database of a table from its source, or adds what `input` holds.
    func build(
        _ table: String, from input: consuming FileDescriptor?
    ) throws(CommandFailure) {
        let (type, name) = try split(table)
        let database = try databaseType(type)
        let source = Path(name)
        let adds = input != nil
        let text: [UInt8]
        do throws(SystemError) {
            if let input {
                text = try input.readAll(limit: Self.inputLimit)
            } else {
                text = try read(source)
            }
        } catch { throw .init("open \(source): \(error.reason)") }
        try becomeOwner(of: source)
        do throws(TableError) {
            let exists = hasDatabase(source)
            let start: DatabaseBuilder.Start =
                adds && exists ? .existing : .empty(mode: mode(source, exists))
            let builder = try DatabaseBuilder(source, database, start, hasNUL: hasNUL)
            try fill(builder, source, text)
            try builder.commit()
        } catch { throw .init("\(error)") }
    }

    func databaseType(_ type: String) throws(CommandFailure) -> DatabaseType {
        guard let kind = TableKind.named(type), let database = kind.database else {
            throw .init("unsupported map type for this operation: \(type)")
        }
        return database
    }

    private func read(_ source: Path) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(source)
        guard try file.status().kind == .regular else {
            throw SystemError(SystemError.invalid, "open \(source)")
        }
        return try file.readAll(limit: Self.inputLimit)
    }

    private func hasDatabase(_ source: Path) -> Bool {
        do throws(SystemError) {
            return try source.adding(suffix: ".db").statusIfPresent() != nil
        } catch { return false }
    }

    /// The mode of a new database: that of its source; nil keeps what a replaced one had.
    private func mode(_ source: Path, _ exists: Bool) -> UInt32? {
        if exists || ignoresSourceMode { return nil }
        do throws(SystemError) {
            return try source.statusIfPresent().map { $0.mode & 0o644 | 0o600 }
        } catch { return nil }
    }

    private func fill(
        _ builder: DatabaseBuilder, _ source: Path, _ text: [UInt8]
    ) throws(TableError) {
        switch flavour {
        case .map:
            for item in MapSource(text, folding: folding) { try put(item, builder, source) }
        case .alias:
            for item in AliasSource(text, folding: folding) { try put(item, builder, source) }
            try putMarks(builder)
        }
    }

    /// What other mail systems look for in an alias database: NIS's two keys and Sendmail's `@`.
    private func putMarks(_ builder: DatabaseBuilder) throws(TableError) {
        let marks = [
            ("YP_LAST_MODIFIED", "\(Clock.now)"), ("YP_MASTER_NAME", hostName), ("@", "@"),
        ]
        for (key, value) in marks {
            _ = try builder.put(Array(key.utf8), Array(value.utf8), .replace)
        }
    }

    private func put(
        _ item: SourceItem, _ builder: DatabaseBuilder, _ source: Path
    ) throws(TableError) {
        switch item {
        case .entry(let entry):
            let policy: DatabaseBuilder.Duplicates = duplicates == .replace ? .replace : .keepFirst
            if try builder.put(entry.key, entry.value, policy) { return }
            if duplicates == .warn {
                let key = String(printable: entry.key)
                log.warning("\(source).db: duplicate entry: \"\(key)\"")
            }
        case .stray(let text):
            log.warning("\(source): logical line must not start with whitespace: \"\(text)\"")
        case .malformed(let line, let text), .suspicious(let line, let text):
            log.warning("\(source), line \(line): \(text)")
        }
    }

    /// Takes the rights of the source's owner, unless that is root or -o was given: a table that
    /// a user keeps must not make root write elsewhere.
    func becomeOwner(of source: Path) throws(CommandFailure) {
        guard Rights.effectiveUser == 0, !keepsRights else { return }
        do throws(SystemError) {
            guard let status = try source.statusIfPresent(), status.owner != 0 else { return }
            let group = try User.withID(status.owner)?.group ?? status.group
            try Rights.become(user: status.owner, group: group, supplementary: [group])
        } catch { throw .init("\(error)") }
    }
}
