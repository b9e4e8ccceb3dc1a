"""Nothing is left behind, however the harness ends.

A run starts processes, mounts, network namespaces and folders. Each is noted, before or right after
it is made, with what undoes it, in a *guard*: a process of its own that holds one end of a pipe.
When the pipe closes, the guard undoes everything, newest first, and ends. A run that ends well, one
that fails, Ctrl-C and even kill -9 of the harness so go the same way, and there is only one cleanup
to get right.

An undo is data, a list: ["kill", PID, START TIME, WHOLE GROUP], ["run", WORD...], or
["rmtree", FOLDER].
A process is known by its id and start time, so that an id used again by others is left alone.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

KILL_PATIENCE_S = 10


class Guard:
    """The harness's end. `undo` notes what has to be undone; `close` has it done, and waits."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from jepsen import guard; guard.keep(0)"],
            stdin=subprocess.PIPE, start_new_session=True, text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))})

    def undo(self, *words):
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def undo_process(self, pid, whole_group=False):
        """With `whole_group` the process leads a group, all of which ends."""
        self.undo("kill", pid, start_time_of(pid), whole_group)

    def close(self):
        if not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait()


def keep(descriptor):
    """The guard: reads undos until the pipe closes, then does them."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    with os.fdopen(descriptor) as pipe:
        undos = [json.loads(line) for line in pipe if line.endswith("\n")]
    for undo in reversed(undos):
        _do(*undo)


def _do(verb, *words):
    if verb == "kill":
        _kill(*words)
    elif verb == "run":
        # What was never made, or is gone already, is fine: an undo is noted before the deed.
        subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elif verb == "rmtree":
        shutil.rmtree(words[0], ignore_errors=True)


def _kill(pid, started, whole_group):
    if started is None or start_time_of(pid) != started:
        return
    (os.killpg if whole_group else os.kill)(pid, signal.SIGKILL)
    deadline = time.monotonic() + KILL_PATIENCE_S
    while start_time_of(pid) == started and time.monotonic() < deadline:
        time.sleep(0.01)


def start_time_of(pid):
    """Clock ticks from boot to the start of a process that runs; None when it does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])
