"""TCP proxies on 127.0.0.1, one for each ordered pair of nodes (and from the clients to each node).

A proxy (a, b) carries the connections that a opens to b. Bytes from a to b travel on link (a, b),
answers on link (b, a). A cut link holds bytes back, as a network does while TCP retransmits:
nothing is lost and nobody is told, and after the heal they flow on. A connection that is opened
while a link is cut is accepted, since the listener is local, but carries nothing. A slow link
delivers each piece after its delay, in order.

One thread runs all proxies of a run in an event loop.
"""

import asyncio
import itertools
import socket
import threading

from jepsen.errors import UserError
from jepsen.net import CLIENTS, Network

HOST = "127.0.0.1"
PIECE_BYTES = 1 << 16
QUEUED_PIECES = 64  # then the sender is not read from: back-pressure, as by a full TCP window


class Proxies(Network):
    KIND = "proxies"

    def __init__(self, nodes, base_port=0):
        super().__init__(nodes)
        pairs = [(source, target)
                 for source, target in itertools.product((*self.nodes, CLIENTS), self.nodes)
                 if source != target]
        sockets = [_bound(base_port and base_port + at)
                   for at in range(len(self.nodes) + len(pairs))]
        ports = [one.getsockname()[1] for one in sockets]
        self._server_ports = dict(zip(self.nodes, ports))
        self._ports = dict(zip(pairs, ports[len(self.nodes):]))
        for one in sockets[:len(self.nodes)]:
            one.close()  # the servers' own; held until now so that no two are the same
        self._links = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        for pair, listener in zip(pairs, sockets[len(self.nodes):]):
            self._call(self._serve(pair, listener))

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _serve(self, pair, listener):
        source, target = pair
        port = self._server_ports[target]

        async def carry(reader, writer):
            try:
                far_reader, far_writer = await asyncio.open_connection(HOST, port)
            except OSError:
                writer.transport.abort()
                return
            await _both(
                self._link(source, target).carry(reader, far_writer),
                self._link(target, source).carry(far_reader, writer))
            writer.transport.abort()
            far_writer.transport.abort()

        await asyncio.start_server(carry, sock=listener)

    def _link(self, source, target):
        return self._links.setdefault((source, target), Link())

    def listens(self, node):
        return HOST, self._server_ports[node]

    def address(self, source, target):
        return HOST, self._ports[source, target]

    def cut(self, links):
        async def apply():
            for link in links:
                self._link(*link)
            for link, state in self._links.items():
                state.set_open(link not in links)
        self._call(apply())

    def slow(self, links, delay_ms):
        async def apply():
            for link in links:
                self._link(*link)
            for link, state in self._links.items():
                state.delay_s = delay_ms / 1000 if link in links else 0
        self._call(apply())

    def close(self):
        async def end():
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class Link:
    """One way of a pair: whether it is open, and its delay. Used in the event loop only."""

    def __init__(self):
        self._open = asyncio.Event()
        self._open.set()
        self.delay_s = 0

    def set_open(self, is_open):
        if is_open:
            self._open.set()
        else:
            self._open.clear()

    async def carry(self, reader, writer):
        """Moves bytes until either side is closed."""
        pieces = asyncio.Queue(QUEUED_PIECES)
        await _both(self._take(reader, pieces), self._deliver(pieces, writer))

    async def _take(self, reader, pieces):
        loop = asyncio.get_running_loop()
        while True:
            try:
                piece = await reader.read(PIECE_BYTES)
            except OSError:
                piece = b""
            await pieces.put((loop.time() + self.delay_s, piece))
            if not piece:
                await asyncio.Event().wait()  # _deliver ends, after what is under way

    async def _deliver(self, pieces, writer):
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await pieces.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            await self._open.wait()
            if not piece:
                return
            try:
                writer.write(piece)
                await writer.drain()
            except OSError:
                return


async def _both(*coroutines):
    """Runs two until one ends, and then neither."""
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _bound(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        raise UserError(f"port {port} of {HOST}: {error.strerror}") from error
    return listener
