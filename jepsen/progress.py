"""What a person sees while a run goes on: one line that changes, on a terminal; else one now and
then.
"""

import sys
import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

QUIET_PERIOD_S = 10  # between lines when the output is no terminal

COLOURS = {"up": "green", "paused": "yellow", "down": "red"}


class Progress:
    """A context: the line that changes is gone after it."""

    def __init__(self):
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._live = None
        self._begin = self._said = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end_live()

    def say(self, text):
        self._end_live()
        self._console.print(f"[{time.monotonic() - self._begin:6.1f} s] {text}", markup=False)

    def update(self, recorder, statuses, duration_s):
        """Called several times a second while clients are busy."""
        counts = recorder.counts
        line = Text(f"[{time.monotonic() - self._begin:6.1f} s] "
                    f"{min(recorder.elapsed_s(), duration_s):.0f} of {duration_s:.0f} s, "
                    f"{counts['ok']} ok, {counts['fail']} failed, {counts['info']} unknown ")
        for node, status in statuses.items():
            words = status.role if status.state == "up" and status.role else status.state
            lag = f" -{status.lag}" if status.lag else ""
            line.append(f" {node} {words}{lag}", COLOURS.get(status.state, ""))
        if self._console.is_terminal:
            if self._live is None:
                self._live = Live(line, console=self._console, transient=True)
                self._live.start()
            self._live.update(line)
        elif time.monotonic() - self._said >= QUIET_PERIOD_S:
            self._said = time.monotonic()
            self._console.print(line)

    def _end_live(self):
        if self._live is not None:
            self._live.stop()
            self._live = None
