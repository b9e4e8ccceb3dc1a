"""Holds the model of transactions and locks against a real MariaDB server.

    python3 -m proptests.isolation.differential --count 1000 [--seed N]
    python3 -m proptests.isolation.differential --script FILE...

Schedules are made for the four isolation levels with innodb_snapshot_isolation off and on in turn.
Every schedule is run twice: by the model, and on the server, each session on a connection of its
own. After each step the two must agree on which sessions wait, on what every other one was answered
(rows, numbers of changed rows, errors), and on all locks, granted and waiting. The server is given
time to get there; nothing depends on how long it takes.

When one step sets several sessions free, a server lets them run at once, and which is the first to
ask for its next lock is chance. The model runs the schedule in every such order, up to a hundred,
and the server must agree with one of them from the first step to the last.

What the model calls purge, the server does when it likes. A transaction with an early read view
holds it off, and lets it run only at a `purge` step.

The first schedule on which they differ is made as short as it still differs, and printed as a
script. Exit status: 0 all agree, 1 a difference, 2 no server.

Needs mariadb-server and python3-pymysql, and build/release/bin/aftersync-check. It is not part of
./test, which needs no server.
"""

import argparse
import collections
import concurrent.futures
import itertools
import pathlib
import random
import sys
import time

import pymysql

from proptests.isolation import innodb_status, mariadb_server, model

AGREE_DEADLINE_S = 5
SHORTENING_DEADLINE_S = 1
TRIES = 3
POLL_S = 0.001
PURGE_DEADLINE_S = 1
STATEMENT_TIMEOUT = 1969
BATCH = 50
ERRORS = {1213: "deadlock", 1205: "lock_wait_timeout", 1317: "lock_wait_timeout",
          1062: "duplicate_key", 1020: "conflict", 1305: "not_found"}
DATABASE = "test"


class Difference(Exception):
    """The server and the model disagree; the text says on what."""


def setup_of(text):
    """The statements below `tables`."""
    lines = itertools.dropwhile(lambda line: line != "tables", text.splitlines())
    next(lines)
    return [line.strip() for line in itertools.takewhile(
        lambda line: not line.startswith("at "), lines) if line.startswith("  ")]


def by_mariadb_rules(text):
    """The script with every schedule under the rules of the server that is to run it."""
    return "\n".join(line + "; rules mariadb" if line.startswith("at ") and "; rules" not in line
                     else line for line in text.splitlines()) + "\n"


class Session:
    """A connection whose statements run in a thread, one at a time."""

    def __init__(self, server):
        self.connection = server.connect(DATABASE)
        self.cursor = self.connection.cursor()
        self.thread = self.connection.thread_id()
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.running = None

    def send(self, statement):
        self.running = self.pool.submit(self._run, statement)

    def _run(self, statement):
        try:
            changed = self.cursor.execute(statement)
        except pymysql.err.MySQLError as error:
            return {"error": ERRORS.get(error.args[0], str(error))}
        if self.cursor.description is not None:
            return {"rows": sorted(self.cursor.fetchall(), key=repr)}
        return {"changed": changed}

    def close(self):
        self.pool.shutdown()
        self.connection.close()


