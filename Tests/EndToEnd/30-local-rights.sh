#!/bin/bash
# What a user plants in the way of another's mail: links, FIFOs, locks, writable .forward files.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice victim mallory u1 u2 u3 u4 u5 u6
configure "deliver_lock_attempts = 2"
mkdir -p /srv/out; chmod 1777 /srv/out
cat > /etc/aliases <<'A'
postmaster: root
pipe: "|(id -G; id -un; grep CapEff /proc/self/status; env; umask; pwd) > /srv/out/pipe"
a: b
b: a
A
su u1 -c 'echo alice > ~/.forward; chmod 666 ~/.forward'
su mallory -c 'echo "|id > /srv/out/pwn" > /srv/out/forward'; ln -s /srv/out/forward /home/u2/.forward
mkfifo /home/u3/.forward; chown u3 /home/u3/.forward
mkdir /home/u4/.forward
echo alice > /home/u5/.forward; chown mallory /home/u5/.forward
ln -s /etc/shadow /var/mail/u6; chown -h mallory /var/mail/u6; cp /etc/shadow /root/shadow
touch /var/mail/victim; chown mallory:mallory /var/mail/victim
su mallory -c 'touch /var/mail/alice.lock'
check "the mail system starts" start_mta
send() { printf 'Subject: %s\n\nbody\n' "$1" | sendmail -f root "$1"; }
for u in u1 u2 u3 u4 u5 u6 victim alice pipe a; do send $u; done
for u in u1 u2 u3 u4 u5; do
    check "a .forward file that cannot be trusted is ignored for $u" \
        logged "to=<$u@.*status=sent \(delivered to mailbox\)"
done
check "nobody's command ran" test ! -e /srv/out/pwn
check "a link in the place of a mailbox makes the mail wait" \
    logged 'to=<u6@.*dsn=4.2.0, status=deferred .*not owned by recipient'
check "what the link names is untouched" cmp /etc/shadow /root/shadow
check "a mailbox made by somebody else makes the mail wait" \
    logged 'to=<victim@.*dsn=4.2.0, status=deferred .*not owned by recipient'
check "a planted lock makes the mail wait" \
    logged 'to=<alice@.*dsn=4.2.0, status=deferred .*unable to lock'
check "an alias in a circle bounces" \
    logged 'to=<a@.*dsn=5.4.6, status=bounced \(possible alias database loop'
check "a command of the aliases runs as nobody" holds /srv/out/pipe '^nobody$'
check "with one group" holds /srv/out/pipe "^$(id -g nobody)$"
check "without capabilities" holds /srv/out/pipe 'CapEff:.*0000000000000000'
check "with a small environment" test "$(grep -c '=' /srv/out/pipe)" -le 12
