"""pop3-client.py HOST PORT USER PASSWORD: Python's own POP3 client against a maildrop of two letters, `one` and `two`."""
import poplib
import sys

host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def login():
    box = poplib.POP3(host, port, timeout=20)
    assert "UIDL" in box.capa(), box.capa()
    box.user(user)
    box.pass_(password)
    return box


box = login()
count, size = box.stat()
assert count == 2, count
listing = [line.split() for line in box.list()[1]]
assert sum(int(octets) for _, octets in listing) == size
uids = box.uidl()[1]
assert len(set(line.split()[1] for line in uids)) == 2, uids
for number, octets in listing:
    lines = box.retr(int(number))[1]
    got = sum(len(line) + 2 for line in lines)
    assert got == int(octets), (got, octets)
    assert b".dot" in lines, lines
assert box.top(1, 0)[1][-1] == b"", box.top(1, 0)
box.dele(1)
box.rset()
box.dele(1)
box.close()  # without QUIT

box = login()
assert box.stat()[0] == 2, "deleted without QUIT"
assert box.uidl()[1] == uids, "UIDL changed"
box.dele(1)
assert b"Sayonara" in box.quit()

box = login()
assert box.stat()[0] == 1
assert box.uidl()[1][0].split()[1] == uids[1].split()[1], "UIDL changed when another letter went"
try:
    other = login()
    raise SystemExit("a second session was let in")
except poplib.error_proto as error:
    assert b"[IN-USE]" in error.args[0], error
box.quit()
