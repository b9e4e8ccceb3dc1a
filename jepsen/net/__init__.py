"""The network between nodes, with links that can be cut and slowed, each way by itself.

Two kinds behind one interface, picked by what is allowed and asked for:

  namespaces   a network namespace a node, on one bridge; nftables drops packets. Real TCP under a
               real partition. Needs root, ip and nft.
  proxies      all on 127.0.0.1, with a TCP proxy for each ordered pair. Needs no rights, and can
               slow a link down (kernels without netem cannot).

CLIENTS stands for all clients, as if they were one more node.
"""

import os
import shutil
import subprocess

from jepsen.errors import UserError

CLIENTS = "clients"


class Network:
    """Base. A link is an ordered pair (from, to): what `from` sends to `to`."""

    KIND = ""

    def __init__(self, nodes):
        self.nodes = tuple(nodes)

    def listens(self, node):
        """(host, port) on which the node's server is to listen."""
        raise NotImplementedError

    def address(self, source, target):
        """(host, port) by which `source`, a node or CLIENTS, reaches `target`."""
        raise NotImplementedError

    def command(self, node, words):
        """The command that runs `words` on the node's network."""
        del node
        return list(words)

    def cut(self, links):
        """Cuts exactly these links; others are whole again."""
        raise NotImplementedError

    def slow(self, links, delay_ms):
        """Delays what is sent on exactly these links; others are quick again."""
        raise NotImplementedError

    def heal(self):
        self.cut(frozenset())

    def close(self):
        raise NotImplementedError


def why_no_namespaces():
    """Why namespaces cannot be had here; None when they can."""
    if os.geteuid() != 0:
        return "not root"
    for program in ("ip", "nft"):
        if shutil.which(program) is None:
            return f"no program {program}"
    # Containers may run as root and lack the rights; only trying tells.
    name = f"as{os.getpid()}try"
    try:
        run("ip", "link", "add", name, "type", "bridge")
        run("ip", "netns", "add", name)
        run("ip", "netns", "exec", name, "nft", "list", "ruleset")
        return None
    except UserError as error:
        return f"not permitted: {error}"
    finally:
        for kind in ("netns", "link"):
            subprocess.run(["ip", kind, "del", name], capture_output=True, check=False)


def choose(needs_slow_links):
    """("namespaces" or "proxies", why)."""
    if needs_slow_links:
        return "proxies", "links are to be slowed"
    obstacle = why_no_namespaces()
    if obstacle is None:
        return "namespaces", "root, ip and nft are there"
    return "proxies", obstacle


def make(kind, nodes, guard, base_port=0):
    """The network, with nothing cut. base_port 0: ports that are free."""
    if kind == "namespaces":
        from jepsen.net.namespaces import Namespaces
        return Namespaces(nodes, guard)
    from jepsen.net.proxies import Proxies
    return Proxies(nodes, base_port)


def run(*words, given=None):
    """Runs a program of the operating system; UserError with its own words when it fails."""
    done = subprocess.run(words, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UserError(f"{' '.join(words)}: {done.stderr.strip()}")
