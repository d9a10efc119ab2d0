/// Exit statuses of sysexits.h that mail systems act on.
package enum ExitStatus {
    package static let success: Int32 = 0
    package static let usage: Int32 = 64
    package static let noInput: Int32 = 66
    package static let unknownUser: Int32 = 67
    package static let unavailable: Int32 = 69
    package static let systemError: Int32 = 71
    package static let cannotCreate: Int32 = 73
    package static let inputOutput: Int32 = 74
    package static let temporaryFailure: Int32 = 75
    package static let noPermission: Int32 = 77
}
