"""clients.py SMTP POP3 IMAP: Python's smtplib, poplib and imaplib on ports of 127.0.0.1, against alice's empty mailbox."""
import imaplib
import poplib
import re
import smtplib
import sys
import time
from email.message import EmailMessage

smtp, pop3, imap = map(int, sys.argv[1:])
USER, PASSWORD = "alice", "secret-alice"

letters = {}
with smtplib.SMTP("127.0.0.1", smtp, timeout=30) as server:
    server.ehlo("client")
    for word in ("pipelining", "size", "8bitmime", "enhancedstatuscodes"):
        assert server.has_extn(word), (word, server.esmtp_features)
    for n in range(3):
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "bob@localhost", "alice@localhost", f"python {n}"
        letter.set_content(f"lettre numéro {n}\n.\n..two\nFrom the start\n" + "long " * 30 + "\n", cte="8bit")
        letters[f"python {n}"] = letter.get_content()
        assert server.send_message(letter) == {}
    try:
        server.sendmail("bob@localhost", ["no-such-user@localhost"], b"Subject: x\r\n\r\nx\r\n")
        raise SystemExit("a letter to nobody was taken")
    except smtplib.SMTPRecipientsRefused as error:
        assert error.recipients["no-such-user@localhost"][0] == 550, error
    try:
        server.sendmail("bob@localhost", ["x@far.example"], b"Subject: x\r\n\r\nx\r\n")
    except smtplib.SMTPRecipientsRefused:
        raise SystemExit("mynetworks may not relay")

for attempt in range(100):
    box = poplib.POP3("127.0.0.1", pop3, timeout=30)
    box.user(USER)
    box.pass_(PASSWORD)
    if box.stat()[0] == 3:
        break
    box.quit()
    time.sleep(0.1)
uids, order = {}, []  # two at once are delivered in any order
for line in box.uidl()[1]:
    number, uid = line.split()
    text = b"\n".join(box.retr(int(number))[1]).decode()
    subject = re.search("^Subject: (.*)$", text, re.M).group(1)
    body = re.sub("^>From ", "From ", text.split("\n\n", 1)[1], flags=re.M)
    assert body.rstrip("\n") == letters[subject].rstrip("\n"), (body, letters[subject])
    uids[subject] = uid
    order.append(subject)
assert len(uids) == 3 and len(set(uids.values())) == 3, uids
box.dele(1)
box.quit()

box = imaplib.IMAP4("127.0.0.1", imap, timeout=30)
box.login(USER, PASSWORD)
status, count = box.select("INBOX")
assert (status, count) == ("OK", [b"2"]), (status, count)
assert box.search(None, "SUBJECT", f'"{order[2]}"') == ("OK", [b"2"])
status, found = box.fetch("1:2", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)] RFC822.SIZE)")
assert status == "OK" and order[1].encode() in found[0][1] and order[2].encode() in found[2][1], found
assert box.store("1", "+FLAGS", "(\\Flagged)")[0] == "OK"
assert b"\\Flagged" in box.fetch("1", "(FLAGS)")[1][0]
assert box.create("Old")[0] == "OK" and box.copy("1:2", "Old")[0] == "OK"
assert box.status("Old", "(MESSAGES UIDNEXT)")[1] == [b"Old (MESSAGES 2 UIDNEXT 3)"], box.status("Old", "(MESSAGES)")
assert any(line.endswith(b"Old") for line in box.list()[1])
assert box.append("INBOX", "(\\Seen)", imaplib.Time2Internaldate(1e9), b"Subject: appended\r\n\r\nx\r\n")[0] == "OK"
assert box.noop()[0] == "OK"
assert box.search(None, "SEEN", "SUBJECT", "appended")[1] == [b"3"], box.search(None, "ALL")
assert b" 9-Sep-2001" in box.fetch("3", "(INTERNALDATE)")[1][0]
box.store("2", "+FLAGS", "(\\Deleted)")
assert box.expunge() == ("OK", [b"2"])
status, uid = box.uid("SEARCH", "ALL")
box.close()
assert box.rename("Old", "Older")[0] == "OK"
assert box.select("Older", readonly=True) == ("OK", [b"2"])
box.unselect()
assert box.delete("Older")[0] == "OK"
box.logout()

box = imaplib.IMAP4("127.0.0.1", imap, timeout=30)
box.login(USER, PASSWORD)
assert box.select("INBOX") == ("OK", [b"2"])
assert box.uid("SEARCH", "ALL")[1] == uid, "UIDs changed"
box.store("1:*", "+FLAGS", "(\\Deleted)")
box.expunge()
box.logout()
