"""System variables through real clients: @@name, SET, SHOW VARIABLES, and their errors."""

import subprocess

import pymysql
import pytest

from proptests.server.running_server import RunningServer, rows


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RunningServer(tmp_path_factory.mktemp("variables")) as running:
        running.initialize()
        yield running.start()
        assert running.stop() == 0


@pytest.fixture
def connection(server):
    with server.connect() as made:
        yield made


def test_kinds_of_values(connection):
    assert rows(connection, "SELECT @@autocommit, @@global.net_retry_count, @@sql_mode,"
                " @@session.tx_isolation, @@long_query_time, @@character_set_results") == [
        (1, 10, "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
         "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION", "REPEATABLE-READ", 10.0, "utf8mb4")]


def test_session_and_global(server, connection):
    rows(connection, "SET wait_timeout = 1000, GLOBAL wait_timeout = 2000")
    assert rows(connection, "SELECT @@wait_timeout, @@global.wait_timeout") == [(1000, 2000)]
    with server.connect() as later:
        assert rows(later, "SELECT @@wait_timeout") == [(2000,)]
    rows(connection, "SET wait_timeout = DEFAULT, @@global.wait_timeout = DEFAULT")
    assert rows(connection, "SELECT @@wait_timeout, @@global.wait_timeout") == [(2000, 28800)]
    rows(connection, "SET SESSION transaction_isolation = 'read-committed'")
    assert rows(connection, "SHOW VARIABLES LIKE 'transaction_iso%'") == [
        ("transaction_isolation", "READ-COMMITTED")]
    assert rows(connection, "SHOW GLOBAL VARIABLES WHERE Variable_name = 'transaction_isolation'"
                ) == [("transaction_isolation", "REPEATABLE-READ")]


def test_character_sets(connection):
    rows(connection, "SET NAMES latin1")
    names = ("client", "connection", "results")
    assert rows(connection, "SELECT " + ", ".join(f"@@character_set_{x}" for x in names)) == [
        ("latin1",) * 3]
    rows(connection, "SET NAMES utf8mb4 COLLATE utf8mb4_bin")
    assert rows(connection, "SELECT @@collation_connection") == [("utf8mb4_bin",)]
    rows(connection, "SET character_set_results = NULL")
    assert rows(connection, "SELECT @@character_set_results") == [(None,)]
    rows(connection, "SET collation_connection = 'ascii_bin'")
    assert rows(connection, "SELECT @@character_set_connection") == [("ascii",)]


@pytest.mark.parametrize("sql, number, words", [
    ("SELECT @@no_such", 1193, "Unknown system variable 'no_such'"),
    ("SET no_such = 1", 1193, "Unknown system variable 'no_such'"),
    ("SET GLOBAL timestamp = 1", 1228,
     "Variable 'timestamp' is a SESSION variable and can't be used with SET GLOBAL"),
    ("SET max_connections = 5", 1229,
     "Variable 'max_connections' is a GLOBAL variable and should be set with SET GLOBAL"),
    ("SET autocommit = 2", 1231, "Variable 'autocommit' can't be set to the value of '2'"),
    ("SET sql_mode = 'abc'", 1231, "Variable 'sql_mode' can't be set to the value of 'abc'"),
    ("SET autocommit = NULL", 1231, "Variable 'autocommit' can't be set to the value of 'NULL'"),
    ("SET wait_timeout = 'x'", 1232, "Incorrect argument type to variable 'wait_timeout'"),
    ("SET wait_timeout = 1.5", 1232, "Incorrect argument type to variable 'wait_timeout'"),
    ("SET GLOBAL port = 1", 1238, "Variable 'port' is a read only variable"),
    ("SELECT @@session.port", 1238, "Variable 'port' is a GLOBAL variable"),
    ("SELECT @@global.timestamp", 1238, "Variable 'timestamp' is a SESSION variable"),
    ("SET max_allowed_packet = 1024", 1621,
     "SESSION variable `max_allowed_packet` is read-only. Use SET GLOBAL to assign the value"),
    ("SET time_zone = 'Mars/Olympus'", 1298, "Unknown or incorrect time zone: 'Mars/Olympus'"),
    ("SET time_zone = '+14:01'", 1298, "Unknown or incorrect time zone: '+14:01'"),
    ("SET NAMES klingon", 1115, "Unknown character set: 'klingon'"),
    ("SET NAMES utf8mb4 COLLATE latin1_bin", 1253,
     "COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'"),
])
def test_errors(connection, sql, number, words):
    with pytest.raises(pymysql.err.MySQLError) as raised:
        rows(connection, sql)
    assert raised.value.args == (number, words)


def test_what_mariadb_asks_at_connect(server):
    done = server.mariadb("select @@version_comment limit 1; SHOW VARIABLES LIKE 'VERSION';")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[:4] == [
        "@@version_comment", "aftersync", "Variable_name\tValue", "version\t8.0.34-aftersync"]


def test_too_many_connections(server, connection):
    rows(connection, "SET GLOBAL max_connections = 2")
    try:
        with server.connect():
            with pytest.raises(pymysql.err.OperationalError) as refused:
                server.connect()
        assert refused.value.args[0] == 1040  # PyMySQL cuts the text of an error in a greeting
    finally:
        rows(connection, "SET GLOBAL max_connections = DEFAULT")


def test_persisted_values_come_back(tmp_path):
    with RunningServer(tmp_path, "--wait-timeout=5") as server:
        server.initialize()
        server.start()
        with server.connect() as connection:
            rows(connection, "SET PERSIST wait_timeout = 7, PERSIST_ONLY net_retry_count = 3")
            rows(connection, "SET PERSIST session_track_system_variables = 'a\"b\\\\c#d'")
            assert rows(connection, "SELECT @@global.wait_timeout, @@global.net_retry_count") == [
                (7, 10)]
        assert server.stop() == 0
        server.start()
        with server.connect() as connection:
            assert rows(connection, "SELECT @@wait_timeout, @@net_retry_count,"
                        " @@session_track_system_variables") == [(7, 3, 'a"b\\c#d')]
        assert server.stop() == 0


def test_admin_ping(server):
    done = subprocess.run(
        ["mariadb-admin", "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot", "ping"],
        capture_output=True, text=True, check=False, timeout=60,
    )
    assert (done.stdout, done.returncode) == ("mysqld is alive\n", 0), done.stderr
