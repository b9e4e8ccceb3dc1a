"""What faults and clients act on: the database, its network, and who is cut from whom."""

import threading


class Cluster:
    """Cuts are kept by who asked for them, so that overlapping partitions end one by one."""

    def __init__(self, database, network):
        self.database = database
        self.network = network
        self._cuts = {}
        self._lock = threading.Lock()

    def cut(self, owner, links):
        with self._lock:
            self._cuts[id(owner)] = links
            self.network.cut(frozenset().union(*self._cuts.values()))

    def node_for(self, operation):
        """The node that an operation goes to, as things stand."""
        database = self.database
        if operation.target == "primary":
            return database.primary
        if operation.target in database.nodes:
            return operation.target
        among = database.nodes if operation.target == "any" else database.replicas()
        among = among or [database.primary]
        return among[operation.lot % len(among)]
