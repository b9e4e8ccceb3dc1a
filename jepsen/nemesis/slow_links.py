"""Delays what some links carry. Needs proxies, which the choice of network sees to."""

from jepsen.nemesis import Fault
from jepsen.net import cuts


class SlowLinks(Fault):
    PARAMETERS = {"shape": ("primary", cuts.SHAPES), "delay_ms": (100, None)}

    def begin(self, source):
        database = self.cluster.database
        links = cuts.links_of(self.parameters["shape"], database.nodes, database.primary, source)
        self.cluster.network.slow(links, self.parameters["delay_ms"])
        return [f"{a} to {b}" for a, b in sorted(links)]

    def end(self):
        self.cluster.network.slow(frozenset(), 0)


CLASS = SlowLinks
