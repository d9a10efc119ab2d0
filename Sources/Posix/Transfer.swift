import CPosix
import Glibc

/// Reading, writing and syncing. Every write is whole or an error; a short read is what there was.
extension FileDescriptor {
    /// Reads at most `limit` octets; empty means the end.
    package func read(limit: Int) throws(SystemError) -> [UInt8] {
        let number = number
        return try unsafe filled(limit, "read") { unsafe readCall(number, $0, $1) }
    }

    /// Reads at most `limit` octets at `offset`, leaving the file position alone.
    package func read(limit: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        let number = number
        return try unsafe filled(limit, "pread") { unsafe preadCall(number, $0, $1, offset) }
    }

    /// Reads to the end.
    ///
    /// More than `limit` octets is EFBIG, so that a hostile file cannot fill memory.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        // A file comes in one piece; the octet more is for one that grows.
        let expected = max(try status().size, 65535)
        var whole = try read(limit: min(expected, limit) + 1)
        while true {
            guard whole.count <= limit else { throw SystemError(EFBIG, "read") }
            let part = try read(limit: 65536)
            if part.isEmpty { return whole }
            whole += part
        }
    }

    /// Writes all of `bytes` at the file position.
    package func write(_ bytes: some Collection<UInt8>) throws(SystemError) {
        let number = number
        try unsafe putting(bytes, "write") { unsafe writeCall(number, $0, $1) }
    }

    /// Writes what the descriptor takes now and yields how much that was; EAGAIN when it is full.
    ///
    /// For a non-blocking pipe or socket among others that are waited for.
    package func writeSome(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let number = number
        return try retrying("write") {
            unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe writeCall(number, base, buffer.count)
            }
        }
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: some Collection<UInt8>, at offset: Int) throws(SystemError) {
        let number = number
        var place = offset
        try unsafe putting(bytes, "pwrite") { start, count in
            let written = unsafe pwriteCall(number, start, count, place)
            if written > 0 { place += written }
            return written
        }
    }

    /// Sends all of `bytes` before the deadline, else ETIMEDOUT: for sockets and pipes, whose other
    /// end may stop reading.
    ///
    /// The descriptor must have been made non-blocking, or the deadline holds only between writes.
    package func send(_ bytes: [UInt8], until deadline: Deadline) throws(SystemError) {
        let number = number
        var done = 0
        while done < bytes.count {
            let start = done
            let sent = unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe writeCall(number, base + start, buffer.count - start)
            }
            if sent >= 0 {
                done += sent
            } else if sent == -Int(EAGAIN) {
                guard try wait(for: .writable, until: deadline) else {
                    throw SystemError(ETIMEDOUT, "write")
                }
            } else if sent != -Int(EINTR) {
                throw SystemError(Int32(-sent), "write")
            }
        }
    }

    /// Copies `count` octets from `offset` on of `source` to this file's position, in the kernel
    /// where that is possible.
    ///
    /// Fewer octets in `source` are EIO: a copy is whole or an error.
    package func copy(
        from source: borrowing FileDescriptor, at offset: Int, count: Int
    ) throws(SystemError) {
        var position = Int64(offset)
        let end = position + Int64(count)
        let (from, to) = (source.number, number)
        while position < end {
            let wanted = UInt64(end - position)
            let copied = unsafe cposix_copy_file_range(from, &position, to, wanted)
            if copied == 0 { throw SystemError(EIO, "copy: source ended early") }
            if copied > 0 || copied == -Int64(EINTR) { continue }
            // Pipes, sockets, other file systems, append mode: through memory.
            guard [-EINVAL, -EXDEV, -EBADF, -ENOSYS, -EOPNOTSUPP, -ETXTBSY].contains(Int32(copied))
            else {
                throw SystemError(Int32(-copied), "copy")
            }
            let part = try source.read(limit: Int(min(wanted, 131_072)), at: Int(position))
            if part.isEmpty { throw SystemError(EIO, "copy: source ended early") }
            try write(part)
            position += Int64(part.count)
        }
    }

    /// Moves the file position to `offset` from the start.
    package func seek(to offset: Int) throws(SystemError) {
        let number = number
        _ = try retrying("lseek") { seekCall(number, offset, SEEK_SET) }
    }

    /// Moves the file position to the end and yields it.
    package func seekToEnd() throws(SystemError) -> Int {
        let number = number
        return try retrying("lseek") { seekCall(number, 0, SEEK_END) }
    }

    /// Forces content and status to the disk.
    ///
    /// After a failure the file is dead: the kernel has marked the pages clean, and a second sync
    /// would seem to work.
    package func sync() throws(SystemError) {
        let number = number
        _ = try retrying("fsync") { syncCall(number) }
    }

    /// Forces content and size to the disk.
    package func syncData() throws(SystemError) {
        let number = number
        _ = try retrying("fdatasync") { syncDataCall(number) }
    }

    package func truncate(to size: Int) throws(SystemError) {
        let number = number
        _ = try retrying("ftruncate") { truncateCall(number, size) }
    }
}

/// An array that `read` has filled: `read` gets the start and the room, and yields a count.
func filled(
    _ limit: Int, _ operation: String, _ read: (UnsafeMutableRawPointer, Int) -> Int
) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        guard let base = buffer.baseAddress else { return }
        do throws(SystemError) {
            count = try retrying(operation) { unsafe read(base, limit) }
        } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
}

/// Calls `write` until all of `bytes` is written.
private func putting(
    _ bytes: some Collection<UInt8>, _ operation: String,
    _ write: (UnsafeRawPointer, Int) -> Int
) throws(SystemError) {
    func put(_ buffer: UnsafeBufferPointer<UInt8>) throws(SystemError) {
        guard let base = buffer.baseAddress else { return }
        var done = 0
        while done < buffer.count {
            done += try retrying(operation) { unsafe write(base + done, buffer.count - done) }
        }
    }
    var failure: SystemError?
    func attempt(_ buffer: UnsafeBufferPointer<UInt8>) {
        do throws(SystemError) { unsafe try put(buffer) } catch { failure = error }
    }
    if bytes.withContiguousStorageIfAvailable({ unsafe attempt($0) }) == nil {
        unsafe Array(bytes).withUnsafeBufferPointer { unsafe attempt($0) }
    }
    if let failure { throw failure }
}

@inline(never) private func readCall(_ fd: Int32, _ at: UnsafeMutableRawPointer, _ count: Int)
    -> Int
{
    outcome(unsafe Glibc.read(fd, at, count))
}
@inline(never) private func preadCall(
    _ fd: Int32, _ at: UnsafeMutableRawPointer, _ count: Int, _ offset: Int
) -> Int { outcome(unsafe pread(fd, at, count, offset)) }
@inline(never) private func writeCall(_ fd: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
    outcome(unsafe Glibc.write(fd, from, count))
}
@inline(never) private func pwriteCall(
    _ fd: Int32, _ from: UnsafeRawPointer, _ count: Int, _ offset: Int
) -> Int { outcome(unsafe pwrite(fd, from, count, offset)) }
@inline(never) private func seekCall(_ fd: Int32, _ offset: Int, _ whence: Int32) -> Int {
    outcome(lseek(fd, offset, whence))
}
@inline(never) private func syncCall(_ fd: Int32) -> Int32 { outcome(fsync(fd)) }
@inline(never) private func syncDataCall(_ fd: Int32) -> Int32 { outcome(fdatasync(fd)) }
@inline(never) private func truncateCall(_ fd: Int32, _ size: Int) -> Int32 {
    outcome(ftruncate(fd, size))
}
