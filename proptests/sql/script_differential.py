"""Holds the answers written in the scripts of SQL against a real MariaDB server.

    python3 -m proptests.sql.script_differential [SCRIPT...]

Each script (proptests/sql/scripts, script_run.h says what they look like) is run on a server of our
own, a connection for each session, in a fresh database. Compared are the values of rows (sorted, if
the query has no ORDER BY), the number of rows that were changed, and numbers of errors. SHOW and
EXPLAIN are passed over: they are spelt as MySQL 8.0 spells them. So is a statement behind a comment
that begins with "# Not MariaDB:".

Exit status: 0 all agree, 1 differences, 2 no server. Needs mariadb-server and python3-pymysql.
"""

import argparse
import contextlib
import pathlib
import re
import sys

import pymysql

from proptests.isolation import mariadb_server
from proptests.sql.differential import CLASSES, quoted

SCRIPTS = pathlib.Path("proptests/sql/scripts")
STATEMENT = re.compile(r"^(\w+)> (.*)$")
EXCUSE = "# Not MariaDB:"


def statements_of(text):
    """(line number, session, statement, lines of the answer, excused) of a script."""
    found, excused = [], False
    for number, line in enumerate(text.split("\n"), 1):
        match = STATEMENT.match(line)
        if match:
            found.append((number, match[1], match[2], [], excused))
            excused = False
        elif line.startswith(EXCUSE):
            excused = True
        elif line and not line.startswith("#"):
            found[-1][3].append(line)
    return found


def cell(value, field):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    is_text = CLASSES.get(field.type_code) is None
    return quoted(value) if is_text else value


def in_order(statement, lines):
    return lines if "ORDER BY" in statement.upper() else sorted(lines)


def answer_of(cursor, statement):
    try:
        cursor.execute(statement)
    except pymysql.err.Error as error:
        return f"error {error.args[0]}"
    if cursor.description is None:
        return f"ok, rows {cursor.rowcount}"
    fields = cursor._result.fields
    lines = ["\t".join(map(cell, row, fields)) for row in cursor.fetchall()]
    return in_order(statement, lines)


def written_answer(statement, lines):
    if lines[0].startswith("error "):
        return " ".join(lines[0].split(" ")[:2])
    if re.match(r"ok\b", lines[0]) and len(lines) == 1:
        rows = re.search(r"rows (\d+)", lines[0])
        return f"ok, rows {rows[1] if rows else 0}"
    return in_order(statement, lines[1:])


class Sessions:
    """Connections by name, in a database that is made anew."""

    def __init__(self, server):
        self.server = server
        self.cursors = {}
        with server.connect() as connection:
            connection.cursor().execute("DROP DATABASE IF EXISTS test")
            connection.cursor().execute(
                "CREATE DATABASE test CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")

    def cursor(self, name):
        if name not in self.cursors:
            connection = pymysql.connect(
                unix_socket=self.server.socket, user="root", database="test", autocommit=True,
                charset="utf8mb4", conv={})
            cursor = connection.cursor()
            for setting in ("sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
                            "NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY'",
                            "innodb_lock_wait_timeout = 1", "lock_wait_timeout = 1",
                            "time_zone = '+00:00'"):
                cursor.execute(f"SET {setting}")
            self.cursors[name] = cursor
        return self.cursors[name]

    def close(self):
        for cursor in self.cursors.values():
            cursor.connection.close()


def differences_in(server, path):
    count = 0
    with contextlib.closing(Sessions(server)) as sessions:
        for number, session, statement, lines, excused in statements_of(path.read_text()):
            there = answer_of(sessions.cursor(session), statement)
            if excused or statement.split(" ")[0] in ("SHOW", "EXPLAIN"):
                continue
            here = written_answer(statement, lines)
            if here != there:
                count += 1
                print(f"{path}:{number}: {statement}\n  here:  {here}\n  there: {there}")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scripts", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    if not mariadb_server.available():
        print("script_differential: mariadbd is not installed (mariadb-server)", file=sys.stderr)
        return 2
    scripts = arguments.scripts or sorted(SCRIPTS.glob("*.test"))
    with mariadb_server.running_server() as server:
        differences = sum(differences_in(server, path) for path in scripts)
    print(f"{len(scripts)} scripts, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
