"""type-smtp.py HOST PORT: types the lines of standard input as a person over telnet would, waiting for each
reply, and prints the replies. The lines after a 354 are content as far as the dot."""
import socket
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
stream = connection.makefile("rwb")


def reply():
    while True:
        line = stream.readline().decode("latin1").rstrip("\r\n")
        if not line:
            print("(closed)")
            sys.exit(0)
        print(line)
        if line[3:4] != "-":
            return line


reply()
in_data = False
for line in sys.stdin:
    line = line.rstrip("\n")
    stream.write(line.encode("utf-8") + b"\r\n")
    stream.flush()
    if in_data:
        if line == ".":
            in_data = False
            reply()
    elif reply().startswith("354"):
        in_data = True
