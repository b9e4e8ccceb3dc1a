"""A client's connections, and what it may say of an operation's outcome.

The checkers take `fail` at its word, so everything rests on never saying it of an operation that
may have happened:

  ok     the answer to the commit arrived.
  fail   the operation cannot have happened: no commit was sent (a server rolls back what its client
         left open, whether the connection ended or not), or the server refused the commit with
         an error that it gives before it changes anything.
  info   all else: a commit was sent and its answer is lost, late, or an error of which nobody knows
         whether it came before or after the commit point.

A statement under autocommit is its own commit. An operation that only reads changes nothing, so one
that went wrong is a `fail` at any stage. After a lost connection or a time-out the connection is
never used again: its server session may still be busy with what was asked.
"""

import contextlib

import pymysql

# Refusals that come before anything is committed, whichever statement they answer. Numbers are
# those of MariaDB 10.11's and MySQL 8.0's error references.
REFUSED_FOR_CERTAIN = {
    1020: "record changed since the snapshot",
    1040: "too many connections",
    1044: "access to the database denied",
    1045: "access denied",
    1062: "duplicate key",
    1064: "syntax error",
    1146: "no such table",
    1205: "lock wait timeout",
    1213: "deadlock, rolled back",
    1290: "the server is read-only",
    1836: "the server is in read-only mode",
}
CLIENT_ERRORS = range(2000, 3000)  # made by the client library: the connection is not to be used

CONNECTING, WORKING, COMMITTING = "connecting", "working", "committing"


class Refused(Exception):
    """The workload itself gave up before committing (an overdraft, for example)."""


def outcome_of(error, stage, read_only=False):
    """`fail` or `info` for an operation that ended with an exception at a stage."""
    if read_only or stage in (CONNECTING, WORKING) or isinstance(error, Refused):
        return "fail"
    return "fail" if code_of(error) in REFUSED_FOR_CERTAIN else "info"


def code_of(error):
    """The error number of the server or client library; None of other exceptions."""
    number = error.args[0] if isinstance(error, pymysql.MySQLError) and error.args else None
    return number if isinstance(number, int) else None


def connection_survives(error):
    """Whether the connection may go on: the server answered with an error of its own."""
    code = code_of(error)
    return isinstance(error, Refused) or (
        code is not None and code != 0 and code not in CLIENT_ERRORS
        and code not in (1053, 1927, 1077, 1080))  # the server is about to hang up


def is_mistake(error):
    """Whether the harness misused the client library: neither server nor network is to blame."""
    return isinstance(error, pymysql.err.ProgrammingError) and code_of(error) is None


def describe(error):
    code = code_of(error)
    text = str(error.args[1]) if code is not None and len(error.args) > 1 else str(error)
    return f"{code}: {text}" if code is not None else f"{type(error).__name__}: {text}"


# What a client gets to see when a connection or the server fails; other exceptions are mistakes in
# the harness and end the run.
FAILURES = (pymysql.MySQLError, OSError, Refused, EOFError)


class Session:
    """One client process: at most one connection to each node, opened when first needed.

    `stage` says how far the operation at hand has come, for `outcome_of`.
    """

    def __init__(self, address_of, isolation=None, timeout_s=5.0, user="jepsen",
                 password="jepsen", database="jepsen"):
        """address_of(node) gives (host, port)."""
        self._address_of = address_of
        self._isolation = isolation
        self._options = {
            "user": user, "password": password, "database": database, "autocommit": True,
            "connect_timeout": timeout_s, "read_timeout": timeout_s, "write_timeout": timeout_s}
        self._connections = {}
        self.stage = CONNECTING
        self.last_gtid = None  # of the last transaction, where a workload asks for it

    @contextlib.contextmanager
    def transaction(self, node):
        """A cursor between BEGIN and COMMIT; an exception on the way rolls back."""
        connection = self._connected(node)
        self.stage = WORKING
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            yield cursor
            self.stage = COMMITTING
            cursor.execute("COMMIT")

    @contextlib.contextmanager
    def autocommit(self, node):
        """A cursor whose every statement commits by itself; use it for one statement."""
        connection = self._connected(node)
        self.stage = COMMITTING
        with connection.cursor() as cursor:
            yield cursor

    def _connected(self, node):
        self.stage = CONNECTING
        if node not in self._connections:
            host, port = self._address_of(node)
            connection = pymysql.connect(host=host, port=port, **self._options)
            try:
                if self._isolation is not None:
                    with connection.cursor() as cursor:
                        level = self._isolation.replace("-", " ")
                        cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
            except BaseException:
                _abandon(connection)
                raise
            self._connections[node] = connection
        return self._connections[node]

    def recover(self, node, error):
        """After a failed operation: rolls back, or drops the connection."""
        connection = self._connections.get(node)
        if connection is None:
            return
        if connection_survives(error):
            try:
                connection.rollback()
                return
            except FAILURES:
                pass
        _abandon(self._connections.pop(node))

    def close(self):
        while self._connections:
            _abandon(self._connections.popitem()[1])


def _abandon(connection):
    """Closes the socket without a farewell, which could block."""
    connection._force_close()  # pylint: disable=protected-access
