# Sourced by the end-to-end scripts on their throwaway machine: checks, and the parts of a mail host.
set -u
LOG=/var/log/maillog
[ "${MACHINE:-}" = 1 ] || { echo "not ok - lib.sh: only on a throwaway machine"; exit 1; }

# check SENTENCE COMMAND...: one line of result; what failed is shown with the end of the log.
check() {
    local sentence=$1; shift
    if "$@" > /tmp/check.out 2>&1; then echo "ok - $sentence"; return 0; fi
    echo "not ok - $sentence"; echo "  command: $*"; tail -n 20 /tmp/check.out | sed 's/^/  | /'
    [ -e $LOG ] && tail -n 15 $LOG | sed 's/^/  log: /'
    return 1
}
# eventually SECONDS COMMAND...: tries again until it holds.
eventually() {
    local end=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || { "$@"; return; }; sleep 0.05; done
}
logged() { eventually 10 grep -Eq -- "$1" $LOG; }
holds() { eventually 10 grep -qs -- "$2" "$1"; }

users() { local u; for u in "$@"; do useradd -m -s /bin/bash "$u" 2>/dev/null; echo "$u:secret-$u" | chpasswd; done; }

# install_malleposte: our build in the place of whatever this machine has.
install_malleposte() {
    local p
    for p in sendmail mailq newaliases postfix postmap postalias postqueue procmail; do rm -f /usr/sbin/$p /usr/bin/$p; done
    rm -rf /etc/postfix /etc/malleposte /etc/exim4
    local debug=; [ "${BUILD:-}" = debug ] && debug="RELEASE=.build/debug KEEP_SYMBOLS=1"
    # shellcheck disable=SC2086
    make -s -C "$PROJECT" -o all install PREFIX=/usr/local $debug > /tmp/install.log 2>&1 || { cat /tmp/install.log; echo "not ok - make install"; exit 1; }
    ln -sf /usr/local/sbin/sendmail /usr/sbin/sendmail
    hash -r
}
# configure LINE...: main.cf of the seeds' host, then the lines.
configure() {
    cat > /etc/postfix/main.cf <<M
maillog_file = $LOG
myhostname = mail.formatux.lan
mydestination = \$myhostname, localhost.\$mydomain, localhost, \$mydomain
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
M
    printf '%s\n' "$@" >> /etc/postfix/main.cf
    [ -e /etc/aliases.test ] || printf 'postmaster: root\n' > /etc/aliases
    chmod 1777 /var/mail
}
start_mta() {
    newaliases && postfix check && postfix start || return 1
    eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'
}
# smtp [HOST PORT] < lines: types the lines one by one, waiting for each reply; prints the replies.
smtp() { python3 "$PROJECT/Tests/EndToEnd/type-smtp.py" "${1:-127.0.0.1}" "${2:-25}"; }
# peer NAME DIR: unpacks Debian's package of another mail system below DIR, and puts the libraries in place that the
# downloaded packages need; false when the package could not be had.
peer() {
    local deb; deb=$(ls "$PROJECT"/.build/peers/"$1"_*.deb 2>/dev/null | tail -1)
    [ -n "$deb" ] && dpkg -x "$deb" "$2" || return 1
    [ -e /tmp/peer-libraries ] || dpkg -i --force-depends "$PROJECT"/.build/peers/lib*.deb > /tmp/peer-libraries 2>&1 || true
}
