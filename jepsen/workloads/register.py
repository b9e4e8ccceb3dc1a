"""Registers that are read, written and compared-and-set by single statements: linearizable or not.

The search for a linear order is exponential in what is unanswered, so a key is retired after
`operations_per_key` operations, and each key is judged by itself (register_check.cc).
"""

from jepsen.client import Refused
from jepsen.generator import Operation
from jepsen.workloads import Workload


class Register(Workload):
    NAME = "register"
    PARAMETERS = {
        "keys": 4,  # in use at a time
        "operations_per_key": 150,
        "values": 5,
        "read_share": 0.4,
        "cas_share": 0.3,
        "read_from": "primary",
    }
    CHOICES = {"read_from": ("primary", "replica", "any")}

    def tables(self):
        return ["CREATE TABLE registers (id INT NOT NULL PRIMARY KEY, val INT NOT NULL)"
                " ENGINE=InnoDB"]

    def operations(self):
        used, made = {}, 0
        while True:
            while len(used) < self.parameters["keys"]:
                made += 1
                used[made] = 0
            key = self.source.choice(sorted(used))
            yield self._operation(key)
            used[key] += 1
            if used[key] == self.parameters["operations_per_key"]:
                del used[key]

    def _operation(self, key):
        kind, values = self.source.random(), range(self.parameters["values"])
        if kind < self.parameters["read_share"]:
            return Operation(self.NAME, "register/read", [key, None], read_only=True,
                             target=self.parameters["read_from"], lot=self.source.getrandbits(16))
        if kind < self.parameters["read_share"] + self.parameters["cas_share"]:
            # Two different values: a server does not count a row that was set to what it was.
            return Operation(self.NAME, "register/cas", [key, self.source.sample(values, 2)])
        return Operation(self.NAME, "register/write", [key, self.source.choice(values)])

    def run(self, session, node, operation):
        key, value = operation.value
        with session.autocommit(node) as cursor:
            if operation.f == "register/read":
                cursor.execute("SELECT val FROM registers WHERE id = %s", (key,))
                row = cursor.fetchone()
                return [key, None if row is None else row[0]]
            if operation.f == "register/write":
                cursor.execute("INSERT INTO registers (id, val) VALUES (%s, %s)"
                               " ON DUPLICATE KEY UPDATE val = %s", (key, value, value))
            else:
                old, new = value
                cursor.execute("UPDATE registers SET val = %s WHERE id = %s AND val = %s",
                               (new, key, old))
                if cursor.rowcount == 0:
                    raise Refused("another value")
        return operation.value


CLASS = Register
