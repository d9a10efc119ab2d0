/// Does one change of a mail store and ends, so that tests can kill it in the middle.
///
///     storage-driver append MBOX LETTER          one letter, as a delivery does
///     storage-driver maildir MAILDIR LETTER      one letter into a Maildir
///     storage-driver recover MBOX                what the next opener of an mbox does
///     storage-driver expunge MBOX UID,…          as an IMAP session does
///     storage-driver flag MBOX UID,… KEYWORD…    \Seen and keywords
///     storage-driver save MBOX LETTER…           APPEND of several messages
///     storage-driver copy MBOX UID,…             to the folder `copy`
///     storage-driver move NAME TARGET            to a name that must not be taken; syncs nothing
///     storage-driver open MBOX                   opens, gives UIDs, prints `UID SIZE FLAGS`
///
/// `as USER GROUP` in front becomes USER first and keeps GROUP for the spool directory.
/// `locks NAME,…` then says which locks append and recover take, `stale SECONDS` how old a dotlock
/// must be to be taken over.
/// For the session's commands, MBOX may be a Maildir as well.
/// It prints `done` and exits 0 when the change is on the disk; touches only what is named.
@main
enum Program {
    static func main() { run() }
}
