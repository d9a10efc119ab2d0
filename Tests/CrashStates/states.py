"""Which states a file system may leave of a run that is cut off, at three levels.

At every level, what was synced before is there. Of the rest

    ext4      names, sizes and modes are one journal: any prefix of it, and a sync of anything writes
              all of it; content in any choice
    dirorder  each directory's names in their order, each file's sizes in their order, independently;
              only a sync of the directory writes its names, only one of the file its size
    posix     names in any choice, too

A rename happens or does not, at every level (but for `explore --apart`); it is written with the directory of its new name, and not
before what made the name that it moves. A page is written whole; one that is overwritten, by sectors.
A page that was lost inside the size reads as zeros.
"""
import itertools, random

LEVELS = ("ext4", "dirorder", "posix")
# Up to so many unwritten items every choice is looked at; beyond it, a share.
EVERY = 6
SAMPLES = 64


class States:
    """The states of one trace at one level."""

    def __init__(self, trace, level, seed=1):
        self.trace, self.level, self.items = trace, level, trace.items
        self.seed = seed

    def pending(self):
        """For each count of items that happened: (count, those that a crash may lose, new since)."""
        pending, last = [], 0
        yield 0, ()
        for place, item in enumerate(self.items):
            if item.kind == "sync":
                pending = [p for p in pending if not self.writes(item, self.items[p], pending)]
            elif item.kind != "mark":
                pending.append(place)
            yield place + 1, tuple(pending)

    def writes(self, sync, item, pending):
        """Whether the sync brings the item to the disk."""
        if sync.node is None:
            return True
        mine = item.node is sync.node and not item.is_name
        if mine and sync.data_only and item.kind in ("mode", "time"):
            mine = False
        if self.level == "ext4" and item.kind != "data":
            # What needs no commit of the journal makes none.
            return not sync.data_only or any(
                self.items[p].node is sync.node and self.items[p].kind in ("grow", "cut")
                for p in pending)
        if item.is_name:
            # A rename is written with the name that it gives.
            return sync.node is (item.target or item.node)
        return mine

    def needs(self, place, earlier):
        """The earlier pending items without which this one cannot be on the disk."""
        item = self.items[place]
        if item.behind in earlier:
            yield item.behind
        for p in earlier:
            other = self.items[p]
            if item.kind == "data":
                if other.kind == "data" and other.node is item.node and other.write != item.write \
                        and other.pages.start < item.pages.stop and item.pages.start < other.pages.stop:
                    yield p
            elif other.kind == "data":
                continue
            elif self.level == "ext4":
                yield p
            elif item.is_inode:
                if other.is_inode and other.node is item.node:
                    yield p
            elif not other.is_name:
                continue
            elif self.level == "dirorder" and any(node in item.directories for node in other.directories):
                yield p
            elif item.kind == "move" and other.child is item.child:
                # What gave the file the name that it loses here.
                if (item.node, item.name) in ((other.node, other.name), (other.target, other.target_name)):
                    yield p

    def choices(self, count, pending):
        """The sets of pending items that may be on the disk, as tuples."""
        needs = {}
        for index, place in enumerate(pending):
            direct = list(self.needs(place, pending[:index]))
            needs[place] = frozenset(direct).union(*(needs[p] for p in direct))

        def closed(chosen):
            return frozenset(chosen).union(*(needs[p] for p in chosen))

        found = set()
        if len(pending) <= EVERY:
            for bits in itertools.product((False, True), repeat=len(pending)):
                chosen = frozenset(p for p, bit in zip(pending, bits) if bit)
                if closed(chosen) == chosen:
                    found.add(chosen)
            return found
        for end in range(len(pending) + 1):
            found.add(closed(pending[:end]))
        data = [p for p in pending if self.items[p].kind == "data"]
        rest = [p for p in pending if self.items[p].kind != "data"]
        for end in range(len(rest) + 1):
            # Names and sizes that came to the disk before any of the content, and after all of it.
            found.add(closed(rest[:end]))
            found.add(closed(rest[:end] + data))
        for place in pending:
            found.add(closed([place]))
            found.add(frozenset(p for p in pending if p != place and place not in needs[p]))
        chance = random.Random("%d %s %d" % (self.seed, self.level, count))
        for _ in range(SAMPLES):
            share = chance.random()
            found.add(closed([p for p in pending if chance.random() < share]))
        return found

    def every(self):
        """(count, chosen) for all states, those of the same items and acknowledgement once."""
        seen, durable = set(), set()
        for count, pending in self.pending():
            happened = [p for p in range(count) if self.items[p].kind not in ("sync", "mark")]
            durable = frozenset(happened) - frozenset(pending)
            marks = sum(self.items[p].kind == "mark" for p in range(count))
            for chosen in sorted(self.choices(count, pending), key=sorted):
                key = (durable | chosen, marks)
                if key not in seen:
                    seen.add(key)
                    yield count, tuple(sorted(durable | chosen)), marks


class Image:
    """What a crashed disk holds: built from the tree before the run and the items that survived."""

    def __init__(self, trace, chosen):
        self.names, self.sizes, self.pages = {}, {}, {}
        self.modes, self.times = {}, {}
        self.trace = trace
        for place in chosen:
            self.apply(trace.items[place])

    def entries(self, node):
        return self.names.setdefault(node, dict(node.entries_before))

    def content(self, node):
        """[octets, size]: what was ever written, and how much of it counts."""
        if node not in self.pages:
            self.pages[node] = bytearray(node.start)
            self.sizes[node] = len(node.start)
        return self.pages[node]

    def apply(self, item):
        if item.kind == "data":
            content = self.content(item.node)
            end = item.place + len(item.octets)
            if len(content) < end:
                content.extend(bytes(end - len(content)))
            content[item.place:end] = item.octets
        elif item.kind in ("grow", "cut"):
            content = self.content(item.node)
            if item.kind == "cut":
                content[item.size:] = bytes(max(0, len(content) - item.size))
            self.sizes[item.node] = item.size
        elif item.kind == "mode":
            self.modes[item.node] = item.value
        elif item.kind == "time":
            self.times[item.node] = item.value
            return
        elif item.kind == "add":
            self.entries(item.node)[item.name] = item.child
        elif item.kind == "del":
            self.entries(item.node).pop(item.name, None)
        elif item.kind == "move":
            source = self.entries(item.node)
            if source.get(item.name) is item.child:
                del source[item.name]
            self.entries(item.target)[item.target_name] = item.child
        self.times[item.node] = item.when

    def octets(self, node):
        if node not in self.pages:
            return node.start
        size = self.sizes[node]
        content = bytes(self.pages[node][:size])
        return content + bytes(size - len(content))

    def walk(self, node=None, path=b""):
        """(path, node) of everything that can be reached, directories first."""
        node = node or self.trace.tree
        entries = self.names.get(node, node.entries_before)
        for name in sorted(entries):
            child = entries[name]
            yield path + name, child
            if child.kind == "dir":
                yield from self.walk(child, path + name + b"/")

    def key(self):
        """Equal for states that cannot be told apart."""
        links = {}
        return tuple(
            (path, node.kind, self.modes.get(node, node.mode), links.setdefault(node, len(links)),
             hash(self.octets(node)) if node.kind in ("file", "link") else 0)
            for path, node in self.walk())
