"""Phantoms: rows that begin to match a predicate after it was read.

A group has a fixed number of places. A booking counts the rows of its group and inserts one more if
there is room; a release counts and deletes one. Two bookings that count at the same time insert
different rows, so no row is contended: only a store that guards the predicate keeps both from
taking the last place. A reader counts each group twice in one transaction.

It is told to the bank's checker, as accounts GROUP/taken and GROUP/free of which the first count
fills one and the second the other. So an overbooked group is an account below zero (write skew by a
phantom), and a phantom between the two counts of a reader changes the total.
"""

from jepsen.client import Refused
from jepsen.generator import Operation
from jepsen.workloads import Workload

COUNT = "SELECT COUNT(*) FROM bookings WHERE team = %s"
COUNT_ALL = "SELECT team, COUNT(*) FROM bookings GROUP BY team"


class Predicate(Workload):
    NAME = "predicate"
    PARAMETERS = {"groups": 4, "places": 5, "read_share": 0.3, "release_share": 0.45}

    def __init__(self, parameters, source):
        super().__init__(parameters, source)
        self._groups = [f"g{number}" for number in range(self.parameters["groups"])]

    def tables(self):
        return ["CREATE TABLE bookings (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, team"
                " VARCHAR(20) NOT NULL, KEY by_team (team)) ENGINE=InnoDB DEFAULT CHARSET=latin1"]

    def operations(self):
        while True:
            if self.source.random() < self.parameters["read_share"]:
                yield Operation(self.NAME, "bank/read", None, read_only=True)
                continue
            group = self.source.choice(self._groups)
            ends = (f"{group}/free", f"{group}/taken")
            if self.source.random() < self.parameters["release_share"]:
                ends = ends[::-1]
            yield Operation(self.NAME, "bank/transfer",
                            {"from": ends[0], "to": ends[1], "amount": 1})

    def run(self, session, node, operation):
        with session.transaction(node) as cursor:
            if operation.f != "bank/transfer":
                return self._read(cursor)
            group, _, emptied = operation.value["from"].partition("/")
            if emptied == "free":
                self._book(cursor, group)
            else:
                self._release(cursor, group)
            return operation.value

    def _book(self, cursor, group):
        cursor.execute(COUNT, (group,))
        if cursor.fetchone()[0] >= self.parameters["places"]:
            raise Refused("no place is free")
        cursor.execute("INSERT INTO bookings (team) VALUES (%s)", (group,))

    @staticmethod
    def _release(cursor, group):
        cursor.execute("DELETE FROM bookings WHERE team = %s ORDER BY id LIMIT 1", (group,))
        if cursor.rowcount == 0:
            raise Refused("nothing is booked")

    def _read(self, cursor):
        cursor.execute(COUNT_ALL)
        first = dict(cursor.fetchall())
        cursor.execute(COUNT_ALL)
        second = dict(cursor.fetchall())
        accounts = {}
        for group in self._groups:
            accounts[f"{group}/taken"] = first.get(group, 0)
            accounts[f"{group}/free"] = self.parameters["places"] - second.get(group, 0)
        return accounts

    def initial_operations(self, primary):
        return [Operation(self.NAME, "bank/accounts", None, target=primary, read_only=True)]

    def final_operations(self, primary, nodes):
        return [Operation(self.NAME, "bank/read", None, target=primary, read_only=True)]


CLASS = Predicate
