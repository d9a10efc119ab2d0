import Posix

/// What tells one state of a small file from another without reading it.
struct FileMark: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let modified: FileTime

    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.modified
    }
}
