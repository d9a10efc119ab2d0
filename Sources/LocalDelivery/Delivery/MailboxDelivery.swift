import Maildir
package import Mbox
package import Posix

/// Delivery into mailboxes, as whoever this process is.
///
/// On return the letter is on the disk: file, then directory. On an error the mailbox is as it was.
package enum MailboxDelivery {
    /// Appends the letter to the mbox at `path`, with its From_ line in front and an empty line at
    /// its end.
    ///
    /// Yields what recovery of an earlier, cut-off delivery had to say.
    package static func append(
        _ letter: borrowing DeliveredLetter, toMbox path: Path, rules: OpeningRules,
        locks: LockPolicy, sizeLimit: Int = 0
    ) throws(DeliveryFailure) -> [String] {
        let text = try mboxText(of: letter)
        do throws(MboxError) {
            var mailbox = try LockedMbox.open(path, for: .writing, rules: rules, locks: locks)
            // Counted here, because a limit of the process would end in a signal or a cut letter.
            let size = try mailbox.status().size
            if sizeLimit > 0, size > sizeLimit - min(sizeLimit, text.count) {
                throw .failed(SystemError(SystemError.tooLarge, "error writing message"))
            }
            try mailbox.append(text)
            return mailbox.notes
        } catch { throw .mailbox(error) }
    }

    private static func mboxText(
        of letter: borrowing DeliveredLetter
    ) throws(DeliveryFailure) -> LetterText {
        var text = LetterText()
        var quoting = MboxoQuoting()
        text.put(FromLine.format(sender: letter.sender, date: Clock.now))
        text.put(quoting.quote(letter.headers))
        do throws(SystemError) {
            try letter.forEachPiece { (piece) throws(SystemError) in
                text.put(quoting.quote(piece))
            }
        } catch { throw .retryLater(status: "4.3.0", text: "\(error)") }
        text.put(quoting.end())
        text.put(quoting.last == 0x0A ? [0x0A] : [0x0A, 0x0A])
        return text
    }

    /// Delivers the letter into the Maildir at `path`, which is made when it is missing.
    ///
    /// Yields the new file's path relative to the Maildir.
    @discardableResult
    package static func deliver(
        _ letter: borrowing DeliveredLetter, toMaildir path: Path
    ) throws(DeliveryFailure) -> Path {
        do throws(SystemError) {
            let isNew = try path.statusIfPresent() == nil
            do throws(SystemError) {
                let maildir = try Maildir.openOrCreate(path)
                var names = UniqueNames()
                return try maildir.deliver(
                    prefix: letter.headers, content: letter.content, at: letter.offset,
                    count: letter.size, names: &names)
            } catch {
                if isNew { Maildir.removeIfEmpty(path) }
                throw error
            }
        } catch {
            throw DeliveryFailure.mailbox(error, error.operation)
                .prepending("maildir delivery failed: ")
        }
    }
}
