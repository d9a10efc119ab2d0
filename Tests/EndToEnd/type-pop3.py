"""type-pop3.py ADDRESS [SOURCE [PORT]] < lines: types POP3 commands one by one, waits for each whole reply."""
import socket
import sys

address = sys.argv[1]
source = (sys.argv[2], 0) if len(sys.argv) > 2 else None
port = int(sys.argv[3]) if len(sys.argv) > 3 else 110
connection = socket.create_connection((address, port), timeout=30, source_address=source)
stream = connection.makefile("rwb")


def reply(command):
    line = stream.readline()
    sys.stdout.write(line.decode("latin-1").replace("\r\n", "\n"))
    words = command.upper().split()
    many = words and (words[0] in ("RETR", "TOP", "CAPA") or (words[0] in ("LIST", "UIDL") and len(words) == 1))
    while many and line.startswith(b"+OK"):
        more = stream.readline()
        sys.stdout.write(more.decode("latin-1").replace("\r\n", "\n"))
        if more in (b".\r\n", b""):
            break


reply("")
for command in sys.stdin:
    stream.write(command.rstrip("\n").encode() + b"\r\n")
    stream.flush()
    reply(command)
