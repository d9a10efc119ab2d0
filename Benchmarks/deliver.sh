#!/bin/bash
# deliver.sh (on a throwaway machine): deliveries a second of mda, procmail and maildrop, one process start
# each, into a Maildir on the disk: letters of 4 KiB and 10 MiB, through 0, 10 and 200 recipes that do not
# match; then 4 KiB through 10 recipes from inside the MTA, Postfix with procmail beside ours with mda. They take
# turns, three rounds; the ratio is that of the medians.
. "$PROJECT/Tests/EndToEnd/lib.sh"
for p in maildrop courier-authlib; do peer $p /opt/peers; done
procmail=$(command -v procmail || true)
[ -z "$procmail" ] || cp "$procmail" /opt/procmail
printf "%s\n" /opt/peers/usr/lib /opt/peers/usr/lib/courier-authlib > /etc/ld.so.conf.d/peers.conf; ldconfig
install_malleposte
users bench
usermod -d /disk/home bench
mkdir -p /disk/home

cat > /tmp/deliver.py <<'P'
# deliver.py PROGRAM RECIPES OCTETS COUNT: prints deliveries a second.
import os, shutil, subprocess, sys, time
program, recipes, octets, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
home = "/disk/home"
shutil.rmtree(home + "/Maildir", ignore_errors=True)
for d in ("", "/tmp", "/new", "/cur"): os.mkdir(home + "/Maildir" + d)
line = b"The quick brown fox jumps over the lazy dog, once more and again.\n"
letter = (b"From a@b  Sat Nov 28 10:00:00 2026\nReceived: from x by y; Sat, 28 Nov 2026 10:00:00 +0100\n"
          b"From: Some Body <some.body@example.org>\nTo: bench@example.org\nSubject: Nothing of interest\n"
          b"Message-ID: <1@example.org>\n\n")
letter += line * ((octets - len(letter)) // len(line) + 1)
with open("/tmp/letter", "wb") as file: file.write(letter)
if program == "maildrop":
    rules = "".join("if (/^Subject:.*(offer%d|win%d)/)\n{\n  to /dev/null\n}\n" % (n, n) for n in range(recipes))
    with open("/tmp/rc.maildrop", "w") as file: file.write(rules + "to Maildir\n")
    command = ["/opt/peers/usr/bin/maildrop", "/tmp/rc.maildrop"]
else:
    rules = "".join(":0\n* ^Subject:.*(offer%d|win%d)\n/dev/null\n" % (n, n) for n in range(recipes))
    with open("/tmp/rc", "w") as file: file.write(rules + ":0\nMaildir/\n")
    command = ["/opt/procmail" if program == "procmail" else "/usr/local/bin/mda", "/tmp/rc"]
os.chmod("/tmp/rc.maildrop" if program == "maildrop" else "/tmp/rc", 0o600)
start = time.time()
for _ in range(count):
    with open("/tmp/letter", "rb") as file:
        done = subprocess.run(command, stdin=file, cwd=home, env={"HOME": home, "PATH": "/usr/bin:/bin", "LOGNAME": "bench"},
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode: sys.exit("%s: status %d: %s" % (program, done.returncode, done.stderr.decode(errors="replace")))
spent = time.time() - start
there = len(os.listdir(home + "/Maildir/new"))
if there != count: sys.exit("%s: %d of %d are in new/" % (program, there, count))
print(count / spent)
P
chown -R bench: /disk/home
programs="mda"
[ -x /opt/procmail ] && programs="$programs procmail" || echo "procmail: not measured: no such program"
[ -x /opt/peers/usr/bin/maildrop ] && programs="$programs maildrop" || echo "maildrop: not measured: no Debian package to be had"
median() { sort -n | sed -n '2p'; }
for octets in 4096 10485760; do
    count=300; [ $octets = 4096 ] || count=15
    for recipes in 0 10 200; do
        rm -f /tmp/rates.*
        for _ in 1 2 3; do
            for p in $programs; do
                su bench -c "rm -f /tmp/rc /tmp/rc.maildrop /tmp/letter; python3 /tmp/deliver.py $p $recipes $octets $count" >> /tmp/rates.$p 2> /tmp/rates.$p.error || cat /tmp/rates.$p.error
            done
        done
        for p in $programs; do
            ours=$(median < /tmp/rates.mda) theirs=$(median < /tmp/rates.$p)
            awk -v p=$p -v r=$recipes -v o=$octets -v a="${theirs:-0}" -v b="${ours:-0}" 'BEGIN {
                printf "%-9s %8d octets, %3d recipes: %7.1f deliveries/s%s\n", p, o, r, a, p == "mda" || a == 0 ? "" : sprintf(" (mda: %.2f times)", b / a) }'
        done
    done
done

# Inside the MTA: Postfix starts procmail for each letter, ours runs the same recipes in its own delivery process.
more_settings() { [ "$1" = postfix ] && echo "mailbox_command = /opt/procmail" || echo "mailbox_command = mda"; }
seq 10 | sed 's/.*/:0\n* ^Subject:.*(offer&|win&)\n\/dev\/null/' > /tmp/recipes
printf 'MAILDIR=$HOME\n:0\nMaildir/\n' >> /tmp/recipes
count=1000
echo "inside the MTA, 10 recipes, 4096 octets:"
if [ -x /opt/procmail ] && . "$PROJECT/Benchmarks/hosts.sh"; then in_turn; else echo "not measured: no procmail, or no Debian package of Postfix to be had"; fi
