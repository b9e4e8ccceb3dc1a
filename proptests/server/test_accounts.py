"""Accounts and privileges, as the clients of several users meet them."""

import pymysql
import pytest

from proptests.server.running_server import RunningServer, rows


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RunningServer(tmp_path_factory.mktemp("accounts")) as running:
        running.initialize()
        running.start()
        with running.connect() as root:
            for sql in ("CREATE DATABASE d", "CREATE TABLE d.t (id INT PRIMARY KEY)",
                        "CREATE TABLE d.u (id INT PRIMARY KEY)", "INSERT INTO d.t VALUES (1)"):
                rows(root, sql)
        yield running
        assert running.stop() == 0


@pytest.fixture
def root(server):
    with server.connect() as made:
        yield made


def refused(connection, sql):
    with pytest.raises(pymysql.err.MySQLError) as raised:
        rows(connection, sql)
    return raised.value.args


def test_both_plugins_and_a_changed_password(server, root):
    rows(root, "CREATE USER ann@'%' IDENTIFIED BY 'one',"
         " bob@localhost IDENTIFIED WITH mysql_native_password BY 'two'")
    for user, password in (("ann", "one"), ("bob", "two")):
        with server.connect(user, password) as connection:
            assert rows(connection, "SELECT 1") == [(1,)]
        with pytest.raises(pymysql.err.OperationalError) as raised:
            server.connect(user, "wrong")
        assert raised.value.args[0] == 1045
    with server.connect("ann", "one") as connection:
        assert rows(connection, "SELECT USER(), CURRENT_USER()") == [("ann@127.0.0.1", "ann@%")]
        rows(connection, "SET PASSWORD = 'three'")
    server.connect("ann", "three").close()
    rows(root, "ALTER USER ann@'%' ACCOUNT LOCK")
    with pytest.raises(pymysql.err.OperationalError):
        server.connect("ann", "three")
    assert refused(root, "CREATE USER ann") == (
        1396, "Operation CREATE USER failed for 'ann'@'%'")
    rows(root, "CREATE USER IF NOT EXISTS ann")
    rows(root, "DROP USER ann, bob@localhost")
    assert refused(root, "DROP USER ann")[0] == 1396
    rows(root, "DROP USER IF EXISTS ann")


def test_grants_decide_what_is_allowed(server, root):
    rows(root, "CREATE USER eve IDENTIFIED BY ''")
    with server.connect("eve", "") as eve:
        assert refused(eve, "SELECT * FROM d.t") == (
            1142, "SELECT command denied to user 'eve'@'%' for table 't'")
        assert refused(eve, "USE d")[0] == 1044
        assert refused(eve, "CREATE DATABASE e") == (
            1044, "Access denied for user 'eve'@'%' to database 'e'")
        assert refused(eve, "SET GLOBAL wait_timeout = 5")[0] == 1227
        assert refused(eve, "CREATE USER x")[0] == 1227
        rows(root, "GRANT SELECT ON d.t TO eve")
        assert rows(eve, "SELECT * FROM d.t") == [(1,)]
        assert refused(eve, "SELECT * FROM d.u")[0] == 1142
        assert refused(eve, "INSERT INTO d.t VALUES (2)") == (
            1142, "INSERT command denied to user 'eve'@'%' for table 't'")
        rows(root, "GRANT INSERT, DELETE ON d.* TO eve")
        rows(eve, "INSERT INTO d.u VALUES (2)")
        assert rows(eve, "SHOW GRANTS") == [
            ("GRANT USAGE ON *.* TO `eve`@`%`",),
            ("GRANT INSERT, DELETE ON `d`.* TO `eve`@`%`",),
            ("GRANT SELECT ON `d`.`t` TO `eve`@`%`",)]
        rows(root, "REVOKE SELECT ON d.t FROM eve")
        assert refused(eve, "SELECT * FROM d.t")[0] == 1142
        assert refused(eve, "GRANT INSERT ON d.* TO eve")[0] == 1044
        rows(root, "GRANT ALL ON *.* TO eve WITH GRANT OPTION")
        assert rows(eve, "SHOW GRANTS")[0] == (
            "GRANT ALL PRIVILEGES ON *.* TO `eve`@`%` WITH GRANT OPTION",)
        rows(eve, "SELECT * FROM d.t")
    assert refused(root, "GRANT SELECT ON d.* TO nobody") == (
        1410, "You are not allowed to create a user with GRANT")
    assert refused(root, "GRANT SUPER ON d.* TO eve")[0] == 1144
    assert refused(root, "REVOKE SELECT ON e.* FROM eve")[0] == 1141
    rows(root, "DROP USER eve")


def test_read_only(server, root):
    rows(root, "CREATE USER ann IDENTIFIED BY ''")
    rows(root, "GRANT ALL ON d.* TO ann")
    rows(root, "SET GLOBAL read_only = ON")
    try:
        with server.connect("ann", "") as ann:
            assert refused(ann, "INSERT INTO d.t VALUES (9)") == (
                1290, "The MySQL server is running with the --read-only option so it cannot"
                " execute this statement")
        rows(root, "INSERT INTO d.t VALUES (9)")
        rows(root, "SET GLOBAL super_read_only = ON")
        assert refused(root, "DELETE FROM d.t WHERE id = 9")[0] == 1290
    finally:
        rows(root, "SET GLOBAL read_only = OFF")
    assert rows(root, "SELECT @@super_read_only") == [(0,)]
    rows(root, "DELETE FROM d.t WHERE id = 9")
    rows(root, "DROP USER ann")


def test_accounts_survive_a_restart(tmp_path):
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        with server.connect() as root:
            rows(root, "CREATE DATABASE d")
            rows(root, "CREATE USER ann IDENTIFIED BY 'secret'")
            rows(root, "GRANT CREATE, INSERT, SELECT ON d.* TO ann")
        server.kill()
        server.start()
        with server.connect("ann", "secret", database="d") as ann:
            rows(ann, "CREATE TABLE t (a INT)")
            rows(ann, "INSERT INTO t VALUES (1)")
            assert refused(ann, "DROP TABLE t")[0] == 1142
            assert rows(ann, "SHOW PROCESSLIST")[0][1] == "ann"
        assert server.stop() == 0
