"""Partitions by nftables between real network namespaces; skipped where they cannot be made."""

import select
import subprocess
import sys
import time

import pytest

from jepsen import net
from jepsen.guard import Guard
from proptests.jepsen.test_network import dial, receive

PATIENCE_S = 60
ECHO = """
import socket, threading
listener = socket.create_server(("0.0.0.0", 3306))
def echo(connection):
    while piece := connection.recv(4096):
        connection.sendall(piece)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
"""
RELAY = """
import socket, sys
far = socket.create_connection((sys.argv[1], int(sys.argv[2])), 60)
for line in sys.stdin:
    far.sendall(line.encode())
    print(far.recv(4096).decode(), end="", flush=True)
"""


@pytest.fixture(name="network")
def two_namespaces():
    obstacle = net.why_no_namespaces()
    if obstacle:
        pytest.skip(f"no network namespaces: {obstacle}")
    guard = Guard()
    try:
        network = net.make("namespaces", ("n1", "n2"), guard)
        for node in network.nodes:
            server = subprocess.Popen(network.command(node, [sys.executable, "-c", ECHO]))
            guard.undo_process(server.pid)
        for node in network.nodes:
            await_server(network, node)
        yield network
    finally:
        guard.close()


def await_server(network, node):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            dial(network, net.CLIENTS, node).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_cut_between_nodes(network):
    """n1 asks n2; clients reach both all the while."""
    host, port = network.address("n1", "n2")
    command = network.command("n1", [sys.executable, "-c", RELAY, host, str(port)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as relay, dial(network, net.CLIENTS, "n2") as client:
        relay.stdin.write("one\n")
        relay.stdin.flush()
        assert relay.stdout.readline() == "one\n"
        for links in ({("n1", "n2")}, {("n2", "n1")}):  # each way by itself stops the echo
            network.cut(frozenset(links))
            relay.stdin.write("two\n")
            relay.stdin.flush()
            client.sendall(b"x")
            receive(client, b"x")
            with pytest.raises(subprocess.TimeoutExpired):
                relay.wait(0.2)
            assert not readable(relay.stdout)
            network.heal()
            assert relay.stdout.readline() == "two\n"  # sent again by TCP: nothing was lost


def test_a_cut_from_the_clients(network):
    with dial(network, net.CLIENTS, "n1") as cut, dial(network, net.CLIENTS, "n2") as whole:
        network.cut(frozenset([("n1", net.CLIENTS)]))
        cut.sendall(b"1")
        whole.sendall(b"2")
        receive(whole, b"2")
        cut.settimeout(0.2)
        with pytest.raises(TimeoutError):
            cut.recv(1)
        cut.settimeout(PATIENCE_S)
        network.heal()
        receive(cut, b"1")


def readable(stream):
    return bool(select.select([stream], [], [], 0)[0])
