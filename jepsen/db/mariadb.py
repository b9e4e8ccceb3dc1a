"""Real MariaDB (10.11 and its like) as nodes of an experiment.

The system tables are made once and copied. Clients come as a user without the right to write on a
read-only server. Binlogs are kept from the beginning and replicas write their own, so a node can be
rebuilt by replaying from nothing.

Replication is by MariaDB's GTIDs (MASTER_USE_GTID = slave_pos). `topology.replication` is async,
after-sync or after-commit; the latter two are MariaDB's semi-synchronous replication, which waits
for one replica. A promotion does what an operator does by hand: take the replica that has received
most, let it apply that, make it writable, point the others at it. `topology.rejoin` says what
becomes of an old source when it is back: `apart` leaves it read-only and unreplicated, as it was
found; `rebuild` throws its data away and makes it a replica.
"""

import getpass
import shutil
import time

import pymysql

from jepsen.client import Refused
from jepsen.db import NodeStatus
from jepsen.db.servers import (
    ADMIN_PATIENCE_S, POLL_S, START_PATIENCE_S, STATUS_PATIENCE_S, Servers, tail)
from jepsen.errors import UserError
from jepsen.process import run_to_end

REPLICATION_USER = "replication"
DEFAULTS = {
    "innodb-buffer-pool-size": "32M",
    "innodb-log-file-size": "16M",
    "innodb-log-buffer-size": "2M",
    "performance-schema": "OFF",
    "key-buffer-size": "1M",
    "max-connections": "500",
    "slave-net-timeout": "4",
    "default-storage-engine": "InnoDB",
}
FIXED = {  # what the harness relies on; experiments may not set it
    "user", "datadir", "socket", "port", "bind-address", "pid-file", "log-error", "server-id",
    "log-bin", "log-slave-updates", "skip-slave-start", "read-only", "relay-log", "tmpdir",
}
WAIT_POINTS = {"after-sync": "AFTER_SYNC", "after-commit": "AFTER_COMMIT"}


