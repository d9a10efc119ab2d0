import Bytes
package import Posix

/// Folders that are directories with one letter a file: MH's, whose names are numbers, and plain
/// ones, whose names come from the inode.
package enum NumberedFolder {
    /// Puts `letter` into the MH folder under the number after the highest; yields the file's path.
    package static func deliver(
        _ letter: ArraySlice<UInt8>, toMH folder: Path
    ) throws(SystemError) -> Path {
        try publish(letter, in: folder) { (draft) throws(SystemError) in
            try linkMH(draft, in: folder)
        }
    }

    /// Puts `letter` into a directory under `prefix` and its inode.
    package static func deliver(
        _ letter: ArraySlice<UInt8>, to folder: Path, prefix: [UInt8]
    ) throws(SystemError) -> Path {
        try publish(letter, in: folder) { (draft) throws(SystemError) in
            try linkPlain(draft, in: folder, prefix: prefix)
        }
    }

    /// Gives a letter that lies in another folder a name in the MH folder too.
    package static func linkMH(_ letter: Path, in folder: Path) throws(SystemError) -> Path {
        var number = try highest(in: folder) + 1
        while true {
            let target = folder / "\(number)"
            do throws(SystemError) {
                try letter.link(to: target)
                try confirm(target)
                return target
            } catch {
                // Another delivery was quicker.
                guard error.code == SystemError.exists else { throw error }
                number += 1
            }
        }
    }

    /// Gives a letter that lies in another folder a name in the directory too.
    package static func linkPlain(
        _ letter: Path, in folder: Path, prefix: [UInt8]
    ) throws(SystemError) -> Path {
        let target = folder / Path(prefix + base64(try letter.linkStatus().inode))
        try letter.link(to: target)
        try confirm(target)
        return target
    }

    /// Forces the name of a letter to the disk; a name that may not be there after a crash counts as not
    /// delivered, and is taken away, as the letter will come again.
    package static func confirm(_ letter: Path) throws(SystemError) {
        do throws(SystemError) { try letter.parent.syncDirectory() } catch {
            try letter.unlinkIfPresent()
            throw error
        }
    }

    /// Makes the directory when it is missing; its name is then on the disk.
    package static func make(_ folder: Path) throws(SystemError) {
        do throws(SystemError) { try folder.makeDurableDirectory(mode: 0o777) } catch {
            guard error.code == SystemError.exists else { throw error }
        }
    }

    private static func publish(
        _ letter: ArraySlice<UInt8>, in folder: Path, _ link: (Path) throws(SystemError) -> Path
    ) throws(SystemError) -> Path {
        let random = try randomBytes(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let draft = folder / "_\(Process.id).\(random.padded(to: 12, radix: 16)).\(hostName)"
        let file = try FileDescriptor.open(draft, .writeOnly, .exclusive, mode: 0o667)
        defer {
            do throws(SystemError) { try draft.unlinkIfPresent() } catch {
                // It begins with `_`: no reader of these folders shows it.
            }
        }
        try file.write(letter)
        try file.sync()
        return try link(draft)
    }

    private static func highest(in folder: Path) throws(SystemError) -> Int {
        try folder.list().compactMap { Int(decimal: $0.bytes) }.max() ?? 0
    }

    /// The number in the alphabet that procmail has for names, lowest digits first.
    private static func base64(_ number: UInt64) -> [UInt8] {
        let alphabet = Array(
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8)
        var (rest, digits) = (number, [UInt8]())
        repeat {
            digits.append(alphabet[Int(rest & 63)])
            rest >>= 6
        } while rest > 0
        return digits
    }
}
