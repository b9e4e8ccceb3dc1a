"""aftersyncd as nodes of an experiment.

A node initialises its own data directory, with a root that has no password and whom only the Unix
socket lets in. There is one node: replication between these servers is not there yet, so what an
experiment can ask is whether a server that is killed, paused, cut off or out of disk keeps what it
has acknowledged, and what its isolation levels admit.
"""

import os
import pathlib

from jepsen import checker
from jepsen.db import NodeStatus
from jepsen.db.servers import START_PATIENCE_S, Servers, tail
from jepsen.errors import UserError
from jepsen.process import run_to_end

VARIABLE = "AFTERSYNCD"
DEFAULTS = {"innodb-buffer-pool-size": "32M", "max-connections": "500"}
FIXED = {  # what the harness relies on; experiments may not set it
    "datadir", "socket", "port", "bind-address", "pid-file", "log-error",
}


class Aftersync(Servers):
    NAME = "aftersync"
    FIXED_SETTINGS = FIXED

    def __init__(self, *arguments):
        super().__init__(*arguments)
        if len(self.nodes) != 1:
            raise UserError("topology.nodes: aftersync does not replicate yet; it must be 1, "
                            f"not {len(self.nodes)}")

    @classmethod
    def check_installed(cls):
        _program()

    def start(self):
        for node in self.nodes:
            self._path(node).mkdir(parents=True, exist_ok=True)
            self._path(node, "my.cnf").write_text(self._configuration(node))
            self._initialise(node)
            self._launch(node)
        for node in self.nodes:
            self._await_ready(node)
            self._order(node, "CREATE DATABASE jepsen",
                        "CREATE USER jepsen@'%' IDENTIFIED BY 'jepsen'",
                        "GRANT ALL ON jepsen.* TO jepsen@'%'")

    def _configuration(self, node):
        host, port = self.network.listens(node)
        options = DEFAULTS | {name.replace("_", "-"): value
                              for name, value in self.settings.items()}
        options |= {"datadir": self.data_folder(node), "socket": self._socket(node), "port": port,
                    "bind-address": host, "pid-file": self._path(node, "pid"),
                    "log-error": self._path(node, "error.log")}
        lines = [f"{name} = {value}" for name, value in options.items()]
        return "[mysqld]\n" + "\n".join(lines) + "\n"

    def _initialise(self, node):
        command = [*self._command(node), "--initialize-insecure"]
        status, output = run_to_end(self.guard, command)
        if status != 0:
            raise UserError(f"aftersyncd --initialize-insecure failed (exit {status}):\n"
                            + (tail(output) or self._error_log_tail(node)))

    def _command(self, node):
        return [str(_program()), f"--defaults-file={self._path(node, 'my.cnf')}"]

    def create_tables(self, statements):
        self._order(self.primary, "USE jepsen", *statements, patience_s=START_PATIENCE_S)

    def version(self):
        row = self._ask(self.primary, "SELECT @@version AS version, @@version_comment AS build")
        return f"aftersync {row['version']}, {row['build']}"

    def restart(self, nodes):
        with self.lock:
            down = [node for node in nodes if not self._processes[node].running()]
            for node in down:
                self._launch(node)
            for node in down:
                self._await_ready(node)

    def promote(self):
        return None

    def settle(self, patience_s):
        return []

    def status(self, node):
        process = self._processes[node]
        if not process.running():
            return NodeStatus("down")
        return NodeStatus("paused" if process.paused else "up", "primary")


def _program():
    """The server: $AFTERSYNCD, or that of the release build."""
    path = pathlib.Path(os.environ.get(VARIABLE)
                        or checker.ROOT / "build/release/bin/aftersyncd")
    if not os.access(path, os.X_OK):
        raise UserError(
            f"{path} is not there; build it (cmake --preset release && cmake --build --preset"
            f" release --target aftersyncd) or set {VARIABLE}")
    return path


CLASS = Aftersync
