"""Each node in a network namespace of its own; partitions by nftables.

    clients -- bridge 10.N.0.1 --+-- veth -- namespace of n1, 10.N.0.11
    (the root namespace)         +-- veth -- namespace of n2, 10.N.0.12 ...

A cut link (a, b) is a rule in b's namespace that drops what comes from a's address; towards the
clients, in the sender's namespace, which drops what it sends. All rules of a namespace are replaced
in one transaction of nft. Connections stay open through a cut, and learn of it by time-outs.
"""

import os
import subprocess

from jepsen.errors import UserError
from jepsen.net import CLIENTS, Network, run

PORT = 3306
FIRST_HOST = 11
SUBNETS = range(201, 251)  # second number of 10.N.0.0/24


class Namespaces(Network):
    KIND = "namespaces"

    def __init__(self, nodes, guard):
        super().__init__(nodes)
        self._prefix = f"as{os.getpid()}"
        subnet = _free_subnet()
        self._hosts = {CLIENTS: f"10.{subnet}.0.1"} | {
            node: f"10.{subnet}.0.{FIRST_HOST + at}" for at, node in enumerate(self.nodes)}
        self._bridge = f"{self._prefix}b"
        guard.undo("run", "ip", "link", "del", self._bridge)
        run("ip", "link", "add", self._bridge, "type", "bridge")
        run("ip", "addr", "add", f"{self._hosts[CLIENTS]}/24", "dev", self._bridge)
        run("ip", "link", "set", self._bridge, "up")
        for at, node in enumerate(self.nodes):
            self._make(guard, at, node)

    def _make(self, guard, at, node):
        space, outer = self._space(node), f"{self._prefix}v{at}"
        guard.undo("run", "ip", "netns", "del", space)
        guard.undo("run", "ip", "link", "del", outer)
        run("ip", "netns", "add", space)
        run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        run("ip", "link", "set", outer, "master", self._bridge, "up")
        inside = ("ip", "-n", space)
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "addr", "add", f"{self._hosts[node]}/24", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")

    def _space(self, node):
        return f"{self._prefix}-{node}"

    def listens(self, node):
        return "0.0.0.0", PORT

    def address(self, source, target):
        return self._hosts[target], PORT

    def command(self, node, words):
        return ["ip", "netns", "exec", self._space(node), *words]

    def cut(self, links):
        for node in self.nodes:
            rules = rules_of(node, links, self._hosts)
            run(*self.command(node, ["nft", "-f", "-"]), given=rules)

    def close(self):
        """The guard takes everything down."""


def rules_of(node, links, hosts):
    """The nft script for a node's namespace; {name: address} in `hosts`."""
    lines = ["add table ip cuts", "delete table ip cuts", "add table ip cuts",
             "add chain ip cuts in { type filter hook input priority 0; }",
             "add chain ip cuts out { type filter hook output priority 0; }"]
    for source, target in sorted(links):
        if target == node:
            lines.append(f"add rule ip cuts in ip saddr {hosts[source]} drop")
        elif source == node and target == CLIENTS:
            lines.append(f"add rule ip cuts out ip daddr {hosts[CLIENTS]} drop")
    return "\n".join(lines) + "\n"


def _free_subnet():
    taken = subprocess.run(["ip", "-4", "route", "show", "table", "all"], capture_output=True,
                           text=True, check=False).stdout
    first = os.getpid() % len(SUBNETS)
    for at in range(len(SUBNETS)):
        subnet = SUBNETS[(first + at) % len(SUBNETS)]
        if f"10.{subnet}.0." not in taken:
            return subnet
    raise UserError("no free subnet among 10.201.0.0/24 to 10.250.0.0/24")
