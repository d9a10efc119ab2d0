package import Accounts
package import Posix
package import Separation

/// After the login: from the monitor to the user's session.
extension Split {
    /// Turns this process into the user's, for good.
    ///
    /// Only the group of `mail_privileged_group` can be put on again, for moments.
    package static func become(_ account: Account) throws(SystemError) {
        if Rights.effectiveUser == 0 {
            if let kept = account.privilegedGroup {
                try Rights.become(
                    user: account.user, group: account.group, supplementary: account.groups,
                    keepingGroup: kept)
            } else {
                try Rights.become(
                    user: account.user, group: account.group, supplementary: account.groups)
            }
        }
        try Rights.forbidNewPrivileges()
        _ = Process.setUmask(0o077)
        do throws(SystemError) { try Process.changeDirectory(account.home) } catch {
            // A home that is missing or closed: mail may lie elsewhere.
            try Process.changeDirectory("/")
        }
    }
}
