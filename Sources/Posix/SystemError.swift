import Glibc

/// A system call that failed: its error number and what was attempted.
///
/// The only error of `Posix`.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The value of `errno`.
    package let code: Int32
    /// The call and what it was for, such as `open /var/mail/alice`.
    package let operation: String

    package init(_ code: Int32, _ operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The text of strerror(3).
    package var reason: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    package var description: String { "\(operation): \(reason)" }

    package static let timedOut = ETIMEDOUT
    package static let brokenPipe = EPIPE
    package static let connectionReset = ECONNRESET
    package static let exists = EEXIST
    package static let tooLarge = EFBIG
    package static let invalid = EINVAL
    package static let crossDevice = EXDEV
    package static let loop = ELOOP
    package static let overQuota = EDQUOT
    package static let noSpace = ENOSPC
    package static let inputOutput = EIO
    package static let tryAgain = EAGAIN
    package static let noChild = ECHILD
    package static let noProcess = ESRCH
    package static let missing = ENOENT
    package static let nameTooLong = ENAMETOOLONG
    package static let notDirectory = ENOTDIR
    package static let notEmpty = ENOTEMPTY
    package static let tooManyLinks = EMLINK
    package static let refused = ECONNREFUSED
    package static let denied = EACCES
    package static let notPermitted = EPERM
    package static let notExecutable = ENOEXEC
    package static let interrupted = EINTR
    package static let isDirectory = EISDIR

    /// A deadline that passed, as an error.
    package static let timeOut = SystemError(ETIMEDOUT, "wait")

    /// No room: disk, quota or file size limit.
    package var isOutOfSpace: Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }
    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }
    package var isBusy: Bool { code == EAGAIN || code == EACCES }
    /// The machine has no room for another open file now.
    package var isFileShortage: Bool { code == ENFILE || code == ENOMEM }
    /// The machine has no room for another process now, of a call that makes one.
    package var isProcessShortage: Bool { code == EAGAIN || isFileShortage }
}

/// Runs a call that yields minus errno on failure, again after each EINTR.
///
/// Callers pass calls into functions that read errno on the line after the call and touch nothing
/// that is reference counted: releasing an object may change errno.
func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ operation: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        if result != -Result(EINTR) { throw SystemError(Int32(-result), operation()) }
    }
}

/// As `retrying`, for calls that must not be repeated.
func checking<Result: FixedWidthInteger & SignedInteger>(
    _ operation: @autoclosure () -> String, _ result: Result
) throws(SystemError) -> Result {
    guard result >= 0 else { throw SystemError(Int32(-result), operation()) }
    return result
}

/// What a call yielded, or minus errno; to be called with nothing between it and the call.
@inline(never)
func outcome(_ result: Int32) -> Int32 { result >= 0 ? result : -errno }

@inline(never)
func outcome(_ result: Int) -> Int { result >= 0 ? result : -Int(errno) }
