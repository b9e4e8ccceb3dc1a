"""The primary fails, and a replica is promoted by hand; the end brings the old one back.

`cause` is how it fails: `kill`, `pause` or `partition` (from all nodes and clients). After
`notice_s`, in which clients still try the old one, the most advanced replica is promoted and
clients follow it, as behind a virtual address. What becomes of the old primary is
`topology.rejoin`.
"""

import time

from jepsen.errors import UserError
from jepsen.nemesis import Fault
from jepsen.net import cuts


class Failover(Fault):
    PARAMETERS = {"cause": ("kill", ("kill", "pause", "partition")), "notice_s": (0.5, None)}
    _old = None

    def begin(self, source):
        database = self.cluster.database
        self._old = database.primary
        if self.parameters["cause"] == "kill":
            database.kill([self._old])
        elif self.parameters["cause"] == "pause":
            database.pause([self._old])
        else:
            self.cluster.cut(self, cuts.links_of("primary-and-clients", database.nodes, self._old,
                                                 source))
        time.sleep(self.parameters["notice_s"])
        promoted = database.promote()
        if promoted is None:
            raise UserError(f"{self._old} failed, and there is no replica to promote")
        return {"failed": self._old, "promoted": promoted}

    def end(self):
        old, self._old = self._old, None
        if old is None:
            return
        database = self.cluster.database
        self.cluster.cut(self, frozenset())
        database.resume([old])
        if old != database.primary and database.topology["rejoin"] == "rebuild":
            database.kill([old])
        database.restart([old])


CLASS = Failover
