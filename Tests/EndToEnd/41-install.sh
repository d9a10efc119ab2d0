#!/bin/bash
# make install and uninstall, whole and with NAMES=own beside another mail system; and what make says where a
# header is missing.
. "$PROJECT/Tests/EndToEnd/lib.sh"
debug=; [ "${BUILD:-}" = debug ] && debug="RELEASE=.build/debug KEEP_SYMBOLS=1"
# shellcheck disable=SC2086
mk() { make -s -C "$PROJECT" -o all "$@" PREFIX=/usr/local $debug; }

mkdir -p /etc/postfix /var/spool/postfix /usr/local/sbin
echo '# another MTA' > /etc/postfix/main.cf; cp /etc/postfix/main.cf /etc/postfix/master.cf
other="sbin/sendmail sbin/postfix sbin/postmap sbin/postalias sbin/postqueue sbin/postdrop bin/mailq bin/newaliases bin/procmail bin/formail bin/lockfile bin/vacation"
for f in $other; do rm -f "/usr/local/$f"; echo "of another: $f" > "/usr/local/$f"; done
echo letter > /var/mail/kept
sum() { (cd /usr/local && sha256sum $other; sha256sum /etc/postfix/*.cf /var/mail/kept); }
sum > /tmp/before
check "make install NAMES=own" mk install NAMES=own
check "it touches no name of another mail system" sh -c "$(declare -f sum); other='$other'; sum | diff - /tmp/before"
check "our own programs are there" test -x /usr/local/sbin/imapd -a -x /usr/local/sbin/ipop3d -a -x /usr/local/bin/mda -a -x /usr/local/libexec/malleposte/minimta
check "make uninstall NAMES=own" mk uninstall NAMES=own
check "it removes ours alone" sh -c "$(declare -f sum); other='$other'; sum | diff - /tmp/before && ! find /usr/local | grep -E 'malleposte|imapd|ipop3d|/mda$'"
for f in $other; do rm -f "/usr/local/$f"; done
rm -rf /etc/postfix
check "make install" mk install
check "the companions of procmail are names of mda" sh -c 'for n in formail lockfile vacation procmail; do [ "$(readlink /usr/local/bin/$n)" = mda ] || exit 1; done'
check "postdrop has its group and set-gid" test "$(stat -c %G:%a /usr/local/sbin/postdrop)" = postdrop:2755
touch /var/spool/postfix/kept; cp /etc/postfix/main.cf /tmp/main.cf
check "make uninstall" mk uninstall
check "nothing of ours is left" sh -c "! find /usr/local | grep -E 'malleposte|imapd|ipop3d|/mda$|sendmail|procmail|formail|lockfile|vacation|post(fix|map|drop|queue)'"
check "configuration, queue and mail stay" sh -c "cmp /tmp/main.cf /etc/postfix/main.cf && test -e /var/spool/postfix/kept -a -e /var/mail/kept"

header=$(echo '#include <db.h>' | cc -M -E -x c - 2>/dev/null | grep -o '[^ ]*/db\.h')
mv "$header" /tmp/header
mkdir /tmp/bin; printf '#!/bin/sh\necho compiling; exit 1\n' > /tmp/bin/swift; chmod +x /tmp/bin/swift
(cd "$PROJECT" && PATH=/tmp/bin:$PATH make) > /tmp/make 2>&1
check "without a header make fails" test $? != 0
check "it names the packages to install" grep -q 'apt-get install .*libdb5.3-dev' /tmp/make
check "and compiles nothing" sh -c "! grep -E 'compiling|error:' /tmp/make"
mv /tmp/header "$header"