class Order:
    """What the model answers when sessions go on in one order, as far as the replay has come."""

    def __init__(self, run, key_lengths):
        self.run = run
        self.key_lengths = key_lengths
        self.expected = {}  # by session: the answer that is due
        self.waiting = set()

    def take(self, number):
        step = self.run["steps"][number]
        purges = step["session"] if step["statement"] == "purge" else None
        for answer in step["answers"]:
            session = answer["session"]
            if answer["kind"] == "waiting":
                self.waiting.add(session)
            elif session != purges:  # which the server is not asked for in that session
                self.waiting.discard(session)
                self.expected[session] = answer

    def difference(self, number, sessions, status):
        return (self._progress_difference(sessions) or self._answers_difference(sessions)
                or self._locks_difference(self.run["steps"][number]["locks"], sessions, status))

    def _progress_difference(self, sessions):
        for number, session in sessions.items():
            if session.running is None:
                continue
            done = session.running.done()
            if number in self.waiting:
                if done:
                    return f"T{number} should wait, and answered {session.running.result()}"
            elif not done:
                return f"T{number} should not wait: {self.expected[number]}"
        return None

    def _answers_difference(self, sessions):
        for number, answer in self.expected.items():
            actual = sessions[number].running.result()
            wanted = {key: answer[key] for key in ("error", "rows", "changed") if key in answer}
            if answer["kind"] == "done":
                wanted = {"changed": 0}
            if "rows" in wanted:
                wanted["rows"] = sorted(map(tuple, wanted["rows"]), key=repr)
            if wanted != actual:
                return f"T{number}: the model answers {wanted}, the server {actual}"
        return None

    def _locks_difference(self, locks, sessions, status):
        for number, session in sessions.items():
            actual = status.get(session.thread)
            waits = actual is not None and actual.waiting
            if waits != (number in self.waiting):
                return f"T{number} waits on the server: {waits}"
            if actual is not None and not actual.complete:
                continue
            wanted = self._counted(lock_of(lock, self.key_lengths) for lock in locks
                                   if lock["session"] == number)
            held = self._counted(actual.locks if actual is not None else ())
            if wanted != held:
                return (f"locks of T{number}: only the model "
                        f"{sorted(map(str, wanted - held))}\n"
                        f"only the server {sorted(map(str, held - wanted))}")
        return None

    def _counted(self, locks):
        """A server may have a lock twice; locks that differ in the hidden row id look so."""
        counts = collections.Counter(locks)
        for lock in counts:
            if (lock.table, "PRIMARY") in self.key_lengths:
                counts[lock] = 1
        return counts


class Replay:
    """One schedule on the server, beside the model's answers to it in every order."""

    def __init__(self, server, text, runs, deadline_s):
        self.server = server
        self.run = runs[0]  # for what is the same in all
        self.deadline_s = deadline_s
        self.admin = server.connect()
        self.view = server.connect()
        self.sessions = {}
        self.columns = {}
        self._set_up(setup_of(text))
        self.orders = [Order(run, self.key_lengths) for run in runs]

    def _set_up(self, statements):
        with self.admin.cursor() as cursor:
            cursor.execute(f"drop database if exists {DATABASE}")
            cursor.execute(f"create database {DATABASE}")
            cursor.execute(f"use {DATABASE}")
            self._purge()
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("select table_name, index_name, column_name from "
                           f"information_schema.statistics where table_schema = '{DATABASE}' "
                           "order by table_name, index_name, seq_in_index")
            for table, index, column in cursor.fetchall():
                self.columns.setdefault((table, index), []).append(column)
            for table in {table for table, _ in self.columns}:  # an index is always cheaper
                cursor.execute("replace mysql.table_stats "
                               f"values ('{DATABASE}', '{table}', 1000000)")
                cursor.execute(f"flush table {table}")
        self.key_lengths = {}  # without the hidden row id, which the server counts in its own way
        for (table, index), columns in self.columns.items():
            key = self.columns.get((table, "PRIMARY"), [])
            self.key_lengths[table, index] = len(columns + [one for one in key
                                                            if one not in columns])

    def _purge(self):
        """Lets the server remove what nobody can see, and then holds it off again. While another
        transaction is active its list does not become empty; then it is given a second."""
        self.view.rollback()
        with self.admin.cursor() as cursor:
            cursor.execute(f"set session max_statement_time = {PURGE_DEADLINE_S}")
            try:
                cursor.execute("set global innodb_max_purge_lag_wait = 0")
            except pymysql.err.OperationalError as error:
                if error.args[0] != STATEMENT_TIMEOUT:
                    raise
            cursor.execute("set session max_statement_time = 0")
        with self.view.cursor() as cursor:
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot")

    def close(self):
        with self.admin.cursor() as cursor:
            for session in self.sessions.values():
                if session.running is not None and not session.running.done():
                    cursor.execute(f"kill query {session.thread}")
        for session in self.sessions.values():
            session.close()
        self.admin.close()
        self.view.close()

    def steps(self):
        for number in range(len(self.run["steps"])):
            # All orders that are left agree on who waits, so also on who is skipped.
            step = self.orders[0].run["steps"][number]
            if not step["skipped"]:
                self._send(step)
                self._agree(number)

    def _session(self, number):
        if number not in self.sessions:
            session = Session(self.server)
            session.cursor.execute("set session transaction isolation level "
                                   + self.run["isolation"])
            session.cursor.execute("set session innodb_snapshot_isolation = "
                                   + str(int(self.run["snapshot_isolation"])))
            self.sessions[number] = session
        return self.sessions[number]

    def _send(self, step):
        if step["statement"] is None:
            with self.admin.cursor() as cursor:
                cursor.execute(f"kill query {self._session(step['session']).thread}")
        elif step["statement"] == "purge":
            self._purge()
        elif step["session"] != 0:
            statement = step["statement"].replace(" for share", " lock in share mode")
            self._session(step["session"]).send(statement)

    def _agree(self, number):
        """Keeps the orders that the server agrees with. Raises Difference if none is left."""
        for order in self.orders:
            order.take(number)
        deadline = time.monotonic() + self.deadline_s
        while True:
            differences = self._differences(number)
            if None in differences:
                break
            if time.monotonic() > deadline:
                step = self.run["steps"][number]
                raise Difference(f"line {step['line']}: {step['statement']}\n{differences[0]}")
            time.sleep(POLL_S)
        self.orders = [order for order, difference in zip(self.orders, differences)
                       if difference is None]
        for order in self.orders:
            for session in order.expected:
                self.sessions[session].running = None
            order.expected = {}

    def _differences(self, number):
        with self.admin.cursor() as cursor:
            cursor.execute("show engine innodb status")
            status = innodb_status.transactions(cursor.fetchone()[2], self.key_lengths)
        return [order.difference(number, self.sessions, status) for order in self.orders]


