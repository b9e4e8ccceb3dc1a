"""What a client says of an operation's outcome: `fail` only of what cannot have happened."""

import pymysql
import pytest

from jepsen import client
from jepsen.client import COMMITTING, CONNECTING, WORKING, Refused, outcome_of

LOST = pymysql.err.OperationalError(2013, "Lost connection during query")
DEADLOCK = pymysql.err.OperationalError(1213, "Deadlock found")
READ_ONLY = pymysql.err.OperationalError(1290, "running with --read-only")
SHUTDOWN = pymysql.err.OperationalError(1053, "Server shutdown in progress")
COMMIT_ERROR = pymysql.err.OperationalError(1180, "Got error during COMMIT")
UNEXPECTED = pymysql.err.InternalError("Packet sequence number wrong")
CLOSED = pymysql.err.InterfaceError(0, "")


@pytest.mark.parametrize("error, stage, outcome", [
    (LOST, CONNECTING, "fail"),
    (LOST, WORKING, "fail"),
    (LOST, COMMITTING, "info"),
    (ConnectionResetError(104, "reset"), COMMITTING, "info"),
    (ConnectionResetError(104, "reset"), WORKING, "fail"),
    (TimeoutError("timed out"), COMMITTING, "info"),
    (DEADLOCK, WORKING, "fail"),
    (DEADLOCK, COMMITTING, "fail"),
    (READ_ONLY, COMMITTING, "fail"),
    (SHUTDOWN, COMMITTING, "info"),
    (COMMIT_ERROR, COMMITTING, "info"),
    (UNEXPECTED, COMMITTING, "info"),
    (CLOSED, COMMITTING, "info"),
    (Refused("overdraft"), WORKING, "fail"),
    (Refused("no row matched"), COMMITTING, "fail"),
])
def test_outcome(error, stage, outcome):
    assert outcome_of(error, stage) == outcome


def test_a_read_that_went_wrong_did_not_happen():
    assert outcome_of(LOST, COMMITTING, read_only=True) == "fail"


@pytest.mark.parametrize("error, survives", [
    (LOST, False), (CLOSED, False), (SHUTDOWN, False), (UNEXPECTED, False),
    (ConnectionResetError(104, "reset"), False), (DEADLOCK, True), (READ_ONLY, True),
    (Refused("overdraft"), True),
])
def test_a_connection_is_used_again_only_after_an_answer(error, survives):
    assert client.connection_survives(error) is survives


class FakeConnection:
    """A connection whose statements fail as told; notes what it was asked."""

    def __init__(self, failures):
        self.failures, self.asked, self.closed = failures, [], False

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, statement):
        self.asked.append(statement)
        if statement in self.failures:
            raise self.failures[statement]

    def rollback(self):
        self.asked.append("ROLLBACK")

    def _force_close(self):
        self.closed = True


@pytest.mark.parametrize("failing, error, stage, outcome, closed", [
    ("BEGIN", LOST, WORKING, "fail", True),
    ("UPDATE", LOST, WORKING, "fail", True),
    ("UPDATE", DEADLOCK, WORKING, "fail", False),
    ("COMMIT", LOST, COMMITTING, "info", True),
    ("COMMIT", READ_ONLY, COMMITTING, "fail", False),
])
def test_stages_of_a_transaction(monkeypatch, failing, error, stage, outcome, closed):
    connection = FakeConnection({failing: error})
    monkeypatch.setattr(pymysql, "connect", lambda **_: connection)
    session = client.Session(lambda node: ("127.0.0.1", 1))
    with pytest.raises(pymysql.MySQLError) as raised:
        with session.transaction("n1") as cursor:
            cursor.execute("UPDATE")
    assert (session.stage, outcome_of(raised.value, session.stage)) == (stage, outcome)
    session.recover("n1", raised.value)
    assert connection.closed is closed
    assert connection.asked[-1] == (failing if closed else "ROLLBACK")


def test_misuse_of_the_library_is_no_outcome():
    assert client.is_mistake(pymysql.err.ProgrammingError("Cursor closed"))
    assert not client.is_mistake(pymysql.err.ProgrammingError(1146, "no such table"))
    assert not client.is_mistake(LOST)


def test_no_connection_no_operation(monkeypatch):
    def refuse(**_):
        raise pymysql.err.OperationalError(2003, "Can't connect")
    monkeypatch.setattr(pymysql, "connect", refuse)
    session = client.Session(lambda node: ("127.0.0.1", 1))
    session.stage = COMMITTING  # left over from the operation before
    with pytest.raises(pymysql.MySQLError) as raised:
        with session.autocommit("n1"):
            pass
    assert outcome_of(raised.value, session.stage) == "fail"
