# Sourced by the benchmarks of whole mail systems: Debian's Postfix and ours on one disk, with one user whose Maildir
# 20 SMTP sessions fill. Fails when there is no Postfix. `more_settings NAME` adds to main.cf of postfix or malleposte.
count=${count:-2000} sessions=20 size=4096
peer postfix /opt/postfix || return 1
cp -a /opt/postfix/usr/. /usr/
source=/usr/sbin/smtp-source
users bench
command -v more_settings > /dev/null || more_settings() { :; }

round() { # round NAME: fills and empties the Maildir once
    rm -rf /disk/home/Maildir; mkdir -p /disk/home; chown bench: /disk/home
    local start end accepted maildir=/disk/home/Maildir
    [ ! -e /tmp/recipes ] || install -o bench -m 600 /tmp/recipes /disk/home/.procmailrc
    start=$(date +%s%N)
    $source -s $sessions -m "$count" -l $size -f bench@mail.formatux.lan -t bench@mail.formatux.lan 127.0.0.1:25 || { echo "$1: smtp-source failed"; return; }
    accepted=$(date +%s%N)
    for _ in $(seq 6000); do [ "$(ls $maildir/new 2>/dev/null | wc -l)" -ge "$count" ] && break; sleep 0.05; done
    end=$(date +%s%N)
    awk -v n="$count" -v a=$((accepted - start)) -v d=$((end - start)) -v who="$1" -v got="$(ls $maildir/new | wc -l)" \
        'BEGIN { printf "%-10s accepted %.0f letters/s, delivered %.0f letters/s (%d in new/)\n", who, n/a*1e9, n/d*1e9, got }'
}

settings() { # settings NAME: main.cf of one of the two
    cat <<M
myhostname = mail.formatux.lan
mydestination = \$myhostname, localhost
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
inet_interfaces = 127.0.0.1
home_mailbox = Maildir/
alias_maps =
local_recipient_maps =
local_destination_concurrency_limit = 20
maillog_file = /var/log/maillog.$1
queue_directory = /disk/queue.$1
$(more_settings "$1")
M
}
usermod -d /disk/home bench
install_malleposte
groupadd -r postfix 2>/dev/null; useradd -r -g postfix -M postfix 2>/dev/null; groupadd -r postdrop 2>/dev/null

postfix_start() {
    mkdir -p /etc/peer /disk/queue.postfix/pid /var/lib/peer /disk/queue.postfix
    cp /usr/share/postfix/master.cf.dist /etc/peer/master.cf
    sed -i 's/^\([a-z0-9.:]\+ \+\(unix\|inet\|fifo\) \+[-ny]\+ \+[-ny]\+ \+\)y/\1n/' /etc/peer/master.cf
    { settings postfix; echo "compatibility_level = 3.6
data_directory = /var/lib/peer"; } > /etc/peer/main.cf
    chown postfix: /var/lib/peer
    for d in incoming active deferred defer bounce hold corrupt private saved trace flush; do mkdir -p /disk/queue.postfix/$d; chown postfix: /disk/queue.postfix/$d; chmod 700 /disk/queue.postfix/$d; done
    mkdir -p /disk/queue.postfix/{maildrop,public}; chown postfix:postdrop /disk/queue.postfix/{maildrop,public}; chmod 730 /disk/queue.postfix/maildrop; chmod 710 /disk/queue.postfix/public
    touch /var/log/maillog.postfix
    MAIL_CONFIG=/etc/peer /usr/lib/postfix/sbin/master -w -c /etc/peer 2>/dev/null
    eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'
}
postfix_stop() { kill "$(tr -d ' ' < /disk/queue.postfix/pid/master.pid)"; sleep 1; }
ours_start() { /usr/local/sbin/postfix start 2>/dev/null && eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'; }

in_turn() { # three rounds each
    for turn in 1 2 3; do
        if postfix_start; then round postfix; postfix_stop; else echo "postfix: did not start"; tail -3 /var/log/maillog.postfix; fi
        settings malleposte > /etc/postfix/main.cf
        if ours_start; then round malleposte; /usr/local/sbin/postfix stop 2>/dev/null; else echo "malleposte: did not start"; tail -3 /var/log/maillog.malleposte; fi
    done
}
