"""Cuts links between nodes; jepsen.net.cuts says which. Several at a time cut their union."""

from jepsen.nemesis import Fault
from jepsen.net import cuts


class Partition(Fault):
    PARAMETERS = {"shape": ("primary", cuts.SHAPES)}

    def begin(self, source):
        database = self.cluster.database
        links = cuts.links_of(self.parameters["shape"], database.nodes, database.primary, source)
        self.cluster.cut(self, links)
        return [f"{a} to {b}" for a, b in sorted(links)]

    def end(self):
        self.cluster.cut(self, frozenset())


CLASS = Partition
