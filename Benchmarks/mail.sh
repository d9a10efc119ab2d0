#!/bin/bash
# mail.sh (on a throwaway machine): messages per second from 20 SMTP sessions of 4 KiB letters into a
# Maildir, Postfix and Malleposte in turn on the same disk, three rounds; and the raw rate of "write, sync,
# rename, sync directory" there. Both count until the last letter is in new/.
. "$PROJECT/Tests/EndToEnd/lib.sh"
count=${COUNT:-2000}
. "$PROJECT/Benchmarks/hosts.sh" || { echo "mail: not measured: no postfix package"; exit 0; }

raw() { # the same syncs without a mail system: one letter is a file synced, renamed, its directory synced; twice
    python3 - /disk/raw "$count" "$size" <<'P'
import os, sys, time
top, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(top + "/tmp"); os.makedirs(top + "/new")
start = time.time()
for i in range(count):
    fd = os.open(f"{top}/tmp/{i}", os.O_WRONLY | os.O_CREAT)
    os.write(fd, b"x" * size); os.fsync(fd); os.close(fd)
    os.rename(f"{top}/tmp/{i}", f"{top}/new/{i}")
    d = os.open(top + "/new", os.O_RDONLY); os.fsync(d); os.close(d)
print(f"raw: write, sync, rename, sync directory, one at a time: {count / (time.time() - start):.0f} letters/s")
P
    rm -rf /disk/raw
}

raw
in_turn
raw
