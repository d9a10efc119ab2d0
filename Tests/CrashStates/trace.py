"""Turns what strace wrote into operations on the files below one directory.

The operations are kept in the order in which the calls returned. Each belongs to one call; what a
call does to several pages, or to a page and a size, are several operations, for a disk may have one
without the other.
"""
import os, re, stat

PAGE = 4096
SECTOR = 512
# The calls that change files, names, or which descriptor stands for what.
CALLS = ("open openat openat2 creat close close_range dup dup2 dup3 fcntl clone clone3 fork vfork execve "
         "chdir fchdir read readv lseek write pwrite64 writev pwritev pwritev2 sendto sendmsg sendfile "
         "copy_file_range splice ftruncate truncate fallocate fsync fdatasync sync_file_range sync syncfs "
         "rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir "
         "chmod fchmod fchmodat utimensat mmap ioctl exit_group").split()
COMMAND = ["strace", "-f", "-qqq", "--seccomp-bpf", "-ttt", "-xx", "-y", "-s", "33554432",
           "-e", "trace=?" + ",?".join(CALLS), "-e", "signal=none"]
LINE = re.compile(r"(\d+) +(\d+\.\d+) (\w+)\((.*?)\) += (-?\d+|\?|0x\w+)(<[^>]*>)?.*$")
BEGUN = re.compile(r"(\d+) +(\d+\.\d+) (\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
HERE = b"/proc/self/cwd/"
FORKS = ("clone", "clone3", "fork", "vfork")


def octets(text):
    """The octets of strace's `\\x2f\\x74`, with or without quotes."""
    return bytes.fromhex(text.strip('"').replace("\\x", ""))


class Node:
    """A file or directory: one inode."""

    def __init__(self, kind, mode, data=b"", modified=0.0, inode=None):
        self.kind, self.mode, self.modified, self.inode = kind, mode, modified, inode
        self.start = bytes(data)
        # As the running programs see it.
        self.live = bytearray(data) if kind == "file" else data
        self.entries, self.entries_before = {}, {}


class Item:
    """One change that reaches the disk as a whole or not at all.

    Kinds: `data` (place, octets), `grow` and `cut` (size), `mode`, `time` of a file; `add`, `del`,
    `move` of names. `sync` and `mark` are no changes.
    """

    def __init__(self, kind, node, call, **rest):
        self.kind, self.node, self.call = kind, node, call
        self.place = self.octets = self.size = self.value = self.name = None
        self.target = self.target_name = self.child = self.write = None
        self.data_only = False
        # The place of an item without which this one is not on the disk.
        self.behind = None
        self.__dict__.update(rest)

    @property
    def is_inode(self):
        return self.kind in ("grow", "cut", "mode", "time")

    @property
    def is_name(self):
        return self.kind in ("add", "del", "move")

    @property
    def pages(self):
        return range(self.place // PAGE, (self.place + len(self.octets) - 1) // PAGE + 1)

    @property
    def directories(self):
        return [node for node in (self.node, self.target) if node is not None]

    def __str__(self):
        what = {"data": lambda: "octets %d..%d" % (self.place, self.place + len(self.octets)),
                "grow": lambda: "size %d" % self.size, "cut": lambda: "cut to %d" % self.size}
        return "%s of %s" % (what.get(self.kind, lambda: self.kind)(), self.call)


class Open:
    """An open file description: shared by descriptors that were duplicated or inherited."""

    def __init__(self, node, appends=False, position=0, path=None):
        self.node, self.appends, self.position, self.path = node, appends, position, path


class Trace:
    def __init__(self, root, acknowledgement=None, apart=False):
        """Reads the tree below `root` as it is before the run; `apart` as of `explore`."""
        self.root, self.apart = os.path.realpath(root), apart
        self.items, self.output = [], b""
        self.acknowledgement = acknowledgement and re.compile(acknowledgement.encode())
        self.files = {}
        self.tree = self.read(self.root)
        status = os.stat(self.root)
        self.owner = status.st_uid, status.st_gid
        self.tables, self.directories, self.parents = {}, {}, {}
        self.now, self.call = 0.0, ""

    def finish(self):
        """Notes the inodes that files made in the run have got."""
        def note(node, path):
            for name, child in node.entries.items():
                below = os.path.join(path, os.fsdecode(name))
                if child.kind == "dir":
                    note(child, below)
                elif os.path.lexists(below):
                    child.inode = os.lstat(below).st_ino
        note(self.tree, self.root)

    def read(self, path):
        status = os.lstat(path)
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISDIR(status.st_mode):
            node = Node("dir", mode, modified=status.st_mtime, inode=status.st_ino)
            for name in sorted(os.listdir(path)):
                node.entries[os.fsencode(name)] = self.read(os.path.join(path, name))
            node.entries_before = dict(node.entries)
            return node
        if stat.S_ISLNK(status.st_mode):
            return Node("link", mode, os.fsencode(os.readlink(path)), status.st_mtime, status.st_ino)
        if stat.S_ISSOCK(status.st_mode):
            return Node("socket", mode, b"", status.st_mtime, status.st_ino)
        # A file may have several names.
        if status.st_ino not in self.files:
            with open(path, "rb") as file:
                self.files[status.st_ino] = Node("file", mode, file.read(), status.st_mtime, status.st_ino)
        return self.files[status.st_ino]

    # Paths.

    def find(self, path):
        """(directory node, name) for an absolute path below the root; None when it lies outside."""
        path = os.path.normpath(path)
        root = os.fsencode(self.root)
        if path == root:
            return self.tree, None
        if not path.startswith(root + b"/"):
            real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            if not real.startswith(root + b"/"):
                return None
            path = real
        node = self.tree
        parts = path[len(root) + 1:].split(b"/")
        for part in parts[:-1]:
            node = node.entries.get(part)
            if node is None or node.kind != "dir":
                return None
        return node, parts[-1]

    def node(self, path):
        place = self.find(path)
        if place is None:
            return None
        directory, name = place
        return directory if name is None else directory.entries.get(name)

    def absolute(self, pid, path, base=None):
        """`base` is strace's `3<\\x2f…>` or `AT_FDCWD<…>`."""
        if path.startswith(HERE):
            return self.directories.get(pid, b"/") + b"/" + path[len(HERE):]
        if path.startswith(b"/"):
            return path
        if base and "<" in base:
            return octets(base[base.index("<") + 1:base.rindex(">")]) + b"/" + path
        return self.directories.get(pid, b"/") + b"/" + path

    # Descriptors.

    def table(self, pid):
        if pid not in self.tables:
            parent = self.parents.get(pid)
            self.tables[pid] = dict(self.tables.get(parent, {}))
            self.directories[pid] = self.directories.get(parent, os.fsencode(self.root))
        return self.tables[pid]

    def open(self, pid, argument):
        """What strace's `3<\\x2f…>` stands for; None for what is no file of the tree."""
        number, _, rest = argument.partition("<")
        table = self.table(pid)
        if int(number) in table:
            return table[int(number)]
        # Passed by another process, or opened before the trace began.
        path = octets(rest[:-1]) if rest.endswith(">") and rest.startswith("\\x2f") else b""
        found = Open(self.node(path) if path else None, path=path)
        table[int(number)] = found
        return found

    # Lines.

    def follow(self, paths, marks=()):
        """Reads the whole of what one or several straces wrote, with `marks`: (time, value)."""
        whole = [("", repr(when), "mark", value, "0", None) for when, value in marks]
        for path in paths:
            whole += self.calls(path)
        if len(paths) > 1 or marks:
            whole.sort(key=lambda call: float(call[1]))
        for pid, _, call, _, result, _ in whole:
            if call in FORKS and result.isdigit() and int(result) > 0:
                self.parents.setdefault(result, pid)
        for pid, when, call, arguments, result, _ in whole:
            self.now = float(when)
            if call == "mark":
                self.call = ""
                self.emit("mark", None, value=arguments)
                continue
            self.table(pid)
            if result.startswith("-") or (result == "?" and call != "exit_group"):
                continue
            if call in FORKS:
                # What the parent opens and closes from now on is not its child's.
                self.table(result)
            handler = getattr(self, "do_" + call, None)
            if handler is None:
                continue
            self.call = call
            value = int(result, 16) if result.startswith("0x") else int(result) if result != "?" else 0
            handler(pid, arguments.split(", ") if arguments else [], value)

    def calls(self, path):
        """The calls in strace's output, in the order in which they returned."""
        unfinished, whole = {}, []
        for line in open(path, errors="replace").read().split("\n"):
            begun = BEGUN.match(line)
            if begun:
                unfinished[begun.group(1)] = begun
                continue
            resumed = RESUMED.match(line)
            if resumed:
                begun = unfinished.pop(resumed.group(1), None)
                if begun is None:
                    continue
                line = "%s %s %s(%s%s" % (begun.group(1), resumed.group(2), begun.group(3),
                                          begun.group(4), resumed.group(4))
            found = LINE.match(line)
            if found:
                whole.append(found.groups())
        return whole

    def emit(self, kind, node, **rest):
        item = Item(kind, node, self.call, when=self.now, **rest)
        self.items.append(item)
        return item

    def describe(self, place):
        directory, name = place
        self.call += " " + (os.fsdecode(name) if name else ".")

    # Opening and closing.

    def opened(self, pid, path, flags, mode, result):
        self.table(pid)[result] = found = Open(None, "O_APPEND" in flags, path=path)
        if "O_SYNC" in flags or "O_DSYNC" in flags:
            raise ValueError("O_SYNC is not modelled: " + os.fsdecode(path))
        if "O_TMPFILE" in flags:
            if self.find(path + b"/x"):
                found.node = Node("file", int(mode or "0", 8) & 0o700 | 0o600)
            return
        place = self.find(path)
        if place is None:
            return
        directory, name = place
        if name is None:
            found.node = directory
            return
        node = directory.entries.get(name)
        self.describe(place)
        if node is None:
            if "O_CREAT" not in flags:
                return
            node = Node("file", int(mode or "0", 8) & ~0o022)
            directory.entries[name] = node
            self.emit("add", directory, name=name, child=node)
        elif "O_TRUNC" in flags and node.live:
            self.cut(node, 0)
        found.node = node

    def do_open(self, pid, a, result):
        self.opened(pid, self.absolute(pid, octets(a[0])), a[1], a[2] if len(a) > 2 else None, result)

    def do_creat(self, pid, a, result):
        self.opened(pid, self.absolute(pid, octets(a[0])), "O_CREAT|O_TRUNC", a[1], result)

    def do_openat(self, pid, a, result):
        self.opened(pid, self.absolute(pid, octets(a[1]), a[0]), a[2], a[3] if len(a) > 3 else None, result)

    def do_openat2(self, pid, a, result):
        flags = a[2]
        self.opened(pid, self.absolute(pid, octets(a[1]), a[0]), flags, None, result)

    def do_close(self, pid, a, _):
        self.table(pid).pop(int(a[0].split("<")[0]), None)

    def do_close_range(self, pid, a, _):
        if "CLOEXEC" not in a[2]:
            for number in [n for n in self.table(pid) if int(a[0]) <= n <= int(a[1])]:
                del self.table(pid)[number]

    def do_dup(self, pid, a, result):
        self.table(pid)[result] = self.open(pid, a[0])

    def do_dup2(self, pid, a, result):
        self.table(pid)[result] = self.open(pid, a[0])

    do_dup3 = do_dup2

    def do_fcntl(self, pid, a, result):
        if a[1].startswith("F_DUPFD"):
            self.table(pid)[result] = self.open(pid, a[0])

    def do_execve(self, pid, a, result):
        # Which descriptors stay open shows when they are used: strace writes their paths.
        pass

    def do_chdir(self, pid, a, _):
        self.directories[pid] = self.absolute(pid, octets(a[0]))

    def do_fchdir(self, pid, a, _):
        self.directories[pid] = self.open(pid, a[0]).path or b"/"

    def do_lseek(self, pid, a, result):
        self.open(pid, a[0]).position = result

    def do_read(self, pid, a, result):
        self.open(pid, a[0]).position += result

    do_readv = do_read

    def do_mmap(self, pid, a, _):
        if "MAP_SHARED" in a[3] and "PROT_WRITE" in a[2] and "<" in a[4] and self.open(pid, a[4]).node:
            raise ValueError("a file that is changed through memory is not modelled")

    # Content.

    def put(self, pid, found, data, place=None):
        """A write of `data`; at the file's position when `place` is nil."""
        node = found.node
        if node is None:
            self.heard(data)
            return
        if node.kind != "file":
            return
        if place is None:
            place = len(node.live) if found.appends else found.position
            found.position = place + len(data)
        old = len(node.live)
        if place + len(data) > old:
            node.live.extend(bytes(place + len(data) - old))
            self.emit("grow", node, size=place + len(data))
        node.live[place:place + len(data)] = data
        self.describe((None, found.path and os.path.basename(found.path)))
        # What is overwritten in place is written sector by sector; what is new, page by page.
        number = len(self.items)
        unit = SECTOR if place < old and len(data) <= PAGE else PAGE
        start = 0
        while start < len(data):
            end = min(len(data), start + unit - (place + start) % unit)
            self.emit("data", node, place=place + start, octets=bytes(data[start:end]), write=number)
            start = end

    def heard(self, data):
        """Something was said to the outside."""
        self.output += data
        found = self.acknowledgement and self.acknowledgement.search(self.output)
        if found and not any(item.kind == "mark" for item in self.items):
            self.emit("mark", None, value=found.group(0))

    def do_write(self, pid, a, result):
        self.put(pid, self.open(pid, a[0]), octets(a[1])[:result])

    def do_pwrite64(self, pid, a, result):
        self.put(pid, self.open(pid, a[0]), octets(a[1])[:result], int(a[3]))

    def vectors(self, a):
        return b"".join(octets(text) for text in TEXT.findall(", ".join(a[1:])))

    def do_writev(self, pid, a, result):
        self.put(pid, self.open(pid, a[0]), self.vectors(a)[:result])

    def do_pwritev(self, pid, a, result):
        self.put(pid, self.open(pid, a[0]), self.vectors(a)[:result], int(a[-1]))

    def do_sendto(self, pid, a, result):
        self.heard(self.vectors(a)[:result])

    def do_sendmsg(self, pid, a, result):
        self.heard(self.vectors(a)[:result])

    def copied(self, pid, source, target, offset, count):
        if target.node is None:
            return
        if source.node is not None:
            data = bytes(source.node.live)
        else:
            data = open(source.path, "rb").read()
        start = source.position if offset is None else offset
        if offset is None:
            source.position += count
        self.put(pid, target, data[start:start + count])

    def do_sendfile(self, pid, a, result):
        offset = None if a[2] == "NULL" else int(re.search(r"\d+", a[2]).group())
        self.copied(pid, self.open(pid, a[1]), self.open(pid, a[0]), offset, result)

    def do_copy_file_range(self, pid, a, result):
        if a[3] != "NULL":
            raise ValueError("copy_file_range to an offset is not modelled")
        offset = None if a[1] == "NULL" else int(re.search(r"\d+", a[1]).group())
        self.copied(pid, self.open(pid, a[0]), self.open(pid, a[2]), offset, result)

    def cut(self, node, size):
        if size > len(node.live):
            node.live.extend(bytes(size - len(node.live)))
            self.emit("grow", node, size=size)
        elif size < len(node.live):
            del node.live[size:]
            self.emit("cut", node, size=size)

    def do_ftruncate(self, pid, a, _):
        found = self.open(pid, a[0])
        if found.node is not None:
            self.describe((None, os.path.basename(found.path)))
            self.cut(found.node, int(a[1]))

    def do_truncate(self, pid, a, _):
        node = self.node(self.absolute(pid, octets(a[0])))
        if node is not None:
            self.cut(node, int(a[1]))

    def do_fallocate(self, pid, a, _):
        node = self.open(pid, a[0]).node
        if node is not None and "KEEP_SIZE" not in a[1]:
            self.cut(node, max(len(node.live), int(a[2]) + int(a[3])))

    # Attributes.

    def attribute(self, node, kind, value):
        if node is not None:
            self.emit(kind, node, value=value)

    def do_fchmod(self, pid, a, _):
        self.attribute(self.open(pid, a[0]).node, "mode", int(a[1], 8))

    def do_chmod(self, pid, a, _):
        self.attribute(self.node(self.absolute(pid, octets(a[0]))), "mode", int(a[1], 8))

    def do_fchmodat(self, pid, a, _):
        self.attribute(self.node(self.absolute(pid, octets(a[1]), a[0])), "mode", int(a[2], 8))

    def do_utimensat(self, pid, a, _):
        modified = re.findall(r"\{tv_sec=(\d+), tv_nsec=(\d+)\}|(UTIME_\w+)", ", ".join(a[2:]))
        if a[1] == "NULL":
            node = self.open(pid, a[0]).node
        else:
            node = self.node(self.absolute(pid, octets(a[1]), a[0]))
        if len(modified) == 2 and modified[1][2] != "UTIME_OMIT":
            self.attribute(node, "time", int(modified[1][0]) if modified[1][0] else self.now)

    # Names.

    def add(self, path, child):
        place = self.find(path)
        if place is None:
            return
        self.describe(place)
        directory, name = place
        directory.entries[name] = child
        self.emit("add", directory, name=name, child=child)

    def remove(self, path):
        place = self.find(path)
        if place is None or place[0].entries.pop(place[1], None) is None:
            return
        self.describe(place)
        self.emit("del", place[0], name=place[1])

    def move(self, old, new):
        source, target = self.find(old), self.find(new)
        if source is None or target is None:
            if source is not None or target is not None:
                raise ValueError("a move across the border of the tree is not modelled")
            return
        child = source[0].entries.pop(source[1])
        target[0].entries[target[1]] = child
        self.describe(target)
        if self.apart and source[0] is not target[0]:
            self.emit("add", target[0], name=target[1], child=child)
            self.emit("del", source[0], name=source[1], behind=len(self.items) - 1)
            return
        self.emit("move", source[0], name=source[1], target=target[0], target_name=target[1], child=child)

    def do_rename(self, pid, a, _):
        self.move(self.absolute(pid, octets(a[0])), self.absolute(pid, octets(a[1])))

    def do_renameat(self, pid, a, _):
        self.move(self.absolute(pid, octets(a[1]), a[0]), self.absolute(pid, octets(a[3]), a[2]))

    do_renameat2 = do_renameat

    def do_link(self, pid, a, _):
        node = self.node(self.absolute(pid, octets(a[0])))
        if node is not None:
            self.add(self.absolute(pid, octets(a[1])), node)

    def do_linkat(self, pid, a, _):
        source = octets(a[1])
        if source == b"":
            node = self.open(pid, a[0]).node
        elif source.startswith(b"/proc/self/fd/"):
            node = self.table(pid).get(int(source.rsplit(b"/", 1)[1]), Open(None)).node
        else:
            node = self.node(self.absolute(pid, source, a[0]))
        if node is not None:
            self.add(self.absolute(pid, octets(a[3]), a[2]), node)

    def do_symlink(self, pid, a, _):
        self.add(self.absolute(pid, octets(a[1])), Node("link", 0o777, octets(a[0])))

    def do_symlinkat(self, pid, a, _):
        self.add(self.absolute(pid, octets(a[2]), a[1]), Node("link", 0o777, octets(a[0])))

    def do_unlink(self, pid, a, _):
        self.remove(self.absolute(pid, octets(a[0])))

    do_rmdir = do_unlink

    def do_unlinkat(self, pid, a, _):
        self.remove(self.absolute(pid, octets(a[1]), a[0]))

    def do_mkdir(self, pid, a, _):
        self.add(self.absolute(pid, octets(a[0])), Node("dir", int(a[1], 8), modified=self.now))

    def do_mkdirat(self, pid, a, _):
        self.add(self.absolute(pid, octets(a[1]), a[0]), Node("dir", int(a[2], 8), modified=self.now))

    # Syncs.

    def do_fsync(self, pid, a, _):
        found = self.open(pid, a[0])
        if found.node is not None:
            self.describe((None, os.path.basename(found.path or b"")))
            self.emit("sync", found.node)

    def do_fdatasync(self, pid, a, _):
        found = self.open(pid, a[0])
        if found.node is not None:
            self.describe((None, os.path.basename(found.path or b"")))
            self.emit("sync", found.node, data_only=True)

    def do_sync(self, pid, a, _):
        self.emit("sync", None)

    def do_syncfs(self, pid, a, _):
        if self.open(pid, a[0]).node is not None:
            self.emit("sync", None)
