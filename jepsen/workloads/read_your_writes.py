"""A client increments a counter on the primary and at once reads it on a replica.

With `wait = "none"`, as behind a proxy that splits reads from writes, it may not see its own write.
With `gtid` it first waits on the replica for the transaction it was told of, which mends that.
"""

from jepsen.generator import Operation
from jepsen.workloads import Workload

WAIT_S = 2


class ReadYourWrites(Workload):
    NAME = "read-your-writes"
    MODEL = "strong-session-read-committed"
    PARAMETERS = {"keys": 20, "wait": "none"}
    CHOICES = {"wait": ("none", "gtid")}

    def tables(self):
        rows = ", ".join(f"({key}, 0)" for key in range(self.parameters["keys"]))
        return ["CREATE TABLE counters (id INT NOT NULL PRIMARY KEY, val BIGINT NOT NULL)"
                " ENGINE=InnoDB", f"INSERT INTO counters (id, val) VALUES {rows}"]

    def operations(self):
        while True:
            yield Operation(self.NAME, "monotonic/inc",
                            [self.source.randrange(self.parameters["keys"]), None],
                            lot=self.source.getrandbits(16))

    def run(self, session, node, operation):
        key = operation.value[0]
        if operation.f == "monotonic/read":
            return [key, self._read(session, node, key)]
        with session.transaction(node) as cursor:
            cursor.execute("UPDATE counters SET val = val + 1 WHERE id = %s", (key,))
            cursor.execute("SELECT val FROM counters WHERE id = %s", (key,))
            value = cursor.fetchone()[0]
        if self.parameters["wait"] == "gtid":
            with session.autocommit(node) as cursor:
                session.last_gtid = self.dialect.last_gtid(cursor)
        return [key, value]

    def _read(self, session, node, key):
        with session.autocommit(node) as cursor:
            if self.parameters["wait"] == "gtid":
                self.dialect.wait_for_gtid(cursor, session.last_gtid, WAIT_S)
            cursor.execute("SELECT val FROM counters WHERE id = %s", (key,))
            return cursor.fetchone()[0]

    def follow_up(self, operation, value):
        if operation.f == "monotonic/read":
            return None
        return Operation(self.NAME, "monotonic/read", [operation.value[0], None],
                         target="replica", read_only=True, lot=operation.lot)


CLASS = ReadYourWrites
