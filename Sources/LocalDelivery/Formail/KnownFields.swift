import Bytes

/// Fields that show, when a digest is split, that a letter begins here and not just a paragraph.
enum KnownFields {
    /// The field has one of the names that mail and news programs give their fields, or one that
    /// begins as private fields do.
    static func contain(_ field: LetterField) -> Bool {
        var name = field.octets[..<(field.nameLength - 1)]
        while name.last?.isBlank == true { name.removeLast() }
        let folded = name.lowercased
        return names.contains(folded) || (folded.count > 3 && folded.starts(with: "old-".utf8))
            || (folded.count > 1 && folded.starts(with: "x-".utf8))
    }

    private static let names: Set<[UInt8]> = Set(
        list.utf8.split(whereSeparator: \.isSpace).map { Array($0) })

    private static let list = """
        accept acknowledge-to allow alternate-recipient anon-post-to anon-send-to app-message-id
        apparently-resent-to apparently-to approved article article-i.d. auto-forward-count
        auto-forwarded-from auto-submitted autoforwarded bcc cc comments content-description
        content-disposition content-id content-identifier content-language content-length
        content-md5 content-return content-transfer-encoding content-type control conversion
        conversion-with-loss cost cutmarks date default-options deferred-delivery delivered-to
        delivery-date derived-from diagnostic-code discarded-x400-ipms-extensions
        discarded-x400-mts-extensions disclose-recipients distribution dl-expansion-history
        encoding encrypt-key encrypted end-of-header envelope-to errors-to expires expiry-date
        fake-sender fcc final-recipient followup-to forwarded from from-warning full-name
        generate-delivery-report hop-count importance in-reply-to incomplete-copy keywords
        language last-attempt-date last-modified latent-time latest-delivery-time lines
        mail-copies-to mail-from mailing-list message message-id message-type mime-version
        mr-received newsgroups nntp-posting-date nntp-posting-host not-delivered-to
        notice-requested-upon-delivery-to obsoletes organisation organization
        original-auto-forwarded-from original-cc original-date
        original-encoded-information-types original-from original-received original-to
        originator originator-return-address path post-to posted posted-date posted-to
        pp-warning precedence prevent-nondelivery-report priority public read-receipt-to
        received received-date reference references relay-version remote-mta replied reply-by
        reply-to report-version request-remailing-to requested-delivery-method resent resent-bcc
        resent-cc resent-date resent-from resent-message-id resent-reply-to resent-sender
        resent-to return-path return-receipt-requested return-receipt-to sender sensitivity
        sent-by server status subject submitted-by summary supersedes text title to
        transport-options uri user-agent version via www-link x400-content-type
        x400-mts-identifier x400-originator x400-received x400-recipients x400-trace xref
        """
}
