import Bytes
import Message

/// In whose name an address is completed.
package enum RewriteContext: Sendable, Equatable {
    /// Mail of this machine and of the clients of `local_header_rewrite_clients`, and all envelopes.
    case local
    /// Headers of everybody else: completed by `remote_header_rewrite_domain`, if at all.
    case remote
}

/// Makes addresses whole: `tech` becomes `tech@myorigin`, `host!user` becomes `user@host`.
///
/// Works on octets and knows no table; RFC 822 forms of the past (source routes, `%`) included.
package struct Rewriter: Sendable {
    /// The words of main.cf that it follows.
    package struct Rules: Sendable {
        package var origin: [UInt8]
        package var domain: [UInt8]
        /// `remote_header_rewrite_domain`; empty: strangers' headers are not completed.
        package var remoteDomain: [UInt8] = []
        package var appendAtOrigin = true
        package var appendDotDomain = true
        package var swapBangPath = true
        package var percentHack = true

        package init(origin: [UInt8], domain: [UInt8]) {
            self.origin = origin
            self.domain = domain
        }
    }

    package let rules: Rules

    package init(_ rules: Rules) { self.rules = rules }

    /// Completes an address in internal form, as envelopes hold it; the null sender stays empty.
    package func complete(_ address: [UInt8], context: RewriteContext = .local) -> [UInt8] {
        guard !address.isEmpty else { return [] }
        return AddressQuoting.unquote(
            completeQuoted(AddressQuoting.quote(address), context: context))
    }

    /// Completes an address in external form, as headers hold it.
    package func completeQuoted(_ address: [UInt8], context: RewriteContext) -> [UInt8] {
        guard !address.isEmpty else { return [] }
        var tokens = AddressToken.scan(address)
        rewrite(&tokens, context: context)
        return AddressQuoting.quote(AddressToken.text(of: tokens))
    }

    /// Completes the tokens of one address.
    package func rewrite(_ tokens: inout [AddressToken], context: RewriteContext) {
        guard !tokens.isEmpty, tokens != [.quoted([])] else { return }
        if tokens == [.at] {
            tokens = [.quoted([])]
            return
        }
        stripRoute(&tokens)
        if !tokens.contains(.at) { addDomain(&tokens, context) }
        addParentDomain(&tokens, context)
        stripLastDot(&tokens)
    }

    /// `@a,@b:user@c` is `user@c`: nobody may choose the way (RFC 5321 appendix F.2).
    private func stripRoute(_ tokens: inout [AddressToken]) {
        guard tokens.first == .at, let colon = tokens.firstIndex(of: .colon),
            colon != tokens.count - 1
        else { return }
        tokens.removeFirst(colon + 1)
    }

    private func addDomain(_ tokens: inout [AddressToken], _ context: RewriteContext) {
        if rules.swapBangPath, let bang = tokens.firstIndex(of: .bang) {
            tokens = tokens[(bang + 1)...] + [.at] + tokens[..<bang]
        } else if rules.percentHack, let percent = tokens.lastIndex(of: .percent) {
            tokens[percent] = .at
        } else if rules.appendAtOrigin {
            let origin = context == .local ? rules.origin : rules.remoteDomain
            if !origin.isEmpty { tokens += [.at] + AddressToken.scan(origin) }
        }
    }

    private func addParentDomain(_ tokens: inout [AddressToken], _ context: RewriteContext) {
        let parent = context == .local ? rules.domain : rules.remoteDomain
        guard rules.appendDotDomain, !parent.isEmpty, let at = tokens.lastIndex(of: .at),
            at != tokens.count - 1
        else { return }
        for token in tokens[at...] {
            switch token {
            case .literal, .dot: return
            case .atom, .quoted, .comment, .special: continue
            }
        }
        tokens += [.dot] + AddressToken.scan(parent)
    }

    /// `user@host.` is `user@host`; broken ends stay, so that a diagnosis shows them.
    private func stripLastDot(_ tokens: inout [AddressToken]) {
        guard tokens.count >= 2, tokens.last == .dot else { return }
        let previous = tokens[tokens.count - 2]
        if previous != .dot, previous != .at { tokens.removeLast() }
    }
}
