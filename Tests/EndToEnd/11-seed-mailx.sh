#!/bin/bash
# mailx of the courses: stagiaire writes to alice and bob; they read, delete and keep.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users stagiaire alice bob trainee
configure
check "the mail system starts" start_mta

printf 'Bonjour\nAu revoir\n' > /tmp/corps
su stagiaire -c 'mailx -s "coucou" "alice,bob" < /tmp/corps'
check "the sender is not waited for" test $? = 0
uid=$(id -u stagiaire)
check "pickup logs who sent it" logged "postfix/pickup\\[[0-9]+\\]: [0-9A-F]+: uid=$uid from=<stagiaire>$"
check "one message has two recipients" logged 'from=<stagiaire@mail.formatux.lan>, size=[0-9]+, nrcpt=2 \(queue active\)'
check "alice gets it" logged 'local\[[0-9]+\]: [0-9A-F]+: to=<alice@mail.formatux.lan>, orig_to=<alice>, relay=local, .*status=sent \(delivered to mailbox\)'
check "bob gets it" logged 'local\[[0-9]+\]: [0-9A-F]+: to=<bob@mail.formatux.lan>, orig_to=<bob>, relay=local, .*status=sent \(delivered to mailbox\)'
check "the message is removed" logged 'qmgr\[[0-9]+\]: [0-9A-F]+: removed'
check "the text is there" holds /var/mail/alice 'Au revoir'

su alice -c 'mailx -s "deux" alice@mail.formatux.lan' <<< 'second'
check "a second letter comes to an address with a domain" holds /var/mail/alice '^second$'

as() { local u=$1; shift; su "$u" -s /bin/bash -c "cd; export TERM=dumb LANG=C; $*"; }
as alice 's-nail -S quiet -Y "headers" -Y "q"' < /dev/null > /tmp/list 2>&1
check "s-nail lists two new letters" sh -c "grep '^[> ]N' /tmp/list | cut -c2- | sort -u | wc -l | grep -qx 2 || { cat /tmp/list; false; }"
printf '1\nq\n' | as bob 'bsd-mailx' > /tmp/read 2>&1
check "bsd-mailx shows the letter" grep -q 'Au revoir' /tmp/read
check "what was read is in bob's mbox, and the spool is empty" sh -c "grep -q 'Au revoir' /home/bob/mbox && ! grep -q . /var/mail/bob"
printf 'set hold\nd 1\nq\n' | as alice 'bsd-mailx' > /tmp/del 2>&1
check "a deleted letter is gone, the other is held" sh -c "! grep -q 'Au revoir' /var/mail/alice && grep -q '^second' /var/mail/alice"
printf 'set hold\n1\nq\n' | as alice 'bsd-mailx' > /tmp/held 2>&1
check "mailx says what it holds" grep -q 'Held 1 message in /var/mail/alice' /tmp/held
check "a held letter that was read says so" grep -q '^Status: RO' /var/mail/alice
su stagiaire -c 'mailx -s trois alice < /tmp/corps'
check "delivery goes on after mailx has rewritten the file" holds /var/mail/alice '^Subject: trois'
as alice 's-nail -S quiet -Y "headers" -Y "x"' < /dev/null > /tmp/list 2>&1
check "both are there, one of them new" sh -c "grep -q '^[> ]N.*trois' /tmp/list && grep -q 'deux' /tmp/list && ! grep -q coucou /tmp/list || { cat /tmp/list; false; }"
