# Sourced behind lib.sh by the scripts that try the access servers.
LOG=/var/log/mail.log

# install_access: ipop3d and imapd alone, with their PAM files.
install_access() {
    local p
    # The newest build: `run` has just made a release one.
    for p in ipop3d imapd; do
        install -m 755 "$(ls -t "$PROJECT"/.build/{release,debug}/$p 2>/dev/null | head -1)" /usr/local/sbin/$p || { echo "not ok - install $p"; exit 1; }
    done
    rm -rf /etc/dovecot /etc/malleposte
    for s in pop3 imap; do install -m 644 "$PROJECT/inetd/pam.d/$s" /etc/pam.d/$s; done
    hash -r
}
# letter USER WORD: a letter in the user's spool file.
letter() {
    printf 'From bob@x.example  Sat Nov 21 09:00:00 2026\nFrom: bob@x.example\nSubject: %s\n\nbody of %s\n.dot\n\n' "$2" "$2" >> "/var/mail/$1"
    chown "$1:mail" "/var/mail/$1"; chmod 660 "/var/mail/$1"
}
# start_syslog: what is sent to /dev/log, in $LOG.
start_syslog() {
    : > $LOG
    python3 - <<'P' &
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try: os.unlink("/run/log")
except OSError: pass
s.bind("/run/log"); os.chmod("/run/log", 0o666)
with open("/var/log/mail.log", "ab", buffering=0) as f:
    while True: f.write(s.recv(8192).split(b">", 1)[-1].rstrip(b"\n") + b"\n")
P
    eventually 10 test -S /run/log
    # The machine's /dev is everybody's: only this mount sees the link's place covered.
    : > /tmp/devlog; rm -f /tmp/devlog; mkdir -p /run/dev; cp -a /dev/. /run/dev/ 2>/dev/null
    mount --bind /run/dev /dev 2>/dev/null; rm -f /dev/log; ln -s /run/log /dev/log
}
# start_inetd: openbsd-inetd with our lines for the services; false when there is none.
start_inetd() {
    local program
    program=$(command -v inetd) || { peer openbsd-inetd /tmp/openbsd-inetd && program=/tmp/openbsd-inetd/usr/sbin/inetd || return 1; }
    cp "$PROJECT/inetd/inetd.conf" /etc/inetd.conf
    "$program" -i /etc/inetd.conf > /tmp/inetd.log 2>&1 & inetd=$!
    check "inetd listens with our lines" eventually 10 nc -z 127.0.0.1 110
}
stop_inetd() { kill $inetd; wait $inetd 2>/dev/null; true; }
# type_pop3 ADDRESS [SOURCE] < lines: types them one by one, waiting for each whole reply; prints all.
type_pop3() { python3 "$PROJECT/Tests/EndToEnd/type-pop3.py" "$@"; }

# front_is_confined PORT PROGRAM: the process that talks before login.
front_is_confined() {
    exec 9<>"/dev/tcp/127.0.0.1/$1"; read -r _ <&9
    local front="" pid
    for pid in $(pgrep -x "$2"); do [ "$(stat -c %U /proc/$pid)" = nobody ] && front=$pid; [ "$(awk '/^Uid/{print $2}' /proc/$pid/status)" = "$(id -u nobody)" ] && front=$pid; done
    [ -n "$front" ] || { echo "no process of nobody"; exec 9>&-; return 1; }
    awk '/^(Uid|Gid|Groups|CapEff|NoNewPrivs)/' /proc/$front/status; readlink /proc/$front/root; ls -l /proc/$front/fd
    local good=0
    awk -v n="$(id -u nobody)" '/^Uid/{for(i=2;i<=5;i++) if($i!=n) bad=1} /^CapEff/{if($2!~/^0+$/) bad=1} /^NoNewPrivs/{if($2!=1) bad=1} /^Groups/{if(NF>1) bad=1} END{exit bad}' /proc/$front/status || good=1
    [ "$(readlink /proc/$front/root)" = /run/malleposte/empty ] || good=1
    [ "$(ls /proc/$front/fd | wc -l)" -le 4 ] || good=1
    exec 9>&-
    return $good
}
# session_is_users PORT PROGRAM USER: every process that is left after login; the saved group may be that of the
# spool, which the session puts on for moments.
session_is_users() {
    exec 9<>"/dev/tcp/127.0.0.1/$1"; read -r _ <&9
    printf 'USER %s\r\nPASS secret-%s\r\n' "$3" "$3" >&9; read -r _ <&9; read -r line <&9; echo "$line"
    local pid good=1
    for pid in $(pgrep -x "$2"); do
        good=0; awk '/^(Uid|Gid|Groups|CapEff)/' /proc/$pid/status
        awk -v n="$(id -u "$3")" -v g="$(id -g "$3")" '/^Uid/{for(i=2;i<=5;i++) if($i!=n) bad=1} /^Gid/{if($2!=g||$3!=g||$5!=g) bad=1} /^CapEff/{if($2!~/^0+$/) bad=1} END{exit bad}' /proc/$pid/status || good=1
    done
    exec 9>&-
    return $good
}
