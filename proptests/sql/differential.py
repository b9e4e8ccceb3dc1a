"""Holds the evaluation of expressions against a real MariaDB server.

    python3 -m proptests.sql.differential --count 10000 [--seed N]
    python3 -m proptests.sql.differential --count 3000 --write proptests/sql/expressions.golden

Random expressions (expressions.py) are evaluated by build/release/bin/aftersync-sql and by a server
of our own; compared are the value, the class of its type and the number of an error. The first
differences are printed, each with its seed. --write keeps the expressions on which the two agree,
with the server's answers: ./test holds us to them and needs no server.

Exit status: 0 all agree, 1 differences, 2 no server. Needs mariadb-server and python3-pymysql.

Where MariaDB is no oracle an expression is passed over; `excuse` says where and why.
"""

import argparse
import math
import random
import re
import subprocess
import sys

import pymysql

from proptests.cli.programs import BINARIES
from proptests.isolation import mariadb_server
from proptests.sql.expressions import Expressions

SHOWN = 40
BINARY_CHARSET = 63

CLASSES = {
    pymysql.constants.FIELD_TYPE.TINY: "integer", pymysql.constants.FIELD_TYPE.SHORT: "integer",
    pymysql.constants.FIELD_TYPE.LONG: "integer", pymysql.constants.FIELD_TYPE.INT24: "integer",
    pymysql.constants.FIELD_TYPE.LONGLONG: "integer", pymysql.constants.FIELD_TYPE.YEAR: "integer",
    pymysql.constants.FIELD_TYPE.NEWDECIMAL: "decimal", pymysql.constants.FIELD_TYPE.FLOAT: "real",
    pymysql.constants.FIELD_TYPE.DOUBLE: "real", pymysql.constants.FIELD_TYPE.DATE: "date",
    pymysql.constants.FIELD_TYPE.TIME: "time", pymysql.constants.FIELD_TYPE.DATETIME: "datetime",
    pymysql.constants.FIELD_TYPE.TIMESTAMP: "datetime",
}


def quoted(text):
    """As core/sql/print/print.h writes a text."""
    for plain, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\n", "\\n"), ("\r", "\\r"),
                           ("\x1a", "\\Z"), ("'", "\\'")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


class Oracle:
    """A connection that answers as aftersync-sql does."""

    def __init__(self, server):
        self.connection = pymysql.connect(
            unix_socket=server.socket, user="root", autocommit=True, charset="utf8mb4", conv={})
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET NAMES utf8mb4 COLLATE utf8mb4_general_ci")
        self.cursor.execute("SET sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO'")
        self.cursor.execute("SET time_zone = '+00:00'")
        self.cursor.execute("SET timestamp = UNIX_TIMESTAMP('2024-02-29 12:34:56')")

    def evaluate(self, expression):
        try:
            self.cursor.execute(f"SELECT {expression}")
        except pymysql.err.Error as error:
            return f"error {error.args[0]}"
        field = self.cursor._result.fields[0]
        value = self.cursor.fetchone()[0]
        if value is None:
            return "NULL"
        if isinstance(value, bytes):
            value = value.decode("utf-8", "surrogateescape")
        name = CLASSES.get(field.type_code)
        if name is None:
            name = "binary" if field.charsetnr == BINARY_CHARSET else "text"
            value = quoted(value)
        return f"{name} {value}"


def ours(expressions):
    done = subprocess.run(
        [BINARIES / "aftersync-sql", "eval"], input="\n".join(expressions) + "\n",
        capture_output=True, text=True, errors="surrogateescape", check=True)
    return done.stdout.split("\n")[:-1]


def same(here, there):
    if here == there:
        return True
    if here.startswith("real ") and there.startswith("real "):
        return math.isclose(float(here[5:]), float(there[5:]), rel_tol=1e-14)
    return False


def excuse(expression, here, there):
    """Why a difference is none of ours; None when it is."""
    both = {here.split(" ")[0], there.split(" ")[0]}
    if both == {"integer", "decimal"} and here.split(" ")[1:] == there.split(" ")[1:]:
        return "BIGINT or DECIMAL: MariaDB chooses by the digits it expects"
    if re.search(r"\.5e0|\.5e2", expression) and re.search(r"[|&^]|<<|>>|AS \w*SIGNED", expression):
        return "a double that is a half as a whole number: MySQL takes the even one"
    if re.search(r"GREATEST|LEAST", expression):
        return "GREATEST and LEAST of texts and numbers: MySQL 8.0 compares as texts"
    if re.search(r"(ROUND|TRUNCATE|CEILING|FLOOR|ABS)\(", expression) and "date" in there:
        return "rounding of dates: MariaDB's own"
    if re.search(r"PAD\(", expression) and "''" in expression:
        return "padding with nothing: NULL in MariaDB, an empty text in MySQL"
    if re.search(r"(e\d|SQRT|/).*AS UNSIGNED", expression):
        return "negative doubles as UNSIGNED: 0 in MariaDB, modulo 2^64 in MySQL"
    if "TIMEDIFF" in expression and there.endswith("838:59:59.999999"):
        return "the longest time: MySQL's has no fraction"
    if "UNIX_TIMESTAMP" in expression and re.search(r"DATE '(0100|9999)", expression):
        return "UNIX_TIMESTAMP of what it does not count: NULL in MariaDB, 0 in MySQL"
    if there.endswith("decimal -0" + here.removeprefix("decimal 0")):
        return "a decimal minus zero"
    return None


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--write", metavar="FILE")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if not mariadb_server.available():
        print("differential: mariadbd is not installed (mariadb-server)", file=sys.stderr)
        return 2
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().getrandbits(32)
    makes = Expressions(random.Random(seed))
    expressions = list(dict.fromkeys(makes.one(arguments.depth) for _ in range(arguments.count)))
    here = ours(expressions)
    with mariadb_server.running_server() as server:
        oracle = Oracle(server)
        there = [oracle.evaluate(expression) for expression in expressions]
    agreed, differences, excused = [], [], 0
    for expression, mine, other in zip(expressions, here, there, strict=True):
        if same(mine, other):
            agreed.append((expression, mine, other))
        elif excuse(expression, mine, other) is None:
            differences.append((expression, mine, other))
        else:
            excused += 1
    for expression, mine, other in differences[:SHOWN]:
        print(f"{expression}\n    aftersync: {mine}\n    mariadb:   {other}")
    print(f"seed {seed}: {len(agreed)} of {len(expressions)} expressions agree, "
          f"{excused} excused, {len(differences)} differ")
    if arguments.write:
        with open(arguments.write, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(f"{expression}\t{other}\n" for expression, _, other in agreed)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
