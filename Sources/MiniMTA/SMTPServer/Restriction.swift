/// One word of a restriction list of main.cf.
package enum Restriction: Equatable, Sendable {
    case permit
    case reject
    case deferAll
    case permitMyNetworks
    case permitInterfaces
    case permitOwnDestination
    case rejectUnauthorisedDestination
    case deferUnauthorisedDestination
    case rejectUnauthorisedPipelining
    case rejectUnlistedRecipient
    /// No client can authenticate yet, so nobody is permitted.
    case permitAuthenticated
    /// A word that nothing is built for yet, or that nobody knows.
    case notSupported(String)

    package init(_ word: String) {
        switch word.lowercased() {
        case "permit": self = .permit
        case "reject": self = .reject
        case "defer": self = .deferAll
        case "permit_mynetworks": self = .permitMyNetworks
        case "permit_inet_interfaces": self = .permitInterfaces
        case "permit_auth_destination": self = .permitOwnDestination
        case "reject_unauth_destination": self = .rejectUnauthorisedDestination
        case "defer_unauth_destination": self = .deferUnauthorisedDestination
        case "reject_unauth_pipelining": self = .rejectUnauthorisedPipelining
        case "reject_unlisted_recipient", "check_recipient_maps": self = .rejectUnlistedRecipient
        case "permit_sasl_authenticated", "permit_tls_clientcerts", "permit_tls_all_clientcerts":
            self = .permitAuthenticated
        default: self = .notSupported(word)
        }
    }

    /// A restriction that keeps strangers from relaying: one must stand in the lists at RCPT.
    var endsRelaying: Bool {
        switch self {
        case .reject, .deferAll, .rejectUnauthorisedDestination, .deferUnauthorisedDestination:
            true
        case .permit, .permitMyNetworks, .permitInterfaces, .permitOwnDestination,
            .rejectUnauthorisedPipelining, .rejectUnlistedRecipient, .permitAuthenticated,
            .notSupported:
            false
        }
    }
}
