#!/bin/bash
# Dovecot and our store take turns on one Maildir: UIDs, UIDVALIDITY, flags and keywords stay.
. "$PROJECT/Tests/EndToEnd/lib.sh"
PEERS=$PROJECT/.build/peers
peer dovecot-imapd /tmp/unpacked || { echo "skipped - dovecot-maildir: no dovecot-core and dovecot-imapd packages in $PEERS"; exit 0; }
dpkg -i --force-depends "$PEERS"/dovecot-core_*.deb "$PEERS"/dovecot-imapd_*.deb > /tmp/dpkg.log 2>&1
users alice
cat > /etc/dovecot/dovecot.conf <<'C'
protocols = imap
ssl = no
mail_location = maildir:~/Maildir
log_path = /tmp/dovecot.log
passdb {
  driver = static
  args = password=x
}
userdb {
  driver = passwd
}
C
install -m 666 /dev/null /tmp/dovecot.log
install -m 755 "$PROJECT/.build/debug/storage-driver" /usr/local/bin/ || { echo "skipped - dovecot-maildir: swift build --product storage-driver comes first"; exit 0; }

as() { su alice -c "cd; $*"; }
# dovecot < commands: what Dovecot answers; `said TEXT` asks for a line of it.
dovecot() { as /usr/lib/dovecot/imap > /tmp/said 2>&1; }
said() { tr -d '\r' < /tmp/said | grep -qFx -- "$1" || { cat /tmp/said; return 1; }; }
ours() { as storage-driver "$@" > /tmp/ours 2>&1; }
# lists LINE...: our store lists exactly these messages, as UID SIZE FLAGS KEYWORDS.
lists() { ours open "$1"; shift; diff /tmp/ours <(printf '%s\n' "$@" done); }

as 'mkdir -p Maildir/cur Maildir/new Maildir/tmp
    for n in 1 2 3; do printf "Subject: m$n\n\nbody $n\n" > Maildir/new/$n.x; done
    printf "Subject: app\n\napp\n" > letter'
dovecot <<'S'
a1 SELECT INBOX
a2 STORE 2 +FLAGS (\Seen $Foo)
a9 LOGOUT
S
validity=$(grep -o 'UIDVALIDITY [0-9]*' /tmp/said)
check "ours has Dovecot's UIDs and flags" lists Maildir "1 23 0 0" "2 23 8 1" "3 23 0 0"
check "ours sets a flag and a keyword" ours flag Maildir 3 Ours
check "ours appends two messages" ours save Maildir letter letter
check "ours expunges one" ours expunge Maildir 1
dovecot <<'S'
a1 SELECT INBOX
a2 UID FETCH 1:* (FLAGS RFC822.SIZE)
a4 APPEND INBOX (\Flagged $New) {14+}
Subject: d

d

a9 LOGOUT
S
check "Dovecot keeps the UIDVALIDITY" said "* OK [$validity] UIDs valid"
check "Dovecot knows the next UID" said "* OK [UIDNEXT 6] Predicted next UID"
check "Dovecot keeps its own flags" said '* 1 FETCH (UID 2 FLAGS (\Seen $Foo) RFC822.SIZE 23)'
check "Dovecot sees our flags" said '* 2 FETCH (UID 3 FLAGS (\Seen Ours) RFC822.SIZE 23)'
check "Dovecot sees our first message" said '* 3 FETCH (UID 4 FLAGS () RFC822.SIZE 21)'
check "Dovecot sees our second message" said '* 4 FETCH (UID 5 FLAGS () RFC822.SIZE 21)'
check "Dovecot gives the next UID" grep -q "^a4 OK .APPENDUID ${validity#* } 6. " /tmp/said
check "ours has what Dovecot added" lists Maildir \
    "2 23 8 1" "3 23 8 1" "4 21 0 0" "5 21 0 0" "6 17 2 1"
dovecot <<'S'
a1 CREATE copy
a2 SELECT INBOX
a3 UID COPY 2 copy
a4 STATUS copy (UIDVALIDITY)
a9 LOGOUT
S
copies=$(grep -o 'STATUS copy (UIDVALIDITY [0-9]*' /tmp/said | grep -o '[0-9]*$')
check "ours copies into Dovecot's folder" ours copy Maildir 3,6
check "ours has both copies" lists Maildir/.copy "1 23 8 1" "2 23 8 1" "3 17 2 1"
dovecot <<'S'
a1 SELECT copy
a2 UID FETCH 1:* (FLAGS RFC822.SIZE)
a9 LOGOUT
S
check "Dovecot keeps the folder's UIDVALIDITY" said "* OK [UIDVALIDITY $copies] UIDs valid"
check "Dovecot has its copy" said '* 1 FETCH (UID 1 FLAGS (\Seen $Foo) RFC822.SIZE 23)'
check "Dovecot has our first copy" said '* 2 FETCH (UID 2 FLAGS (\Seen Ours) RFC822.SIZE 23)'
check "Dovecot has our second copy" said '* 3 FETCH (UID 3 FLAGS (\Flagged $New) RFC822.SIZE 17)'
check "Dovecot has nothing to complain of" sh -c '! grep -E "Error|Warning|Panic" /tmp/dovecot.log'
