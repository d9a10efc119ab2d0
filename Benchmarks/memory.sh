#!/bin/bash
# memory.sh (on a throwaway machine): resident, proportional and private memory of the processes of an idle
# IMAP and an idle POP3 session after login, in KiB.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users bench
mkdir -p /home/bench/Maildir/{cur,new,tmp}; chown -R bench: /home/bench
/usr/local/sbin/imapd --listen 127.0.0.1:2143 & /usr/local/sbin/ipop3d --listen 127.0.0.1:2110 &
eventually 5 nc -z 127.0.0.1 2143; eventually 5 nc -z 127.0.0.1 2110
exec 3<>/dev/tcp/127.0.0.1/2143 4<>/dev/tcp/127.0.0.1/2110
printf 'a LOGIN bench secret-bench\r\nb SELECT INBOX\r\n' >&3; timeout 5 grep -m1 '^b ' <&3
printf 'USER bench\r\nPASS secret-bench\r\nSTAT\r\n' >&4; timeout 5 sh -c 'read a; read b; read c; read d; echo "$d"' <&4
for name in imapd ipop3d; do
    for pid in $(pgrep -x $name); do
        awk -v n="$name $pid $(ps -o user= -p "$pid")" '/^Rss:/ {r=$2} /^Pss:/ {p=$2} /^Private_/ {v+=$2} END {printf "%-24s resident %d, proportional %d, private %d KiB\n", n, r, p, v}' "/proc/$pid/smaps_rollup"
    done
done
