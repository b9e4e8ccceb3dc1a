"""Partitions: which links they cut, and what proxies do with bytes of cut and slow links.

Tests wait for what must come. That nothing comes through a cut link is known without waiting for
time to pass: the bytes of the open way arrive, or those sent after the heal arrive behind them.
"""

import random
import socket
import threading
import time

import pytest

from jepsen.errors import UserError
from jepsen.net import CLIENTS, cuts, namespaces, proxies

PATIENCE_S = 60
NODES = ("n1", "n2", "n3", "n4", "n5")


@pytest.mark.parametrize("shape", cuts.SHAPES)
@pytest.mark.parametrize("size", (2, 3, 5))
def test_shapes(shape, size):
    for seed in range(200):
        nodes = NODES[:size]
        links = cuts.links_of(shape, nodes, "n2", random.Random(seed))
        assert links and all(a != b for a, b in links)
        assert {node for link in links for node in link} <= {*nodes, CLIENTS}
        symmetric = all((b, a) in links for a, b in links)
        assert symmetric is (shape != "one-way")
        assert (CLIENTS in {a for a, _ in links}) is (shape == "primary-and-clients")


def side_of(node, nodes, links):
    """Nodes reached from `node` over whole links, itself included."""
    side, edge = {node}, [node]
    while edge:
        at = edge.pop()
        found = {to for to in nodes if (at, to) not in links} - side
        side |= found
        edge += found
    return side


@pytest.mark.parametrize("shape, expected_sides", (
    ("minority", {3: 2, 4: 3, 5: 3}), ("majority", {3: 1, 4: 1, 5: 2})))
def test_the_primary_is_on_its_side(shape, expected_sides):
    for size, expected in expected_sides.items():
        for seed in range(50):
            nodes = NODES[:size]
            links = cuts.links_of(shape, nodes, "n1", random.Random(seed))
            assert len(side_of("n1", nodes, links)) == expected


def test_each_node_of_a_ring_sees_a_majority_and_no_two_the_same():
    for seed in range(50):
        links = cuts.links_of("ring", NODES, "n1", random.Random(seed))
        views = [frozenset(to for to in NODES if (node, to) not in links) for node in NODES]
        assert all(len(view) == 3 for view in views)
        assert len(set(views)) == len(NODES)


def test_rules_of_nftables():
    hosts = {CLIENTS: "10.1.0.1", "n1": "10.1.0.11", "n2": "10.1.0.12"}
    links = {("n1", "n2"), ("n2", CLIENTS), (CLIENTS, "n1")}
    assert namespaces.rules_of("n2", links, hosts).splitlines()[-2:] == [
        "add rule ip cuts in ip saddr 10.1.0.11 drop",
        "add rule ip cuts out ip daddr 10.1.0.1 drop"]
    assert namespaces.rules_of("n1", links, hosts).splitlines()[-1] == (
        "add rule ip cuts in ip saddr 10.1.0.1 drop")


class EchoServer(threading.Thread):
    """Answers each line with itself; keeps what it got."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self._listener = socket.create_server(address)
        self.got = b""
        self.changed = threading.Condition()
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection):
        with connection:
            while piece := connection.recv(4096):
                with self.changed:
                    self.got += piece
                    self.changed.notify_all()
                connection.sendall(piece)

    def await_bytes(self, expected):
        with self.changed:
            assert self.changed.wait_for(lambda: self.got == expected, PATIENCE_S), self.got

    def close(self):
        self._listener.close()


@pytest.fixture(name="network")
def proxies_between_two():
    network = proxies.Proxies(("n1", "n2"))
    yield network
    network.close()


@pytest.fixture(name="server")
def server_of_n2(network):
    server = EchoServer(network.listens("n2"))
    yield server
    server.close()


def dial(network, source="n1", target="n2"):
    connection = socket.create_connection(network.address(source, target), PATIENCE_S)
    connection.settimeout(PATIENCE_S)
    return connection


def receive(connection, expected):
    got = b""
    while len(got) < len(expected):
        piece = connection.recv(len(expected) - len(got))
        assert piece, f"closed after {got}"
        got += piece
    assert got == expected


def test_a_proxy_carries_bytes(network, server):
    with dial(network) as connection:
        connection.sendall(b"x" * 300_000)
        receive(connection, b"x" * 300_000)
    assert len(server.got) == 300_000


def test_a_cut_towards_the_server_holds_requests_back(network, server):
    with dial(network) as cut, dial(network, CLIENTS) as whole:
        cut.sendall(b"1")
        receive(cut, b"1")
        network.cut(frozenset([("n1", "n2")]))
        cut.sendall(b"2")
        whole.sendall(b"3")
        receive(whole, b"3")  # other links are whole
        assert server.got == b"13"
        network.heal()
        receive(cut, b"2")  # nothing was lost
        assert server.got == b"132"


def test_a_cut_from_the_server_holds_answers_back(network, server):
    with dial(network) as connection:
        connection.sendall(b"1")
        receive(connection, b"1")
        network.cut(frozenset([("n2", "n1")]))
        connection.sendall(b"2")
        server.await_bytes(b"12")  # the request went through
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(PATIENCE_S)
        network.heal()
        receive(connection, b"2")


def test_a_slow_link_delays_and_keeps_order(network, server):
    with dial(network) as connection:
        network.slow(frozenset([("n1", "n2")]), 150)
        begin = time.monotonic()
        connection.sendall(b"1")
        connection.sendall(b"2")
        receive(connection, b"12")
        assert time.monotonic() - begin >= 0.15
        assert server.got == b"12"


def test_no_server_no_connection(network):
    with dial(network) as connection:
        try:
            assert connection.recv(1) == b""
        except ConnectionResetError:
            pass


def test_a_busy_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} .*in use"):
            proxies.Proxies(("n1",), port)
