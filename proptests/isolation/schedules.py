"""Random schedules, as scripts of the model (model/txn/script.h) without answers.

Small tables and few keys, so that sessions meet. Where the choice of an index matters, the
statement forces it, and constrains its first column. A part of the schedules purges: there no
transaction opens a read view, so that a real server can purge all that the model does.
"""

import itertools
import random

LEVELS = ("read uncommitted", "read committed", "repeatable read", "serializable")
SETTINGS = tuple(itertools.product(LEVELS, ("off", "on")))  # with innodb_snapshot_isolation

SCHEMAS = (
    # columns and keys, index -> columns, columns that are free to change
    ("id int primary key, k int, c int, key k (k)", {"primary": ["id"], "k": ["k"]}),
    ("id int primary key, u int, c int, unique key u (u)", {"primary": ["id"], "u": ["u"]}),
    ("id int primary key, u int, k int, c int, unique key u (u), key k (k)",
     {"primary": ["id"], "u": ["u"], "k": ["k"]}),
    ("a int, b int, c int, primary key (a, b), key c (c)", {"primary": ["a", "b"], "c": ["c"]}),
    ("id int primary key, k int, key k (k)", {"primary": ["id"], "k": ["k"]}),
    ("id int primary key, u int, v int, unique key u (u, v)", {"primary": ["id"], "u": ["u", "v"]}),
)
COLUMNS = (("id", "k", "c"), ("id", "u", "c"), ("id", "u", "k", "c"), ("a", "b", "c"),
           ("id", "k"), ("id", "u", "v"))
NOT_NULL = {"id", "a", "b"}


class Generator:
    def __init__(self, seed, setting, sessions=(2, 4), steps=(6, 16)):
        self.random = random.Random(seed)
        self.level, self.snapshot = setting
        self.purges = self.snapshot == "off" and self.random.random() < 0.25
        shape = self.random.randrange(len(SCHEMAS))
        self.definition, self.indexes = SCHEMAS[shape]
        self.columns = COLUMNS[shape]
        self.sessions = self.random.randint(*sessions)
        self.steps = self.random.randint(*steps)

    def script(self, rules="mariadb"):
        lines = ["tables", f"  create table t ({self.definition})"]
        lines += [f"  {statement}" for statement in self._rows()]
        lines += ["", f"at {self.level}; snapshot isolation {self.snapshot}; rules {rules}",
                  "shows: a random schedule"]
        for session in range(1, self.sessions + 1):
            if self.random.random() < 0.9:
                lines.append(f"  T{session}: {self._begin()}")
                if self.random.random() < 0.1:
                    lines.append(f"  T{session}: savepoint a")
        lines += [f"  {self._step()}" for _ in range(self.steps)]
        return "\n".join(lines) + "\n"

    def _rows(self):
        keys = self.random.sample(range(2, 13, 2), self.random.randint(1, 5))
        seconds = self.random.sample(range(1, 13), len(keys))  # they may have to be unique
        rows = [[key, second, *map(self._value, self.columns[2:])]
                for key, second in zip(sorted(keys), seconds)]
        if self.random.random() < 0.2 and self.columns[1] not in NOT_NULL:
            rows[0][1] = None
        yield "insert into t values " + ", ".join(self._tuple(row) for row in rows)
        if self.random.random() < 0.3:  # leaves marked records behind
            yield f"delete from t where {self.columns[0]} = {self.random.choice(keys)}"

    def _value(self, column):
        if column not in NOT_NULL and self.random.random() < 0.08:
            return None
        return self.random.randint(1, 12)

    def _text(self, value):
        return "null" if value is None else str(value)

    def _tuple(self, row):
        return "(" + ", ".join(self._text(value) for value in row) + ")"

    def _begin(self):
        with_view = not self.purges and self.random.random() < 0.15
        return "start transaction with consistent snapshot" if with_view else "begin"

    def _step(self):
        session = self.random.randint(1, self.sessions)
        makers = ((self._select, 30), (self._update, 28), (self._insert, 20), (self._delete, 12),
                  (self._end, 10), (self._savepoint, 5), (self._purge, 8 if self.purges else 0))
        maker = self.random.choices([one for one, _ in makers], [weight for _, weight in makers])[0]
        if self.random.random() < 0.02:
            return f"T{session} times out"
        return f"T{session}: {maker()}"

    def _end(self):
        return self.random.choice(("commit", "commit", "rollback", "begin"))

    def _purge(self):
        return "purge"

    def _savepoint(self):
        return self.random.choice(("savepoint a", "savepoint b", "rollback to a", "rollback to b",
                                   "release savepoint a"))

    def _select(self):
        index, where = self._where()
        force = f" force index ({index})"
        order = ""
        if where and self.random.random() < 0.15:
            order = f" order by {self.indexes[index][0]} desc"
        limit = " limit 1" if order and self.random.random() < 0.3 else ""
        lock = self.random.choices(("", " for update", " lock in share mode"),
                                   (0 if self.purges else 25, 45, 30))[0]
        if lock and self.random.random() < 0.12:
            lock += self.random.choice((" nowait", " skip locked"))
        return f"select * from t{force}{where}{order}{limit}{lock}"

    def _update(self):
        index, where = self._where()
        force = f" force index ({index})"
        column = self.random.choice(self.columns)
        if self.random.random() < 0.6:
            value = self._text(self._value(column))
        else:
            value = f"{column} {self.random.choice('+-')} {self.random.randint(1, 5)}"
        return f"update t{force} set {column} = {value}{where}"

    def _insert(self):
        rows = [[self._value(column) for column in self.columns]
                for _ in range(2 if self.random.random() < 0.2 else 1)]
        return "insert into t values " + ", ".join(self._tuple(row) for row in rows)

    def _delete(self):
        return f"delete from t{self._where()[1]}"

    def _where(self):
        """An index, and a condition on its first column; or no condition at all."""
        index = self.random.choice(list(self.indexes))
        columns = self.indexes[index]
        if self.random.random() < 0.08:
            return "primary", ""
        condition = self._condition(columns[0])
        if len(columns) > 1 and " = " in condition and self.random.random() < 0.6:
            condition += " and " + self._condition(columns[1])
        if self.random.random() < 0.15:
            other = self.columns[-1]
            if all(other not in one for one in self.indexes.values()):
                condition += f" and {other} <> {self.random.randint(1, 12)}"
        return index, " where " + condition

    def _condition(self, column):
        value = self.random.randint(0, 13)
        kind = self.random.random()
        if kind < 0.5:
            return f"{column} = {value}"
        if kind < 0.8:
            return f"{column} {self.random.choice(('<', '<=', '>', '>='))} {value}"
        if kind < 0.95 or column in NOT_NULL:
            return f"{column} between {value} and {value + self.random.randint(1, 5)}"
        return f"{column} is null"


def random_script(seed, number):
    """The schedule of that number; consecutive ones have each setting in turn."""
    return Generator(f"{seed}/{number}", SETTINGS[number % len(SETTINGS)]).script()
