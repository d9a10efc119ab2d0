import Bytes
import CPAM
import Glibc
import Posix

/// Asks PAM whether a password is right and the account may be used: the only file that calls libpam.
struct PAM {
    /// The name of the file in /etc/pam.d.
    let service: String
    /// The client's address.
    let host: String
    /// The terminal's name, which for a mail server is the server's.
    let terminal: String
    /// `session=yes`: open and close a session, for modules that make home directories.
    let opensSession: Bool
    /// `setcred=yes`.
    let setsCredentials: Bool

    /// Whether a service of this name, or the service for all others, is set up on this machine.
    static func isConfigured(_ service: String) throws(SystemError) -> Bool {
        for folder in ["/etc/pam.d", "/usr/lib/pam.d"] as [Path] {
            for name in [service, "other"] where try (folder / name).statusIfPresent() != nil {
                return true
            }
        }
        let file: Path = "/etc/pam.conf"
        guard try file.statusIfPresent() != nil else { return false }
        // Debian has the file with comments only.
        var cursor = ByteCursor(try FileDescriptor.open(file).readAll(limit: 1 << 20))
        while let line = cursor.takeLine() {
            let word = line.trimmed.prefix { !$0.isBlank }
            if word.equalsIgnoringCase(service.utf8) || word.equalsIgnoringCase("other") {
                return true
            }
        }
        return false
    }

    func check(_ user: String, _ password: [UInt8]) -> PasswordResult {
        let conversation = Conversation(user: user, password: password)
        defer { withExtendedLifetime(conversation) {} }
        var talk = unsafe pam_conv(
            conv: answerPAM,
            appdata_ptr: Unmanaged.passUnretained(conversation).toOpaque())
        var handle: OpaquePointer?
        let started = unsafe pam_start(service, user, &talk, &handle)
        guard started == PAM_SUCCESS, let handle = unsafe handle else {
            return .unavailable("PAM could not be started for service \(service)")
        }
        let (result, code) = unsafe ask(handle)
        unsafe pam_end(handle, code)
        return result
    }

    private func ask(_ handle: OpaquePointer) -> (PasswordResult, Int32) {
        unsafe host.withCString { _ = unsafe pam_set_item(handle, PAM_RHOST, $0) }
        unsafe terminal.withCString { _ = unsafe pam_set_item(handle, PAM_TTY, $0) }
        // The delay after a wrong password is the monitor's, the same for every kind of account.
        let noDelay: @convention(c) (Int32, UInt32, UnsafeMutableRawPointer?) -> Void = { _, _, _ in
        }
        unsafe pam_set_item(
            handle, PAM_FAIL_DELAY, unsafeBitCast(noDelay, to: UnsafeRawPointer.self))
        var code = unsafe pam_authenticate(handle, silent)
        guard code == PAM_SUCCESS else { return (unsafe result(code, handle), code) }
        code = unsafe pam_acct_mgmt(handle, silent)
        guard code == PAM_SUCCESS else {
            return (.refused(unsafe text(code, handle)), code)
        }
        if setsCredentials {
            code = unsafe pam_setcred(handle, Int32(PAM_ESTABLISH_CRED) | silent)
            guard code == PAM_SUCCESS else { return (.refused(unsafe text(code, handle)), code) }
        }
        if opensSession {
            code = unsafe pam_open_session(handle, silent)
            guard code == PAM_SUCCESS else { return (.refused(unsafe text(code, handle)), code) }
            code = unsafe pam_close_session(handle, silent)
        }
        return (.right, code)
    }

    private func result(_ code: Int32, _ handle: OpaquePointer) -> PasswordResult {
        switch code {
        case PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_CRED_INSUFFICIENT, PAM_MAXTRIES: .wrong
        case PAM_PERM_DENIED, PAM_ACCT_EXPIRED: .refused(unsafe text(code, handle))
        default: .unavailable(unsafe text(code, handle))
        }
    }

    private func text(_ code: Int32, _ handle: OpaquePointer) -> String {
        let reason = unsafe pam_strerror(handle, code).map { unsafe String(cString: $0) }
        return "PAM (\(service)): \(reason ?? "error \(code)")"
    }
}

/// What PAM's modules get when they ask: the password, or the user's name.
private final class Conversation {
    private let user: String
    private let password: [UInt8]

    init(user: String, password: [UInt8]) {
        self.user = user
        self.password = password
    }

    /// The answer to one question as C owns it; nil for a text that needs none.
    func answer(style: Int32) -> UnsafeMutablePointer<CChar>? {
        switch style {
        case PAM_PROMPT_ECHO_OFF:
            let text = (password + [0]).map { CChar(bitPattern: $0) }
            return unsafe strdup(text)
        case PAM_PROMPT_ECHO_ON: return unsafe strdup(user)
        default: return nil
        }
    }
}

/// PAM frees the answers, so they are made with malloc.
private let answerPAM:
    @convention(c) (
        Int32, UnsafeMutablePointer<UnsafePointer<pam_message>?>?,
        UnsafeMutablePointer<UnsafeMutablePointer<pam_response>?>?, UnsafeMutableRawPointer?
    ) -> Int32 = { count, messages, responses, data in
        guard let messages = unsafe messages, let responses = unsafe responses,
            let data = unsafe data, count > 0, count <= PAM_MAX_NUM_MSG,
            let room = unsafe calloc(Int(count), MemoryLayout<pam_response>.stride)
        else { return PAM_CONV_ERR }
        let conversation = unsafe Unmanaged<Conversation>.fromOpaque(data).takeUnretainedValue()
        let answers = unsafe room.bindMemory(to: pam_response.self, capacity: Int(count))
        for index in 0..<Int(count) {
            guard let message = unsafe messages[index] else { continue }
            unsafe answers[index].resp = unsafe conversation.answer(
                style: message.pointee.msg_style)
        }
        unsafe responses.pointee = unsafe answers
        return PAM_SUCCESS
    }

/// No module writes to the client.
private let silent = Int32(bitPattern: PAM_SILENT)
