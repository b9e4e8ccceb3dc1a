"""kill -9, of one node or of several at one moment; the end is a restart.

All processes die, the operating system lives: what was written and not synced survives. It is
like a loss of power only for what a server keeps in its own memory.
"""

from jepsen.nemesis import Fault, targets

WHO = ("primary", "replica", "replicas", "random", "all")


class Kill(Fault):
    PARAMETERS = {"target": ("random", WHO)}
    _killed = ()

    def begin(self, source):
        self._killed = targets(self.parameters["target"], self.cluster.database, source)
        self.cluster.database.kill(self._killed)
        return self._killed

    def end(self):
        killed, self._killed = self._killed, ()
        self.cluster.database.restart(killed)


CLASS = Kill
