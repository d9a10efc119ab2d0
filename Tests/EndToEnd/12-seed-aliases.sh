#!/bin/bash
# Aliases of the courses: a chain to the trainee, a list, and first name dot last name (LAB 4).
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users trainee alice bob
configure
cat > /etc/aliases <<'A'
# Basic system aliases
mailer-daemon:	postmaster
postmaster:	root
bin:		root
# Person who should get root's mail
root:		trainee
admins:		bob, alice
bob.leponge:	bob
# Employee Accounts
mickey.mouse:	trainee
loop.a:		loop.b
loop.b:		loop.a, alice
A
touch /etc/aliases.test
check "the mail system starts" start_mta
check "newaliases has made a Berkeley DB file that Debian's tools read" sh -c "db5.3_dump -p /etc/aliases.db | grep -q 'mickey.mouse'"
check "postalias looks up what it has written" sh -c "postalias -q mickey.mouse hash:/etc/aliases | grep -qx trainee"
send() { smtp <<S
HELO me
MAIL from: trainee@formatux.lan
RCPT to: $1
DATA
Subject : test

Message de test $2
.
QUIT
S
}
send mickey.mouse@formatux.lan mickey > /tmp/session
check "the alias is accepted" sh -c "grep -c '^250' /tmp/session | grep -qx 4"
check "the log shows who it was sent to" logged 'to=<trainee@mail.formatux.lan>, orig_to=<mickey.mouse@formatux.lan>, relay=local, .*status=sent \(delivered to mailbox\)|to=<trainee@formatux.lan>, orig_to=<mickey.mouse@formatux.lan>, relay=local, .*status=sent \(delivered to mailbox\)'
check "trainee has it" holds /var/mail/trainee 'Message de test mickey'
send mailer-daemon chain > /dev/null
check "a chain of three aliases ends at trainee" holds /var/mail/trainee 'Message de test chain'
check "the log names the first" logged 'to=<trainee@.*>, orig_to=<mailer-daemon>'
send ADMINS list > /dev/null
check "a list in capitals reaches bob" holds /var/mail/bob 'Message de test list'
check "and alice" holds /var/mail/alice 'Message de test list'
send bob.leponge dot > /dev/null
check "first name dot last name reaches bob" holds /var/mail/bob 'Message de test dot'
send loop.a loop > /dev/null
check "a loop of aliases ends, and what is beside it is delivered once" sh -c "sleep 1; grep -c 'Message de test loop' /var/mail/alice | grep -qx 1"
send nobody.here gone > /tmp/session
check "an unknown user is refused" grep -q '^550 5.1.1 <nobody.here>: Recipient address rejected: User unknown in local recipient table$' /tmp/session
echo bob > /home/alice/.forward; chown alice: /home/alice/.forward
send alice forwarded > /dev/null
check "a .forward with a user sends the letter there" holds /var/mail/bob 'Message de test forwarded'
check "and not to alice" sh -c "! grep -q 'Message de test forwarded' /var/mail/alice"
echo alice > /home/bob/.forward; chown bob: /home/bob/.forward
send alice between > /dev/null
check "two users who forward to each other: the sender is told after one round" logged 'to=<alice@.*>, .*status=bounced \(mail forwarding loop for alice@'
check "and the letter is sent on only once" sh -c "[ \$(grep -c 'status=sent (forwarded as' $LOG) = 2 ]"
check "the sender has the notice" holds /var/mail/trainee 'mail forwarding loop for alice'
check "the queue is empty" sh -c "mailq | grep -qx 'Mail queue is empty'"
