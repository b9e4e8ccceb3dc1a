"""Records operations in the format that aftersync-check reads (model/history/history_format.h).

Lines are written in the order in which the recorder saw the events: an invocation before the client
acts, an end after it has its answer. So the order of lines never claims more than was true: if an
end stands before an invocation, the operation was over before the other began.
"""

import json
import threading
import time

TYPES = ("ok", "fail", "info")


class Recorder:
    """Writes a history to a file; for any number of threads."""

    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8")
        self._lock = threading.Lock()
        self._next_index = 0
        self._start_ns = time.monotonic_ns()
        self.counts = dict.fromkeys(TYPES, 0)

    def elapsed_s(self):
        """Seconds since the recorder was made: the history's time zero."""
        return (time.monotonic_ns() - self._start_ns) / 1e9

    def invoke(self, process, f, value, **more):
        self._write(process, "invoke", f, value, more)

    def complete(self, process, kind, f, value, **more):
        assert kind in TYPES
        self._write(process, kind, f, value, more)
        self.counts[kind] += 1

    def note(self, f, value, **more):
        """Something that is not a client's: a fault, a change of roles. Checkers pass over it."""
        self._write("nemesis", "info", f, value, more)

    def _write(self, process, kind, f, value, more):
        with self._lock:
            if self._file.closed:
                return  # a client that came back after the run was ended
            line = {"index": self._next_index, "process": process,
                    "time": time.monotonic_ns() - self._start_ns, "type": kind, "f": f,
                    "value": value} | more
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
            self._next_index += 1

    def flush(self):
        with self._lock:
            if not self._file.closed:
                self._file.flush()

    def close(self):
        with self._lock:
            self._file.close()


def read(path):
    """The lines of a history as dictionaries; a torn last line is left out."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]
