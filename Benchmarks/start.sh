#!/bin/bash
# start.sh (on a throwaway machine): milliseconds from exec to greeting of ipop3d and imapd as inetd starts
# them, beside /bin/true and, where its packages are there, Dovecot's servers in the same way.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users bench
python3 - <<'P'
import os, socket, statistics, subprocess, sys, time


def greet(command):
    """Milliseconds until the first line comes from a server started on a socket pair, as inetd does."""
    ours, theirs = socket.socketpair()
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    theirs.close()
    line = ours.makefile("rb").readline()
    spent = (time.perf_counter() - start) * 1000
    ours.close()
    child.wait()
    return spent, line


def run(command):
    start = time.perf_counter()
    subprocess.run(command)
    return (time.perf_counter() - start) * 1000, b"-"


rows = {"/bin/true (start and end)": lambda: run(["/bin/true"]),
        "ipop3d": lambda: greet(["/usr/local/sbin/ipop3d"]),
        "imapd": lambda: greet(["/usr/local/sbin/imapd"])}
times = {name: [] for name in rows}
for turn in range(200):
    for name, row in rows.items():
        spent, line = row()
        if not line:
            sys.exit(f"{name}: no greeting")
        times[name].append(spent)
for name, values in times.items():
    print(f"{name:28} median {statistics.median(values):6.2f} ms  p90 {sorted(values)[180]:6.2f} ms")
P
