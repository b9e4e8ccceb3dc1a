"""A set that only grows: elements are added, and reads show all of it.

What was acknowledged, or seen once, must be in every later read; the checker tells lost elements
from those that a stale read only missed (model/history/set_check.cc).
"""

import itertools

from jepsen.generator import Operation
from jepsen.workloads import Workload


class Set(Workload):
    NAME = "set"
    PARAMETERS = {
        "read_share": 0.01,
        "read_from": "primary",
    }
    CHOICES = {"read_from": ("primary", "replica", "any")}

    def tables(self):
        return ["CREATE TABLE elements (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB"]

    def operations(self):
        for number in itertools.count(1):
            while self.source.random() < self.parameters["read_share"]:
                yield Operation(self.NAME, "set/read", None, read_only=True,
                                target=self.parameters["read_from"],
                                lot=self.source.getrandbits(16))
            yield Operation(self.NAME, "set/add", number)

    def run(self, session, node, operation):
        with session.autocommit(node) as cursor:
            if operation.f == "set/add":
                cursor.execute("INSERT INTO elements (id) VALUES (%s)", (operation.value,))
                return operation.value
            cursor.execute("SELECT id FROM elements ORDER BY id")
            return [number for number, in cursor.fetchall()]

    def final_operations(self, primary, nodes):
        return [Operation(self.NAME, "set/read", None, target=primary, read_only=True)]


CLASS = Set
