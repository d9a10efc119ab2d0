#!/bin/bash
# Notices of new mail: what a listener on biff's UDP port, and on others, hears of mda is what it hears of Debian's procmail.
. "$PROJECT/Tests/EndToEnd/lib.sh"
[ -x /usr/bin/procmail ] || { echo "skipped - comsat: needs procmail"; exit 0; }
cp -p /usr/bin/procmail /tmp/debian-procmail
install_malleposte
users bob
M=/usr/local/bin/mda; [ -x $M ] || M=$(command -v mda)
printf 'From j@x  Tue Mar  5 09:00:00 2019\nSubject: x\n\nbody\n' > /tmp/letter
# hear PORT...: one line for each datagram that comes to one of these ports, until it is ended.
cat > /tmp/hear <<'PY'
import select, socket, sys
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in sys.argv[1:]]
for s, port in zip(sockets, sys.argv[1:]): s.bind(("0.0.0.0", int(port)))
print("ready", flush=True)
while True:
    for s in select.select(sockets, [], [])[0]: print(s.getsockname()[1], s.recv(4096).decode(), flush=True)
PY
# heard PROGRAM RECIPES [ARGUMENT...]: what is heard of two deliveries to bob.
heard() {
    local program=$1 recipes=$2; shift 2
    rm -rf /home/bob/* /var/mail/bob*; : > /var/mail/bob; chown bob /var/mail/bob; chmod 600 /var/mail/bob
    printf '%b' "$recipes" > /home/bob/.procmailrc; chown bob /home/bob/.procmailrc
    rm -f /tmp/heard; python3 /tmp/hear 512 4711 > /tmp/heard & local listener=$!
    eventually 5 grep -q ready /tmp/heard
    for _ in 1 2; do (cd /home/bob; timeout 60 "$program" "$@" < /tmp/letter > /tmp/said 2>&1); done
    sleep 0.3; kill $listener; wait $listener 2> /dev/null
    sed -E '1d; s#/[0-9]{9,}\.[^ ]*#/@U#' /tmp/heard
}
# same NAME HEARD RECIPES [ARGUMENT...]: both programs, called `procmail`, are heard to say HEARD (%b).
mkdir /tmp/debian /tmp/own; mv /tmp/debian-procmail /tmp/debian/procmail; ln -s "$(readlink -f "$M")" /tmp/own/procmail
same() {
    local name=$1 want=$2 recipes=$3; shift 3
    printf '%b' "$want" > /tmp/want
    heard /tmp/debian/procmail "$recipes" "$@" > /tmp/theirs
    heard /tmp/own/procmail "$recipes" "$@" > /tmp/ours
    check "$name: procmail" diff /tmp/want /tmp/theirs
    check "$name: mda" diff /tmp/want /tmp/ours
}
same "-d, the mailbox" '512 bob@0:/var/mail/bob\n512 bob@53:/var/mail/bob\n' '' -d bob
same "-d, a folder" '512 bob@0:/home/bob/box\n512 bob@53:/home/bob/box\n' ':0:\nbox\n' -d bob
same "-d, a Maildir" '512 bob@0:/home/bob/md/new/@U\n512 bob@0:/home/bob/md/new/@U\n' ':0\nmd/\n' -d bob
same "-d, an MH folder" '512 bob@0:/home/bob/mh/1\n512 bob@0:/home/bob/mh/2\n' ':0\nmh/.\n' -d bob
same "-d, a program" '512 bob@:/home/bob/ cat > out\n512 bob@:/home/bob/ cat > out\n' ':0 w\n| cat > out\n' -d bob
same "-d, COMSAT=no" '' 'COMSAT=no\n:0:\nbox\n' -d bob
same "-d, a port" '4711 bob@0:/home/bob/box\n4711 bob@53:/home/bob/box\n' 'COMSAT=4711@\n:0:\nbox\n' -d bob
same "-d, a port of a machine" '4711 bob@0:/home/bob/box\n4711 bob@53:/home/bob/box\n' 'COMSAT=4711@10.0.2.15\n:0:\nbox\n' -d bob
same "-d, a named service" '512 bob@0:/home/bob/box\n512 bob@53:/home/bob/box\n' 'COMSAT=biff@localhost\n:0:\nbox\n' -d bob
same "-d, a machine that is not" '' 'COMSAT=biff@no.such.machine.invalid\n:0:\nbox\n' -d bob
same "-d, not delivered" '512 bob@:**Bounced**\n512 bob@:**Bounced**\n' 'DEFAULT=\nORGMAIL=\n' -d bob
same "a recipe file of the command line" '' ':0:\nbox\n' /home/bob/.procmailrc