def lock_of(lock, key_lengths):
    length = key_lengths.get((lock["table"], lock["index"]), 0)
    key = None if lock["key"] is None else tuple(lock["key"][:length])
    return innodb_status.Lock(lock["table"], lock["index"], key, lock["mode"], lock["kind"],
                              lock["waiting"])


def compare(server, text, runs, deadline_s=AGREE_DEADLINE_S):
    """Raises Difference."""
    for orders in runs:
        replay = Replay(server, text, orders, deadline_s)
        try:
            replay.steps()
        finally:
            replay.close()


def compare_often(server, text, runs, counts):
    """A real server releases locks one by one, and whoever it wakes may meet one that is about to
    go. So a schedule has several tries; a difference is what shows in all of them."""
    for attempt in range(TRIES):
        try:
            compare(server, text, runs)
            counts["agreed at a later try"] += attempt > 0
            return
        except Difference:
            if attempt == TRIES - 1:
                raise


def differs(server, text):
    """The difference, or None."""
    try:
        compare(server, text, model.runs_of([text])[0], SHORTENING_DEADLINE_S)
    except Difference as difference:
        return str(difference)
    except model.BadScript:
        return None  # of a shortened script
    return None


def shorten(server, text):
    """Leaves out steps as long as a difference remains."""
    lines = text.splitlines()
    number = len(lines) - 1
    while number > 0 and not lines[number].startswith("shows:"):
        shorter = lines[:number] + lines[number + 1:]
        if differs(server, "\n".join(shorter) + "\n"):
            lines = shorter
        number -= 1
    return "\n".join(lines) + "\n"


def tally(counts, run):
    for step in run["steps"]:
        for answer in step["answers"]:
            counts[answer["kind"] if answer["kind"] != "failed" else answer["error"]] += 1


def run_random(server, first, count, seed, counts):
    """Raises Difference with the script."""
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        texts = [model.random_script(seed, number) for number in numbers]
        for number, text, runs in zip(numbers, texts, model.runs_of(texts)):
            try:
                compare_often(server, text, runs, counts)
            except Difference as difference:
                short = shorten(server, text)
                raise Difference(f"schedule {number}\n{difference}\n\nin short:\n{short}\n"
                                 f"{differs(server, short)}") from None
            counts["schedules"] += 1
            for orders in runs:
                tally(counts, orders[0])
                counts["in several orders"] += len(orders) > 1
                counts["orders cut"] += orders[-1]["cut"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first schedule")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--script", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    if not mariadb_server.available():
        print("differential: mariadb-server is not installed", file=sys.stderr)
        return 2
    seed = arguments.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 40)
    counts = collections.Counter()
    try:
        with mariadb_server.running_server() as server:
            if arguments.script:
                for path in arguments.script:
                    text = by_mariadb_rules(path.read_text(encoding="utf-8"))
                    try:
                        compare_often(server, text, model.runs_of([text])[0], counts)
                    except Difference as difference:
                        raise Difference(f"{path}, {difference}") from None
                    counts["scripts"] += 1
            else:
                run_random(server, arguments.first, arguments.count, seed, counts)
    except Difference as difference:
        print(difference)
        print(f"agreed on {counts['schedules']} before it; --seed {seed}")
        return 1
    print(f"all agree (--seed {seed}): "
          + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
