"""Nothing is left behind, even by a harness that is killed."""

import os
import pathlib
import signal
import subprocess
import sys
import time

from jepsen import guard
from jepsen.process import ServerProcess

PATIENCE_S = 60
HARNESS = """
import sys, time
from jepsen.guard import Guard
from jepsen.process import ServerProcess
own = Guard()
own.undo("rmtree", sys.argv[1])
server = ServerProcess(own, sys.argv[1] + "/log")
server.start(["sleep", "600"])
print(server._child.pid, flush=True)
time.sleep(600)
"""


def gone(pid, path):
    deadline = time.monotonic() + PATIENCE_S
    while guard.start_time_of(pid) is not None or path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_harness_leaves_nothing(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", HARNESS, str(folder)], stdout=subprocess.PIPE,
                          env=os.environ | {"PYTHONPATH": os.getcwd()}, text=True) as harness:
        pid = int(harness.stdout.readline())
        assert guard.start_time_of(pid) is not None
        harness.send_signal(signal.SIGKILL)
    assert gone(pid, folder)


def test_undos_are_done_newest_first_and_all_of_them(tmp_path):
    own, log = guard.Guard(), tmp_path / "log"
    for number in range(3):
        own.undo("run", "sh", "-c", f"echo {number} >> {log}")
    own.undo("run", "false")
    own.close()
    assert log.read_text() == "2\n1\n0\n"


def test_a_process_id_that_others_use_is_left_alone():
    with subprocess.Popen(["sleep", "600"]) as other:
        own = guard.Guard()
        own.undo("kill", other.pid, guard.start_time_of(other.pid) + 1, False)
        own.close()
        assert other.poll() is None
        other.kill()


def state_of(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_server_is_paused_resumed_and_stopped(tmp_path):
    own = guard.Guard()
    server = ServerProcess(own, tmp_path / "log")
    server.start(["sleep", "600"])
    pid = server._child.pid  # pylint: disable=protected-access
    server.pause()
    deadline = time.monotonic() + PATIENCE_S
    while state_of(pid) != "T" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert state_of(pid) == "T" and server.running()
    assert server.stop() is True  # resumes it first
    assert not server.running()
    own.close()


def test_a_program_is_interrupted_with_all_that_it_started(tmp_path):
    path = tmp_path / "pid"
    # Whoever runs this in the background has it ignore interruptions, and what it starts as well.
    program = ("import signal\n"
               "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
               "from jepsen.guard import Guard\n"
               "from jepsen.process import run_to_end\n"
               f"run_to_end(Guard(), ['sh', '-c', 'sleep 600 & echo $! > {path}.new;"
               f" mv {path}.new {path}; wait'])\n")
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL,
                          env=os.environ | {"PYTHONPATH": os.getcwd()}) as harness:
        deadline = time.monotonic() + PATIENCE_S
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        harness.send_signal(signal.SIGINT)
    assert gone(int(path.read_text()), tmp_path / "nothing")
