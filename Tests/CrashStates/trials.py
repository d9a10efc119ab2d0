"""A case of the crash tests: how its fixture is made, what runs, what comes after, what must hold.

Every command is a shell command that runs in a directory of its own. After a crash `recover` runs
(what starts up or opens the store next), then `check`, which exits 0 when the invariants hold and
says on its output what does not. They see in the environment

    RUN_STATUS   exit status of the run: 0 means that it has acknowledged its work; 137 that it was killed
    RUN_OUTPUT   a file with what it has written to its output
    FAULT        what happened, in words
    BESIDE_STATUS  exit status of what worked beside the run

With an acknowledgement, a pattern, RUN_STATUS is 0 once the run's output has matched it, 1 when it has
refused, and 137 when it said nothing: servers end with 0 whatever they answered.
"""
import atexit, contextlib, io, os, random, re, shutil, subprocess, sys, tempfile

import restart

# Seconds; TRIAL_LIMIT in the environment says otherwise.
TIMEOUT = int(os.environ.get("TRIAL_LIMIT", 120))
KILLED = 137
REFUSAL = re.compile(rb"(?m)^(\S+ (NO|BAD) |-ERR)")
HERE = os.path.dirname(os.path.abspath(__file__))


def shell(command, directory, environment=None, output=subprocess.DEVNULL):
    return subprocess.run(arguments(command), cwd=directory, env=environment, timeout=TIMEOUT,
                          stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)


def is_simple(command):
    """A simple command needs no shell, so that no call of the shell is counted."""
    return not re.search(r"[;&|<>(){}$*?`'\"\\\n]", command)


def arguments(command):
    return command.split() if is_simple(command) else ["sh", "-c", command]


def remove(base, maker):
    """Removes a directory at the end of the process that made it, not of those that it forked."""
    if os.getpid() == maker:
        shutil.rmtree(base, ignore_errors=True)


class Case:
    def __init__(self, options, base=None):
        self.setup, self.run = options.setup, options.run
        self.recover, self.check = options.recover, options.check
        self.acknowledgement = options.acknowledgement
        self.base = tempfile.mkdtemp(prefix="crash.", dir=base)
        self.template = os.path.join(self.base, "fixture")
        self.scripts = {}
        if not options.keep:
            atexit.register(remove, self.base, os.getpid())
        # The run may be an ordinary user's.
        os.chmod(self.base, 0o711)
        os.mkdir(self.template)
        done = shell(self.setup, self.template, output=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit("setup failed: " + done.stdout.decode(errors="replace"))

    def copy(self, name):
        directory = os.path.join(self.base, name)
        subprocess.run(["cp", "-a", self.template, directory], check=True)
        # A change that the fixture has left unfinished is to be believed in the copy.
        for folder, _, names in os.walk(os.fsencode(self.template)):
            for side in (os.path.join(folder, name) for name in names):
                box = restart.mailbox(side)
                if box and os.path.exists(box):
                    copied = [os.path.join(os.fsencode(directory), os.path.relpath(path, os.fsencode(self.template)))
                              for path in (side, box)]
                    with open(side, "rb") as file:
                        octets = file.read()
                    with open(copied[0], "wb") as file:
                        file.write(restart.after_restart(octets, os.stat(box).st_ino, os.stat(copied[1]).st_ino))
        return directory

    def status(self, returned, output):
        """RUN_STATUS of a run that has returned so, with this output."""
        returned = 128 - returned if returned < 0 else returned
        if not self.acknowledgement:
            return returned
        if re.search(self.acknowledgement.encode(), output):
            return 0
        return 1 if REFUSAL.search(output) else KILLED

    def judge(self, directory, status, fault, output, other=None, in_process=False):
        """Recovers and checks; what is wrong, or an empty text."""
        environment = dict(os.environ, RUN_STATUS=str(status), RUN_OUTPUT=output, FAULT=fault)
        if other is not None:
            environment["BESIDE_STATUS"] = str(other)
        try:
            if self.recover:
                done = shell(self.recover, directory, environment, subprocess.PIPE)
                if done.returncode != 0:
                    return "recovery failed: " + done.stdout.decode(errors="replace").strip()
            script = self.script() if in_process else None
            if script:
                return self.run_script(script, directory, environment)
            done = shell(self.check, directory, environment, subprocess.PIPE)
        except subprocess.TimeoutExpired:
            return "recovery or check hangs"
        return done.stdout.decode(errors="replace").strip() or "check failed" \
            if done.returncode != 0 else ""

    def script(self):
        """The code of the check when it is one of our scripts, so that no interpreter is started."""
        if self.check not in self.scripts:
            program = self.check.split()[0]
            code = None
            if is_simple(self.check) and "/" in program and os.path.dirname(os.path.realpath(program)) == HERE:
                with open(program) as file:
                    text = file.read()
                if "python3" in text.split("\n")[0]:
                    code = compile(text, program, "exec")
            self.scripts[self.check] = code
        return self.scripts[self.check]

    def run_script(self, code, directory, environment):
        output = io.StringIO()
        before, saved, arguments = os.getcwd(), dict(os.environ), sys.argv
        os.chdir(directory)
        os.environ.update(environment)
        sys.argv = self.check.split()
        try:
            with contextlib.redirect_stdout(output):
                exec(code, {"__name__": "__main__"})
        except SystemExit as end:
            if end.code:
                text = output.getvalue().strip()
                said = text + " " + end.code if isinstance(end.code, str) else text
                return said.strip() or "check failed"
        except Exception as error:
            return "%s: %s" % (type(error).__name__, error)
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(saved)
            sys.argv = arguments
        return ""


def add_options(parser):
    for name in ("setup", "run", "check"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--recover", default="")
    parser.add_argument("--acknowledgement", default="")
    parser.add_argument("--name", default="case")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--weight", type=int, default=1)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--show", type=int, default=3)
    # Of killpoints; `explore` takes the same line of options.
    parser.add_argument("--after", default="")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--calls", type=lambda text: text.split(","))
    parser.add_argument("--no-kill", dest="kill", action="store_false")
    parser.add_argument("--fsize", type=lambda text: [int(n) for n in text.split(",")], default=[])


# A share is never smaller than this; LEAST in the environment says otherwise.
LEAST = int(os.environ.get("LEAST", 12))


def share(plan, options):
    """One in `--every` of a plan, always the same ones; fewer by `--weight` of what is slow."""
    every = options.every * (options.weight if options.every > 1 else 1)
    return random.Random(1).sample(plan, max(-(-len(plan) // every), min(len(plan), LEAST)))
