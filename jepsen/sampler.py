"""Watches the nodes while a run goes on: state, role and lag, about twice a second."""

import json
import threading

PERIOD_S = 0.5


class Sampler(threading.Thread):
    """Writes {"time": s, "nodes": {node: {state, role, lag, note}}} a line."""

    def __init__(self, database, recorder, path):
        super().__init__(name="sampler", daemon=True)
        self._database = database
        self._recorder = recorder
        self._path = path
        self._ended = threading.Event()
        self.latest = {}

    def run(self):
        with open(self._path, "w", encoding="utf-8") as file:
            while not self._ended.wait(PERIOD_S):
                self.latest = {node: self._database.status(node) for node in self._database.nodes}
                line = {"time": self._recorder.elapsed_s(), "nodes": {
                    node: vars(status) for node, status in self.latest.items()}}
                file.write(json.dumps(line) + "\n")
                file.flush()

    def finish(self):
        self._ended.set()
        if self.ident is not None:
            self.join()
