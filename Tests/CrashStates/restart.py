"""What is another on a machine that was started anew.

The side files of mboxes name the run of the machine; and the inode of the mailbox, which has another
number in a copy of the directory. A lock file that lost its content tells of no owner who could be
dead, and holds until it is stale: here that time has passed.
"""
import os, struct

MAGIC = b"mbox-journal 1\n"
OTHER_RUN = b"00000000-0000-4000-8000-000000000000"


def table():
    values = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xC96C5795D7870F42 if value & 1 else value >> 1
        values.append(value)
    return values


TABLE = table()


def checksum(octets):
    value = 0xFFFFFFFFFFFFFFFF
    for octet in octets:
        value = TABLE[(value ^ octet) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFFFFFFFFFF


def after_restart(octets, recorded, present):
    """The side file of the mailbox whose inode was `recorded` and is `present` now."""
    if not octets.startswith(MAGIC) or len(octets) < len(MAGIC) + 8:
        return octets
    start = len(MAGIC) + 8
    count = struct.unpack(">Q", octets[start - 8:start])[0]
    if count > 1000 or len(octets) < start + count + 8:
        return octets
    fields = bytearray(octets[start:start + count])
    if struct.pack(">Q", checksum(fields)) != octets[start + count:start + count + 8]:
        return octets
    if struct.unpack(">Q", fields[16:24])[0] == recorded:
        fields[16:24] = struct.pack(">Q", present)
    length = struct.unpack(">Q", fields[24:32])[0]
    if length == len(OTHER_RUN):
        fields[32:32 + length] = OTHER_RUN
    return octets[:start] + bytes(fields) + struct.pack(">Q", checksum(fields)) \
        + octets[start + count + 8:]


def mailbox(path):
    """The mailbox that a side file belongs to; None for another file."""
    directory, name = os.path.split(path)
    if name.startswith(b".") and name.endswith(b".journal"):
        return os.path.join(directory, name[1:-len(b".journal")])
    return None


def is_stale_lock(path, octets):
    return path.endswith(b".lock") and not octets.strip(b"\0")
