import Bytes
package import Settings

/// The rules for names that clients may log in with.
package struct LoginName {
    /// Longer names are nobody's.
    static let lengthLimit = 255

    /// The name as accounts have it, by `auth_username_format`; `.refused` when it holds characters
    /// outside of `auth_username_chars`.
    package static func normalised(
        _ given: [UInt8], _ settings: AccessSettings, service: String
    ) throws(AccountError) -> [UInt8] {
        guard !given.isEmpty, given.count <= lengthLimit else {
            throw .refused("the name is empty or too long")
        }
        let allowed = Set(settings.usernameCharacters.utf8)
        guard given.allSatisfy({ !$0.isControl && (allowed.isEmpty || allowed.contains($0)) })
        else {
            throw .refused("the name holds characters that auth_username_chars does not allow")
        }
        let format = Array(settings.usernameFormat.utf8)
        guard !format.isEmpty else { return given }
        do throws(ExpansionError) {
            let name = try NameExpansion(user: given, service: service, for: .name).expand(format)
            if !name.isEmpty { return name }
        } catch { throw .unavailable("auth_username_format: \(error.text)") }
        throw .refused("the name is empty after auth_username_format")
    }
}
