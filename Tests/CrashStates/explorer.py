"""The explorer: records a case, makes every state that a crash may leave of it, and judges each."""
import collections, multiprocessing, os, random, re, shutil, subprocess, sys

import restart, states, trace, trials


def record(case, name, inject="", apart=False):
    """Runs the case without a crash under strace and yields the trace."""
    directory = case.copy("record")
    log = directory + ".trace"
    recording = trace.Trace(directory, case.acknowledgement, apart)
    with open(directory + ".output", "wb") as output:
        done = subprocess.run(
            trace.COMMAND + (["-e", "inject=" + inject] if inject else []) + ["-o", log]
            + trials.arguments(case.run),
            cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            timeout=trials.TIMEOUT)
    recording.follow([log])
    recording.finish()
    output = open(directory + ".output", "rb").read()
    status = case.status(done.returncode, output)
    if not case.acknowledgement:
        recording.emit("mark", None, value=b"exit")
    recording.status = status
    if status != 0 and not inject:
        sys.exit("%s: the run fails: %s" % (name, output.decode(errors="replace").strip()))
    verify(recording, directory)
    return recording


def verify(recording, directory):
    """The model must end with the files that are really there."""
    everything = [p for p, item in enumerate(recording.items) if item.kind not in ("sync", "mark")]
    image = states.Image(recording, everything)
    modelled = {os.fsdecode(path): (node.kind, image.octets(node) if node.kind == "file" else b"")
                for path, node in image.walk()}
    real = states.Image(trace.Trace(directory), [])
    present = {os.fsdecode(path): (node.kind, node.start if node.kind == "file" else b"")
               for path, node in real.walk()}
    if modelled != present:
        different = [path for path in sorted(set(modelled) | set(present))
                     if modelled.get(path) != present.get(path)]
        sys.exit("explore: the recording does not explain %s" % ", ".join(different))


def materialise(image, directory):
    """Writes the state into an empty directory."""
    made, side = {}, []
    for path, node in image.walk():
        place = os.path.join(os.fsencode(directory), path)
        if node.kind == "dir":
            os.mkdir(place)
        elif node.kind == "file" and restart.is_stale_lock(path, image.octets(node)):
            continue
        elif node in made:
            os.link(made[node], place)
            continue
        elif node.kind == "socket":
            continue
        elif node.kind == "link":
            os.symlink(node.start, place)
        elif node.kind == "file":
            with open(place, "wb") as file:
                file.write(image.octets(node))
            if restart.mailbox(place):
                side.append((place, node))
        made[node] = place
    paths = dict(image.walk())
    for place, node in side:
        box = paths.get(os.path.relpath(restart.mailbox(place), os.fsencode(directory)))
        if box is not None:
            with open(place, "wb") as file:
                file.write(restart.after_restart(image.octets(node), box.inode,
                                                 os.stat(made[box]).st_ino))
    made[image.trace.tree] = os.fsencode(directory)
    owner = image.trace.owner
    for node, place in reversed(made.items()):
        if os.geteuid() == 0:
            os.lchown(place, *owner)
        if node.kind in ("file", "dir"):
            os.chmod(place, image.modes.get(node, node.mode))
            time = image.times.get(node, node.modified)
            os.utime(place, (time, time))


