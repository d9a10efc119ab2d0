#!/bin/bash
# A queue directory that holds Postfix's own queue files, and one that was copied: nothing is damaged or
# lost, and our own files get the names of their new inodes before anything runs.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
configure 'default_transport = retry:4.7.1 not today'
queue=/var/spool/postfix
newaliases && postfix check

# postfix_file PATH: as Postfix 3.7 writes it.
postfix_file() {
    python3 - "$1" <<'P'
import os, sys
def record(kind, value): return kind + bytes([len(value)]) + value
data = record(b"C", b" ".join(b"%15d" % n for n in (60, 689, 1, 0, 60, 0)))
data += record(b"T", b"1795254065 000007") + record(b"S", b"bob@formatux.lan")
data += record(b"O", b"alice") + record(b"R", b"alice@formatux.lan") + record(b"M", b"")
data += record(b"N", b"Subject: Postfix's") + record(b"N", b"") + record(b"N", b"body") + record(b"X", b"") + record(b"E", b"")
with open(sys.argv[1], "wb") as file: file.write(data)
os.utime(sys.argv[1], (1795254065, 1795254065))
P
    chown postfix: "$1"; chmod 700 "$1"
}
files="incoming/0A1B2C3D4E active/0A1B2C3D4F deferred/3Pt2mN2VXxznjll deferred/A/A1B2C3D4E5 hold/0A1B2C3D50"
mkdir $queue/deferred/A; chown postfix: $queue/deferred/A
for f in $files; do postfix_file $queue/$f; done
(cd $queue && sha256sum $files && stat -c '%n %i %Y %a %U' $files) > /tmp/before
# Neither one of Postfix's nor of ours.
echo nonsense > $queue/incoming/0A1B2C3D51; chown postfix: $queue/incoming/0A1B2C3D51
unchanged() { (cd $queue && sha256sum $files && stat -c '%n %i %Y %a %U' $files) > /tmp/after; diff /tmp/before /tmp/after; }

check "the mail system starts" start_mta
check "our mail goes its way beside them" sh -c "echo hello | sendmail -f bob alice"
check "and arrives" holds /var/mail/alice '^hello$'
for f in $files; do
    [ $f = hold/0A1B2C3D50 ] || check "the log names $f" logged "qmgr\\[[0-9]+\\]: warning: $f: left alone: a queue file of another mail system"
done
check "what is nobody's queue file is set aside" logged 'qmgr\[[0-9]+\]: warning: 0A1B2[0-9A-F]+: damaged: .*; moved to corrupt'
postqueue -f; sleep 1; postfix reload; sleep 1; postqueue -f; sleep 1
check "they are named once for each start" sh -c "[ \$(grep -c 'deferred/3Pt2mN2VXxznjll: left alone' $LOG) = 2 ]"
check "postsuper -d ALL passes over them" sh -c "postsuper -d ALL 2>&1 | grep -q 'warning: left alone: 4 of another mail system'"
postsuper -s 2> /dev/null; postsuper -r ALL 2> /dev/null; postsuper -h ALL 2> /dev/null; postsuper -H ALL 2> /dev/null
kill -9 "$(pgrep -x qmgr)"; sleep 2; postqueue -f; sleep 1
check "each is where it was, octet for octet" unchanged

# A queue that was copied: other inodes, so other names.
echo far | sendmail -f bob x@far.example
eventually 10 sh -c 'mailq | grep -q "not today"'
postfix stop
old=$(find $queue/deferred -maxdepth 1 -type f ! -name 3Pt2mN2VXxznjll -printf %f); cp -p $queue/deferred/$old /tmp/copy
rm $queue/deferred/$old; : > $queue/deferred/taken; cp -p /tmp/copy $queue/deferred/$old; rm $queue/deferred/taken
inode=$(printf '%X' "$(stat -c %i $queue/deferred/$old)")
if [ "${old:5}" = "$inode" ]; then echo "skipped - a copied queue: this file system gave the same inode again"
else
    postfix start
    check "postfix start renames what was copied" logged "postsuper\\[[0-9]+\\]: $old: renamed to ${old:0:5}$inode"
    check "before master runs" sh -c "grep -n 'renamed to\|daemon started' $LOG | tail -2 | head -1 | grep -q renamed"
    check "and mailq shows it under its new name" sh -c "mailq | grep -q '^${old:0:5}$inode '"
fi
check "each is still where it was" unchanged
