"""Transfers between accounts: money is neither made nor lost, and nobody overdraws.

How a transfer is written decides what it shows of an isolation level: with `lock = "for-update"` it
reads the two rows with locks, with `none` it trusts its snapshot. `update = "computed"` writes the
balances that the client worked out, `in-place` has the store add and subtract.
"""

from jepsen.client import Refused
from jepsen.generator import Operation
from jepsen.workloads import Workload


class Bank(Workload):
    NAME = "bank"
    PARAMETERS = {
        "accounts": 8,
        "balance": 100,  # of each at the start
        "largest_transfer": 30,
        "read_share": 0.3,
        "read_from": "primary",
        "lock": "for-update",
        "update": "computed",
    }
    CHOICES = {"read_from": ("primary", "replica", "any"), "lock": ("none", "for-update"),
               "update": ("computed", "in-place")}

    def _names(self):
        return [f"a{number}" for number in range(self.parameters["accounts"])]

    def tables(self):
        rows = ", ".join(f"('{name}', {self.parameters['balance']})" for name in self._names())
        return ["CREATE TABLE accounts (id VARCHAR(20) NOT NULL PRIMARY KEY, balance BIGINT NOT"
                " NULL) ENGINE=InnoDB DEFAULT CHARSET=latin1",
                f"INSERT INTO accounts (id, balance) VALUES {rows}"]

    def operations(self):
        while True:
            if self.source.random() < self.parameters["read_share"]:
                yield Operation(self.NAME, "bank/read", None, read_only=True,
                                target=self.parameters["read_from"],
                                lot=self.source.getrandbits(16))
            else:
                giver, taker = self.source.sample(self._names(), 2)
                amount = self.source.randint(1, self.parameters["largest_transfer"])
                yield Operation(self.NAME, "bank/transfer",
                                {"from": giver, "to": taker, "amount": amount})

    def run(self, session, node, operation):
        with session.transaction(node) as cursor:
            if operation.f == "bank/transfer":
                return self._transfer(cursor, operation.value)
            cursor.execute("SELECT id, balance FROM accounts")
            return dict(cursor.fetchall())

    def _transfer(self, cursor, value):
        suffix = " FOR UPDATE" if self.parameters["lock"] == "for-update" else ""
        cursor.execute("SELECT id, balance FROM accounts WHERE id IN (%s, %s)" + suffix,
                       (value["from"], value["to"]))
        balances = dict(cursor.fetchall())
        if balances[value["from"]] < value["amount"]:
            raise Refused("not enough money")
        for name, change in ((value["from"], -value["amount"]), (value["to"], value["amount"])):
            if self.parameters["update"] == "computed":
                cursor.execute("UPDATE accounts SET balance = %s WHERE id = %s",
                               (balances[name] + change, name))
            else:
                cursor.execute("UPDATE accounts SET balance = balance + %s WHERE id = %s",
                               (change, name))
        return value

    def initial_operations(self, primary):
        return [Operation(self.NAME, "bank/accounts", None, target=primary, read_only=True)]

    def final_operations(self, primary, nodes):
        return [Operation(self.NAME, "bank/read", None, target=node, read_only=True)
                for node in nodes]


CLASS = Bank
