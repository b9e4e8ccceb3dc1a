"""The ledger of commits: entries with fresh numbers, and in the end every node is asked for all.

An acknowledged entry that the primary does not have in the end is a lost commit; one that a read
showed and that is gone is a phantom commit; a node with other entries than the primary has
diverged (model/history/ledger_check.cc).
"""

import itertools

from jepsen.generator import Operation
from jepsen.workloads import Workload


class Ledger(Workload):
    NAME = "ledger"
    PARAMETERS = {
        "read_share": 0.005,  # a read returns everything, so many of them are slow
        "read_from": "any",
    }
    CHOICES = {"read_from": ("primary", "replica", "any")}

    def tables(self):
        return ["CREATE TABLE ledger (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB"]

    def operations(self):
        for number in itertools.count(1):
            while self.source.random() < self.parameters["read_share"]:
                yield Operation(self.NAME, "ledger/read", None, read_only=True,
                                target=self.parameters["read_from"],
                                lot=self.source.getrandbits(16))
            yield Operation(self.NAME, "ledger/insert", number)

    def run(self, session, node, operation):
        with session.autocommit(node) as cursor:
            if operation.f == "ledger/insert":
                cursor.execute("INSERT INTO ledger (id) VALUES (%s)", (operation.value,))
                return operation.value
            cursor.execute("SELECT id FROM ledger ORDER BY id")
            found = {"node": node, "ids": [number for number, in cursor.fetchall()]}
        return found | (operation.value or {})

    def final_operations(self, primary, nodes):
        return [Operation(self.NAME, "ledger/final-read", {"primary": node == primary},
                          target=node, read_only=True) for node in nodes]


CLASS = Ledger
