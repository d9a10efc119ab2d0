#!/bin/bash
# Berkeley DB files that our postmap and Debian's write: each reads the other's, also while it is rebuilt.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
configure
peer postfix /peer || { echo "skipped - Debian's postmap: no package of postfix in .build/peers"; exit 0; }
mkdir -p /peer/conf; echo 'compatibility_level = 3.6' > /peer/conf/main.cf
theirs() { local p=$1; shift; LD_LIBRARY_PATH=/peer/usr/lib/postfix "/peer/usr/sbin/$p" -c /peer/conf "$@"; }
is() { [ "$("${@:2}")" = "$1" ]; }

cd /tmp
printf 'example.org smtp:[relay]\nTWO Words\n  go on\n"a b" c\n' > t
for type in hash btree; do
    rm -f t.db; postmap $type:t
    check "theirs reads our $type table" is 'smtp:[relay]' theirs postmap -q example.org $type:t
    check "theirs lists our $type table" sh -c "[ \$(LD_LIBRARY_PATH=/peer/usr/lib/postfix /peer/usr/sbin/postmap -c /peer/conf -s $type:t | wc -l) = 3 ]"
    rm -f t.db; theirs postmap $type:t
    check "ours reads their $type table" is 'smtp:[relay]' postmap -q example.org $type:t
    check "ours folds the key of their $type table" is 'Words  go on' postmap -q Two $type:t
    check "ours adds to their $type table" sh -c "echo 'new entry' | postmap -i $type:t"
    check "theirs sees what ours added to $type" is entry theirs postmap -q new $type:t
    check "ours deletes from their $type table" postmap -d new $type:t
    check "theirs misses what ours deleted from $type" sh -c "! LD_LIBRARY_PATH=/peer/usr/lib/postfix /peer/usr/sbin/postmap -c /peer/conf -q new $type:t"
done
printf 'root: stagiaire\n"Big Boss": alice, "|cmd a"\n' > aliases
postalias hash:aliases
check "theirs reads our aliases" is stagiaire theirs postalias -q root hash:aliases
theirs postalias hash:aliases
check "ours reads their aliases" is 'alice, "|cmd a"' postalias -q 'big boss' hash:aliases

for i in $(seq 2000); do echo "key$i value$i"; done > big; postmap big
( for i in $(seq 15); do theirs postmap big; postmap big; done ) &
misses=0; for i in $(seq 150); do [ "$(postmap -q key$((i * 13)) big 2>&1)" = "value$((i * 13))" ] || misses=$((misses + 1)); done; wait
check "no lookup fails while both rebuild the table ($misses of 150)" test $misses = 0
