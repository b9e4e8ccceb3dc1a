"""A server as a process that is started, killed, paused and stopped, by its id and nothing else."""

import os
import signal
import subprocess

from jepsen.errors import UserError

STOP_PATIENCE_S = 30


def run_to_end(guard, command):
    """Runs a program that may start others; (exit code, its output). An interruption ends all."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True)
    guard.undo_process(child.pid, whole_group=True)
    try:
        output, _ = child.communicate()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)  # not reaped yet, so the number is still the group's
        child.wait()
        raise
    return child.returncode, output


class ServerProcess:
    """One server. Its output goes to a file; the guard ends it should the harness not.

    Not for several threads at once: the database's lock orders those who start and stop.
    """

    def __init__(self, guard, log_path):
        self._guard = guard
        self._log_path = log_path
        self._child = None
        self.paused = False

    def start(self, command):
        """Starts `command`, a list of words; the server must not run already."""
        assert not self.running()
        with open(self._log_path, "ab") as log:
            try:
                self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                               stderr=log, start_new_session=True)
            except OSError as error:
                raise UserError(f"cannot start {command[0]}: {error.strerror}") from error
        self.paused = False
        self._guard.undo_process(self._child.pid)

    def running(self):
        """Whether the process exists; a paused one does."""
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self):
        return None if self._child is None else self._child.poll()

    def kill(self):
        """kill -9: what the operating system has in its cache survives, as in any process crash."""
        self.signal_kill()
        self.reap()

    def signal_kill(self):
        """The signal alone, so that several servers can be killed at one moment; then `reap`."""
        if self.running():
            os.kill(self._child.pid, signal.SIGKILL)

    def reap(self):
        if self._child is not None:
            self._child.wait()
        self.paused = False

    def pause(self):
        if self.running():
            os.kill(self._child.pid, signal.SIGSTOP)
            self.paused = True

    def resume(self):
        if self.running():
            os.kill(self._child.pid, signal.SIGCONT)
        self.paused = False

    def stop(self):
        """An orderly stop; a server that does not heed it is killed. True when it was orderly."""
        if not self.running():
            return True
        self.resume()
        self._child.terminate()
        try:
            self._child.wait(STOP_PATIENCE_S)
            return True
        except subprocess.TimeoutExpired:
            self.kill()
            return False