class MariaDB(Servers):
    NAME = "mariadb"
    FIXED_SETTINGS = FIXED
    DATA_TO_KEEP = ("binlog.*",)

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._apart = set()
        self._last_server_id = 0

    @classmethod
    def check_installed(cls):
        for program in ("mariadbd", "mariadb-install-db", "my_print_defaults"):
            _program(program)

    @staticmethod
    def last_gtid(cursor):
        cursor.execute("SELECT @@last_gtid")
        return cursor.fetchone()[0]

    @staticmethod
    def wait_for_gtid(cursor, gtid, patience_s):
        cursor.execute("SELECT MASTER_GTID_WAIT(%s, %s)", (gtid, patience_s))
        if cursor.fetchone()[0] != 0:
            raise Refused("the replica is late")

    # -- making and starting ---------------------------------------------------------------------

    def start(self):
        self.say("making system tables")
        self._make_template()
        for node in self.nodes:
            self._path(node).mkdir(parents=True, exist_ok=True)
            self._fill(node)
        self.say(f"starting {len(self.nodes)} nodes")
        for node in self.nodes:
            self._launch(node)
        for node in self.nodes:
            self._await_ready(node)
            self._make_accounts(node)
        self._become_primary(self.primary)
        for node in self.replicas():
            self._follow(node, self.primary)

    def _make_template(self):
        scratch = self._path("template-tmp")
        scratch.mkdir()
        command = [
            _program("mariadb-install-db"), "--no-defaults", f"--datadir={self._template()}",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin",
            "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-log-file-size=16M", f"--user={getpass.getuser()}",
            f"--tmpdir={scratch}"]
        status, output = run_to_end(self.guard, command)
        if status != 0:
            raise UserError(f"mariadb-install-db failed (exit {status}):\n{tail(output, 60)}")

    def _template(self):
        return self._folder / "template"

    def _fill(self, node):
        """Data and configuration as before the first start; the data may be a mount point.

        Each time with a new server id: a server ignores events that bear its own, and those of its
        former life, which it has lost, would be among them.
        """
        self._last_server_id += 1
        self._path(node, "tmp").mkdir(exist_ok=True)
        self._path(node, "my.cnf").write_text(self._configuration(node, self._last_server_id))
        folder = self.data_folder(node)
        if folder.exists():
            for entry in folder.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
        shutil.copytree(self._template(), folder, dirs_exist_ok=True)

    def _configuration(self, node, server_id):
        host, port = self.network.listens(node)
        options = DEFAULTS | {name.replace("_", "-"): value
                              for name, value in self.settings.items()}
        options |= {
            "user": getpass.getuser(), "datadir": self.data_folder(node),
            "socket": self._socket(node), "port": port, "bind-address": host,
            "pid-file": self._path(node, "pid"),
            "log-error": self._path(node, "error.log"), "server-id": server_id,
            # Its own: a server that starts removes the temporary tables it finds there.
            "tmpdir": self._path(node, "tmp"),
            "log-bin": "binlog", "log-slave-updates": "ON", "relay-log": "relay",
            "skip-slave-start": "ON", "read-only": "ON"}
        if self.topology["replication"] in WAIT_POINTS:
            timeout = self.topology["semi_sync_timeout_ms"]
            options |= {
                "rpl-semi-sync-master-wait-point": WAIT_POINTS[self.topology["replication"]],
                "rpl-semi-sync-master-timeout": timeout}
        lines = [f"{name} = {value}" for name, value in options.items()]
        return "[mariadbd]\n" + "\n".join(lines) + "\n"

    def _command(self, node):
        return [_program("mariadbd"), f"--defaults-file={self._path(node, 'my.cnf')}"]

    def _make_accounts(self, node):
        self._order(
            node, "SET SESSION sql_log_bin = 0", "CREATE DATABASE jepsen",
            "CREATE USER jepsen@'%' IDENTIFIED BY 'jepsen'",
            "GRANT ALL ON jepsen.* TO jepsen@'%'",
            f"CREATE USER {REPLICATION_USER}@'%' IDENTIFIED BY '{REPLICATION_USER}'",
            f"GRANT REPLICATION SLAVE ON *.* TO {REPLICATION_USER}@'%'")

    def create_tables(self, statements):
        self._order(self.primary, "USE jepsen", *statements)
        problems = self.settle(START_PATIENCE_S)
        if problems:
            raise UserError("replication does not work: " + "; ".join(problems))

    def version(self):
        row = self._ask(self.primary, "SELECT VERSION() AS version, @@version_comment AS build")
        return f"MariaDB {row['version']}, {row['build']}"

    # -- replication -----------------------------------------------------------------------------

    def _become_primary(self, node):
        orders = ["SET GLOBAL read_only = OFF"]
        if self.topology["replication"] in WAIT_POINTS:
            orders.insert(0, "SET GLOBAL rpl_semi_sync_slave_enabled = OFF")
            orders.insert(1, "SET GLOBAL rpl_semi_sync_master_enabled = ON")
        self._order(node, *orders)

    def _follow(self, node, source):
        host, port = self.network.address(node, source)
        orders = ["STOP SLAVE"]
        if self.topology["replication"] in WAIT_POINTS:
            orders += ["SET GLOBAL rpl_semi_sync_master_enabled = OFF",
                       "SET GLOBAL rpl_semi_sync_slave_enabled = ON"]
        orders += [
            f"CHANGE MASTER TO MASTER_HOST = '{host}', MASTER_PORT = {port},"
            f" MASTER_USER = '{REPLICATION_USER}', MASTER_PASSWORD = '{REPLICATION_USER}',"
            " MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1,"
            " MASTER_USE_GTID = slave_pos",
            "START SLAVE"]
        self._order(node, *orders)
        self._apart.discard(node)

    def promote(self):
        with self.lock:
            candidates = []
            for node in self.replicas():
                if node not in self._apart and self._answers(node):
                    status = self._ask(node, "SHOW SLAVE STATUS")
                    received = _sequence(status["Gtid_IO_Pos"]) if status else 0
                    candidates.append((received, node))
            if not candidates:
                return None
            best = max(candidates, key=lambda pair: pair[0])[1]
            self._order(best, "STOP SLAVE IO_THREAD", patience_s=START_PATIENCE_S)
            self._await_applied(best)
            self._order(best, "STOP SLAVE", "RESET SLAVE ALL", patience_s=START_PATIENCE_S)
            self._become_primary(best)
            old, self.primary = self.primary, best
            self._apart.add(old)
            for _, node in candidates:
                if node != best:
                    self._follow(node, best)
            return best

    def _answers(self, node):
        if not self._processes[node].running() or self._processes[node].paused:
            return False
        try:
            self._ask(node, "SELECT 1", STATUS_PATIENCE_S)
            return True
        except (pymysql.MySQLError, OSError):
            return False

    def _await_applied(self, node):
        """Until the replica has applied its relay log, or its applier has stopped."""
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline:
            status = self._ask(node, "SHOW SLAVE STATUS")
            if status["Slave_SQL_Running"] != "Yes" or (
                    _sequence(status["Gtid_IO_Pos"]) <= self._applied(node)):
                return
            time.sleep(POLL_S)

    def _applied(self, node, patience_s=ADMIN_PATIENCE_S):
        """The sequence number up to which a replica has applied."""
        return _sequence(self._ask(node, "SELECT @@gtid_slave_pos AS p", patience_s)["p"])

    # -- faults ----------------------------------------------------------------------------------

    def restart(self, nodes):
        """A node that was primary when it went down, and is still, becomes writable again."""
        with self.lock:
            down = [node for node in nodes if not self._processes[node].running()]
            rebuilt = {node for node in down
                       if node in self._apart and self.topology["rejoin"] == "rebuild"}
            for node in down:
                if node in rebuilt:
                    self._fill(node)
                self._launch(node)
            for node in down:
                self._await_ready(node)
                if node in rebuilt:
                    self._make_accounts(node)
            for node in down:
                if node == self.primary:
                    self._become_primary(node)
                elif node in rebuilt or node not in self._apart:
                    self._follow(node, self.primary)  # which may be another than before

    # -- watching --------------------------------------------------------------------------------

    def settle(self, patience_s):
        deadline = time.monotonic() + patience_s
        waiting = [node for node in self.replicas() if node not in self._apart]
        problems = {}
        while waiting and time.monotonic() < deadline:
            for node in list(waiting):
                problems[node] = self._distance(node)
                if problems[node] is None:
                    waiting.remove(node)
            time.sleep(POLL_S)
        return [f"{node}: {problems[node]}" for node in waiting]

    def _distance(self, node):
        """Why a replica is not where the primary is; None when it is."""
        try:
            target = self._ask(self.primary, "SELECT @@gtid_binlog_pos AS p")["p"]
            status = self._ask(node, "SHOW SLAVE STATUS")
            applied = self._applied(node)
        except (pymysql.MySQLError, OSError) as error:
            return f"does not answer: {error}"
        if status is None:
            return "replicates from nobody"
        if applied == _sequence(target):
            return None
        return (status["Last_SQL_Error"] or status["Last_IO_Error"]
                or f"has applied {applied} of {_sequence(target)}")

    def status(self, node):
        process = self._processes[node]
        if not process.running():
            return NodeStatus("down")
        if process.paused:
            return NodeStatus("paused")
        if node in self._apart:
            return NodeStatus("up", "apart")
        if node == self.primary:
            return NodeStatus("up", "primary")
        try:
            row = self._ask(node, "SHOW SLAVE STATUS", STATUS_PATIENCE_S) or {}
            newest = self._ask(self.primary, "SELECT @@gtid_binlog_pos AS p", STATUS_PATIENCE_S)
            lag = _sequence(newest["p"]) - self._applied(node, STATUS_PATIENCE_S)
        except (pymysql.MySQLError, OSError):
            return NodeStatus("up", "replica")
        return NodeStatus("up", "replica", max(lag, 0),
                          row.get("Last_SQL_Error") or row.get("Last_IO_Error") or "")

def _sequence(position):
    """The sequence number of `domain-server-sequence`; the nodes share one domain."""
    return int(position.split(",")[0].split("-")[2]) if position else 0


def _program(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        raise UserError(f"{name} is not installed; on Debian: apt-get install "
                        "mariadb-server-core mariadb-client-core")
    return found


CLASS = MariaDB
