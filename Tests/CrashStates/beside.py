"""Runs a command and, while it is stopped behind one of its calls, another beside it."""
import contextlib, os, re, signal, subprocess, time

import trials

# Calls that change nothing, but behind which another process may change what was seen.
LOOKS = "read pread64 fstat newfstatat getdents64".split()
# Seconds for which the run stays stopped when the other cannot go on without it.
PATIENCE = 0.3


def play(command, directory, output, other=""):
    """The exit status of the run under strace, and of `other`; None when there is none."""
    run = subprocess.Popen(command, cwd=directory, stdout=output, stdin=subprocess.DEVNULL,
                           stderr=subprocess.STDOUT, start_new_session=True)
    try:
        beside = play_beside(run, directory, output, other) if other else None
        return run.wait(trials.TIMEOUT), beside and beside.wait(trials.TIMEOUT)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def play_beside(run, directory, output, other):
    deadline = time.monotonic() + trials.TIMEOUT
    while run.poll() is None and not stopped(directory) and time.monotonic() < deadline:
        time.sleep(0.002)
    beside = subprocess.Popen(trials.arguments(other), cwd=directory, stdout=output,
                              stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        beside.wait(PATIENCE)
    # Each process of the run stops once.
    while run.poll() is None and time.monotonic() < deadline:
        for process in stopped(directory):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        time.sleep(0.01)
    return beside


def stopped(directory):
    """The processes that were stopped so far."""
    with contextlib.suppress(FileNotFoundError), open(directory + ".trace", errors="replace") as trace:
        return [int(number) for number in re.findall(r"(?m)^(\d+) +--- stopped by SIGSTOP", trace.read())]
    return []
