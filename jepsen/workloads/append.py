"""Transactions that append to lists and read them (Elle's list-append; Kingsbury and Alvaro, 2020).

A list shows the order of its own versions, so the reads reveal the dependencies of transactions,
and circles among those name the anomaly. A row holds a list as text. An append is one statement
that the store evaluates (CONCAT), or, with `append = "read-modify-write"`, a read followed by a
write of the whole text, as applications with an object mapper do it.

A key is retired after `appends_per_key` appends, to keep lists short and keys contended.
"""

from jepsen.generator import Operation
from jepsen.workloads import Workload

KEYS_IN_A_FINAL_READ = 32
TABLE = ("CREATE TABLE lists (id INT NOT NULL PRIMARY KEY, val TEXT NOT NULL)"
         " ENGINE=InnoDB DEFAULT CHARSET=latin1")


class Append(Workload):
    NAME = "append"
    PARAMETERS = {
        "keys": 6,  # in use at a time
        "appends_per_key": 40,
        "min_length": 1,  # of a transaction, in reads and appends
        "max_length": 4,
        "read_share": 0.5,
        "append": "concat",
    }
    CHOICES = {"append": ("concat", "read-modify-write")}

    def __init__(self, parameters, source):
        super().__init__(parameters, source)
        self._keys_made = 0

    def tables(self):
        return [TABLE]

    def operations(self):
        settings = self.parameters
        appended = {}
        while True:
            while len(appended) < settings["keys"]:
                appended[self._new_key()] = 0
            length = self.source.randint(settings["min_length"], settings["max_length"])
            ops = [self._micro_operation(appended) for _ in range(length)]
            yield Operation(self.NAME, "txn", ops, lot=self.source.getrandbits(16),
                            read_only=all(op[0] == "r" for op in ops))
            for key in [key for key, count in appended.items()
                        if count >= settings["appends_per_key"]]:
                del appended[key]

    def _new_key(self):
        self._keys_made += 1
        return self._keys_made

    def _micro_operation(self, appended):
        key = self.source.choice(sorted(appended))
        if self.source.random() < self.parameters["read_share"]:
            return ["r", key, None]
        appended[key] += 1
        return ["append", key, appended[key]]

    def run(self, session, node, operation):
        with session.transaction(node) as cursor:
            return [self._apply(cursor, *op) for op in operation.value]

    def _apply(self, cursor, verb, key, element):
        if verb == "r":
            return [verb, key, _read(cursor, key)]
        if self.parameters["append"] == "concat":
            cursor.execute(
                "INSERT INTO lists (id, val) VALUES (%s, %s)"
                " ON DUPLICATE KEY UPDATE val = CONCAT(val, ',', %s)", (key, element, element))
        else:
            text = ",".join(map(str, _read(cursor, key) + [element]))
            cursor.execute("INSERT INTO lists (id, val) VALUES (%s, %s)"
                           " ON DUPLICATE KEY UPDATE val = %s", (key, text, text))
        return [verb, key, element]

    def final_operations(self, primary, nodes):
        """All lists, from the primary."""
        keys = range(1, self._keys_made + 1)
        chunks = [keys[at:at + KEYS_IN_A_FINAL_READ]
                  for at in range(0, len(keys), KEYS_IN_A_FINAL_READ)]
        return [Operation(self.NAME, "txn", [["r", key, None] for key in chunk],
                          target=primary, read_only=True) for chunk in chunks]


def _read(cursor, key):
    cursor.execute("SELECT val FROM lists WHERE id = %s", (key,))
    row = cursor.fetchone()
    return [] if row is None else [int(element) for element in row[0].split(",")]


CLASS = Append
