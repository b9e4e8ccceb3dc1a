"""Keys that the server hands out: never one twice, and never one below what was seen.

An insert without a key returns the one it got; a read returns the largest. A failover that loses
commits hands their keys out again (model/history/monotonic_check.cc).
"""

from jepsen.generator import Operation
from jepsen.workloads import Workload

KEY = "tickets"


class AutoIncrement(Workload):
    NAME = "auto-increment"
    PARAMETERS = {"read_share": 0.2}

    def tables(self):
        return ["CREATE TABLE tickets (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, client INT)"
                " ENGINE=InnoDB"]

    def operations(self):
        while True:
            if self.source.random() < self.parameters["read_share"]:
                yield Operation(self.NAME, "monotonic/read", [KEY, None], read_only=True)
            else:
                yield Operation(self.NAME, "monotonic/inc", [KEY, None])

    def run(self, session, node, operation):
        with session.autocommit(node) as cursor:
            if operation.f == "monotonic/inc":
                cursor.execute("INSERT INTO tickets (client) VALUES (1)")
                return [KEY, cursor.lastrowid]
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM tickets")
            return [KEY, cursor.fetchone()[0]]

    def final_operations(self, primary, nodes):
        return [Operation(self.NAME, "monotonic/read", [KEY, None], target=primary,
                          read_only=True)]


CLASS = AutoIncrement