def add_options(parser):
    parser.add_argument("--levels", type=lambda text: text.split(","), default=list(states.LEVELS))
    parser.add_argument("--expect", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--inject", default="")
    parser.add_argument("--apart", action="store_true")


class Explorer:
    trials_per_process = None

    def __init__(self, options, case, recording=None):
        self.options, self.case = options, case
        self.recording = recording or record(case, options.name, options.inject, options.apart)
        self.found = []

    def gather(self):
        """The different states of all levels: key -> (count, chosen, marks, levels)."""
        states_found = {}
        for level in self.options.levels:
            for count, chosen, marks in states.States(self.recording, level).every():
                key = (states.Image(self.recording, chosen).key(), marks)
                entry = states_found.setdefault(key, (count, chosen, marks, []))
                if level not in entry[3]:
                    entry[3].append(level)
        return list(states_found.values())

    def trial(self, number):
        count, chosen, marks, _ = self.found[number]
        directory = os.path.join(self.case.base, "state%d" % number)
        os.mkdir(directory)
        materialise(states.Image(self.recording, chosen), directory)
        with open(directory + ".output", "wb") as file:
            if marks:
                file.write(self.recording.output)
        happened = [item.value for item in self.recording.items if item.kind == "mark"][:marks]
        problem = self.judge(directory, happened)
        if not (problem and self.options.keep):
            shutil.rmtree(directory)
        for suffix in (".output", ".log"):
            if os.path.exists(directory + suffix):
                os.remove(directory + suffix)
        return number, problem

    def judge(self, directory, marks):
        status = self.recording.status if marks else trials.KILLED
        return self.case.judge(directory, status, "crash", directory + ".output", in_process=True)

    def describe(self, number, problem):
        count, chosen, marks, levels = self.found[number]
        items = self.recording.items
        lost = [items[p] for p in range(count)
                if p not in set(chosen) and items[p].kind not in ("sync", "mark")]
        print("VIOLATION %s: %s" % (", ".join(levels), problem))
        print("  crash after: %s%s" % (items[count - 1] if count else "nothing",
                                       ", acknowledged" if marks else ""))
        print("  lost: %s" % ("; ".join(str(item) for item in lost[:8]) or "nothing")
              + (" and %d more" % (len(lost) - 8) if len(lost) > 8 else ""))
        if self.options.keep:
            print("  kept: %s/state%d" % (self.case.base, number))

    def share(self):
        """A share of the states, and some of the few in which nothing is left to be acknowledged."""
        last = max(marks for _, _, marks, _ in self.found)
        acknowledged = [number for number, state in enumerate(self.found) if state[2] == last]
        few = random.Random(1).sample(acknowledged, min(len(acknowledged), trials.LEAST // 2))
        return set(trials.share(range(len(self.found)), self.options)).union(few)

    def run(self):
        options = self.options
        if options.list:
            for place, item in enumerate(self.recording.items):
                print(place, item)
            return 0
        self.found = self.gather()
        total = len(self.found)
        # One loss among many states must not be missed.
        chosen = list(range(total)) if options.expect else sorted(self.share())
        counts, bad = collections.Counter(), collections.Counter()
        violations, matched = 0, set()
        with multiprocessing.get_context("fork").Pool(options.jobs, initializer=adopt,
                                                      initargs=(self,),
                                                      maxtasksperchild=self.trials_per_process) as pool:
            for number, problem in pool.imap(attempt, chosen, chunksize=1 if self.trials_per_process else 4):
                levels = self.found[number][3]
                counts.update(levels)
                if not problem:
                    continue
                violations += 1
                bad.update(levels)
                if options.expect and re.search(options.expect, problem):
                    matched.update(levels)
                if violations <= options.show and not options.expect:
                    self.describe(number, problem)
                if options.first:
                    break
        share = "" if len(chosen) == total else " (%d of %d)" % (len(chosen), total)
        if options.expect:
            sizes = [" / ".join("%d" % count[level] for level in options.levels) for count in (bad, counts)]
            found = matched == set(options.levels)
            print("%s: known losses %s in %s of %s states" % (
                options.name, "found" if found else "NOT found", *sizes), flush=True)
            return 0 if found else 1
        print("%s: %s, %d violations%s" % (
            options.name, ", ".join("%d%s at %s" % (counts[level], " states" if i == 0 else "", level)
                                    for i, level in enumerate(options.levels)),
            violations, share), flush=True)
        return 1 if violations else 0


# What the forked workers work for.
current = None


def adopt(explorer):
    global current
    current = explorer


def attempt(number):
    return current.trial(number)
