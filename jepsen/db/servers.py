"""Servers that are processes of this machine and speak MySQL: what databases have in common.

Each node has a folder: my.cnf, data, socket, error log, and what it prints. The harness gives
orders over the Unix socket as root, which no partition reaches; clients come over the network.
"""

import pathlib
import shutil
import time

import pymysql

from jepsen.db import Database
from jepsen.errors import UserError
from jepsen.process import ServerProcess

START_PATIENCE_S = 120
ADMIN_PATIENCE_S = 10
STATUS_PATIENCE_S = 1
POLL_S = 0.05


class Servers(Database):
    """Base of databases whose nodes are started as processes."""

    LOGS = ("my.cnf", "error.log", "output.log")  # of a node's folder; for collect()
    DATA_TO_KEEP = ()  # patterns in its data folder; for collect()

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._folder = pathlib.Path(self.folder)
        self._processes = {node: ServerProcess(self.guard, self._path(node, "output.log"))
                           for node in self.nodes}

    def _command(self, node):
        """What starts the node's server."""
        raise NotImplementedError

    def _launch(self, node):
        self._processes[node].start(self.network.command(node, self._command(node)))

    def _path(self, node, *names):
        return self._folder.joinpath(node, *names)

    def data_folder(self, node):
        return self._path(node, "data")

    def _socket(self, node):
        path = str(self._path(node, "socket"))
        if len(path) > 100:
            raise UserError(f"{path}: too long for a socket; choose a shorter --work-folder")
        return path

    def _await_ready(self, node):
        deadline = time.monotonic() + START_PATIENCE_S
        while True:
            try:
                self._ask(node, "SELECT 1")
                return
            except (pymysql.MySQLError, OSError):
                process = self._processes[node]
                if not process.running():
                    raise UserError(
                        f"{node} did not start (exit {process.exit_code}):\n"
                        + self._error_log_tail(node)) from None
                if time.monotonic() > deadline:
                    raise UserError(f"{node} is not ready after {START_PATIENCE_S} s:\n"
                                    + self._error_log_tail(node)) from None
            time.sleep(POLL_S)

    def _error_log_tail(self, node):
        text = ""
        for name in ("output.log", "error.log"):
            path = self._path(node, name)
            text += path.read_text(errors="replace") if path.exists() else ""
        return tail(text)

    # -- orders ----------------------------------------------------------------------------------

    def _connect(self, node, patience_s):
        return pymysql.connect(unix_socket=self._socket(node), user="root", autocommit=True,
                               connect_timeout=patience_s, read_timeout=patience_s,
                               write_timeout=patience_s)

    def _order(self, node, *statements, patience_s=ADMIN_PATIENCE_S):
        with self._connect(node, patience_s) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _ask(self, node, query, patience_s=ADMIN_PATIENCE_S):
        """The first row as a dictionary, or None."""
        with self._connect(node, patience_s) as connection:
            with connection.cursor(pymysql.cursors.DictCursor) as cursor:
                cursor.execute(query)
                return cursor.fetchone()

    # -- faults ----------------------------------------------------------------------------------

    def kill(self, nodes):
        with self.lock:
            for node in nodes:
                self._processes[node].signal_kill()
            for node in nodes:
                self._processes[node].reap()

    def pause(self, nodes):
        with self.lock:
            for node in nodes:
                self._processes[node].pause()

    def resume(self, nodes):
        with self.lock:
            for node in nodes:
                self._processes[node].resume()

    # -- the end ---------------------------------------------------------------------------------

    def collect(self, folder):
        for node in self.nodes:
            target = pathlib.Path(folder, node)
            target.mkdir(parents=True, exist_ok=True)
            for name in self.LOGS:
                if self._path(node, name).exists():
                    shutil.copy(self._path(node, name), target)
            data = self.data_folder(node)
            for pattern in self.DATA_TO_KEEP:
                for path in sorted(data.glob(pattern)):
                    shutil.copy(path, target)

    def stop(self):
        with self.lock:
            for process in self._processes.values():
                process.kill()


def tail(text, lines=12):
    return "\n".join("  " + line for line in text.splitlines()[-lines:])
