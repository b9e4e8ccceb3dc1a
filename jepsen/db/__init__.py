"""The servers under test, behind one interface; one database a file.

A database runs its nodes as processes on a network (jepsen.net) and knows who is primary. Its
methods may be called from the thread of the nemesis and from that of the runner; `lock` orders
them. Methods that act on a node take its name.
"""

import dataclasses
import importlib
import threading

NAMES = ("aftersync", "mariadb")


@dataclasses.dataclass(frozen=True)
class NodeStatus:
    """What a node says of itself; None where it cannot be asked."""

    state: str  # "up", "down" or "paused"
    role: str | None = None  # "primary", "replica" or "apart"
    lag: int | None = None  # transactions that the primary has and it has not applied
    note: str = ""


class Database:
    """Base of databases. `primary` is where clients are sent: the virtual endpoint."""

    NAME = ""

    def __init__(self, topology, settings, network, guard, folder, say):
        """`settings` are server options; `folder` holds the nodes' files; say(text) reports."""
        self.topology = topology
        self.settings = settings
        self.network = network
        self.guard = guard
        self.folder = folder
        self.say = say
        self.nodes = network.nodes
        self.primary = self.nodes[0]
        self.lock = threading.RLock()

    @classmethod
    def check_installed(cls):
        """Raises UserError when the programs it needs are missing."""
        raise NotImplementedError

    @staticmethod
    def last_gtid(cursor):
        """The id of the transaction that the cursor's connection committed last, as text."""
        raise NotImplementedError

    @staticmethod
    def wait_for_gtid(cursor, gtid, patience_s):
        """Waits on a replica until it has that transaction; client.Refused when it is late."""
        raise NotImplementedError

    def version(self):
        """What it calls itself; after start()."""
        raise NotImplementedError

    def start(self):
        """Makes and starts all nodes, with replication, ready for clients."""
        raise NotImplementedError

    def create_tables(self, statements):
        """Runs statements on the primary, and waits until all nodes have them."""
        raise NotImplementedError

    def kill(self, nodes):
        """kill -9 of several nodes at one moment."""
        raise NotImplementedError

    def pause(self, nodes):
        raise NotImplementedError

    def resume(self, nodes):
        raise NotImplementedError

    def restart(self, nodes):
        """Starts nodes that are down and lets them rejoin as the topology says."""
        raise NotImplementedError

    def promote(self):
        """Makes a live replica primary, as an operator would by hand; its name, or None."""
        raise NotImplementedError

    def settle(self, patience_s):
        """Waits until replicas have what the primary has; a list of what is not well."""
        raise NotImplementedError

    def status(self, node):
        """A NodeStatus; never blocks for long."""
        raise NotImplementedError

    def alive(self):
        """Nodes that run and are not paused."""
        return [node for node in self.nodes if self.status(node).state == "up"]

    def replicas(self):
        return [node for node in self.nodes if node != self.primary]

    def data_folder(self, node):
        """Where the node keeps its data; a small file system of its own when disks are to fill."""
        raise NotImplementedError

    def collect(self, folder):
        """Copies logs and configurations of each node to `folder`."""
        raise NotImplementedError

    def stop(self):
        """Orderly, as far as it can be had; the guard ends what is left."""
        raise NotImplementedError


def class_of(name):
    return importlib.import_module(f"jepsen.db.{name}").CLASS
