"""SIGSTOP and SIGCONT: a node that stands still and then goes on as if no time had passed."""

from jepsen.nemesis import Fault, targets
from jepsen.nemesis.kill import WHO


class Pause(Fault):
    PARAMETERS = {"target": ("random", WHO)}
    _paused = ()

    def begin(self, source):
        self._paused = targets(self.parameters["target"], self.cluster.database, source)
        self.cluster.database.pause(self._paused)
        return self._paused

    def end(self):
        paused, self._paused = self._paused, ()
        self.cluster.database.resume(paused)


CLASS = Pause
