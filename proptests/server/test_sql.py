"""SQL through real clients: PyMySQL, mariadb, sysbench, mariadb-dump."""

import datetime
import decimal
import shutil
import subprocess
import threading

import pymysql
import pytest

from proptests.server.running_server import RunningServer, rows


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RunningServer(tmp_path_factory.mktemp("sql")) as running:
        running.initialize()
        running.start()
        with running.connect() as connection:
            rows(connection, "CREATE DATABASE test")
        yield running
        assert running.stop() == 0


@pytest.fixture
def connection(server):
    with server.connect(database="test") as made:
        yield made


VALUES = (1, -5, 2**64 - 1, decimal.Decimal("-12.50"), 0.25, "gr\u00fc\u00df", b"\0\xff",
          datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5, 678900),
          datetime.timedelta(hours=5, minutes=30), None)


def test_types_go_in_and_out(server):
    # With the prefix, texts that are bytes say so.
    with server.connect(database="test", binary_prefix=True) as connection:
        go_in_and_out(connection)


def go_in_and_out(connection):
    rows(connection, "CREATE TABLE kinds (id INT PRIMARY KEY, i TINYINT, u BIGINT UNSIGNED,"
         " d DECIMAL(10,2), f DOUBLE, v VARCHAR(40), b VARBINARY(9), day DATE,"
         " at DATETIME(6), span TIME, n INT)")
    rows(connection, "INSERT INTO kinds VALUES (" + ", ".join(["%s"] * 11) + ")", VALUES)
    assert rows(connection, "SELECT * FROM kinds") == [VALUES]
    rows(connection, "DROP TABLE kinds")


def test_transactions(server, connection):
    rows(connection, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
    with server.connect(database="test", autocommit=False) as one:
        with one.cursor() as cursor:
            assert cursor.execute("INSERT INTO t (v) VALUES (10), (20)") == 2
            assert cursor.lastrowid == 1
        assert rows(connection, "SELECT COUNT(*) FROM t") == [(0,)]
        one.commit()
        assert rows(connection, "SELECT * FROM t") == [(1, 10), (2, 20)]
        rows(one, "UPDATE t SET v = 11 WHERE id = 1")
        one.rollback()
    assert rows(connection, "SELECT v FROM t WHERE id = 1") == [(10,)]
    with pytest.raises(pymysql.err.IntegrityError) as raised:
        rows(connection, "INSERT INTO t VALUES (1, 0)")
    assert raised.value.args == (1062, "Duplicate entry '1' for key 't.PRIMARY'")
    rows(connection, "DROP TABLE t")


def test_lock_waits_and_kill(server, connection):
    rows(connection, "CREATE TABLE l (id INT PRIMARY KEY, v INT)")
    rows(connection, "INSERT INTO l VALUES (1, 1)")
    with server.connect(database="test", autocommit=False) as holder, \
            server.connect(database="test") as waiter:
        rows(holder, "UPDATE l SET v = 2 WHERE id = 1")
        rows(waiter, "SET innodb_lock_wait_timeout = 1")
        with pytest.raises(pymysql.err.OperationalError) as raised:
            rows(waiter, "UPDATE l SET v = 3 WHERE id = 1")
        assert raised.value.args == (
            1205, "Lock wait timeout exceeded; try restarting transaction")
        listed = rows(connection, "SELECT OBJECT_NAME, INDEX_NAME, LOCK_MODE, LOCK_STATUS FROM"
                      " performance_schema.data_locks WHERE LOCK_TYPE = 'RECORD'")
        assert listed == [("l", "PRIMARY", "X,REC_NOT_GAP", "GRANTED")]
        rows(connection, f"KILL {holder.thread_id()}")
        rows(waiter, "SET innodb_lock_wait_timeout = 50")
        rows(waiter, "UPDATE l SET v = 4 WHERE id = 1")
        with pytest.raises(pymysql.err.OperationalError):
            rows(holder, "SELECT 1")
        holder._force_close()
    assert rows(connection, "SELECT v FROM l") == [(4,)]
    rows(connection, "DROP TABLE l")


def test_several_statements(server):
    flag = pymysql.constants.CLIENT.MULTI_STATEMENTS
    with server.connect(client_flag=flag) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1; SET @a = 5; SELECT @a + 1; SELECT nothing; SELECT 9")
        assert cursor.fetchall() == ((1,),)
        assert cursor.nextset() and cursor.nextset()
        assert cursor.fetchall() == ((6,),)
        with pytest.raises(pymysql.err.OperationalError) as raised:
            cursor.nextset()
        assert raised.value.args == (1054, "Unknown column 'nothing' in 'field list'")


def test_prepared_by_name(connection):
    rows(connection, "PREPARE s FROM 'SELECT ? + ?, ?'")
    rows(connection, "SET @a = 1, @b = 2.5, @c = 'x'")
    assert rows(connection, "EXECUTE s USING @a, @b, @c") == [(decimal.Decimal("3.5"), "x")]
    rows(connection, "DEALLOCATE PREPARE s")
    with pytest.raises(pymysql.err.MySQLError) as raised:
        rows(connection, "EXECUTE s")
    assert raised.value.args == (1243, "Unknown prepared statement handler (s) given to EXECUTE")


def test_mariadb_interactive_words(server):
    done = server.mariadb("show databases;\nshow tables;\nselect database(), user();\nstatus\n",
                          "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert "information_schema" in done.stdout and "test\troot@127.0.0.1" in done.stdout


def test_acknowledged_commits_survive_a_kill(tmp_path):
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        with server.connect() as connection:
            rows(connection, "CREATE DATABASE d")
            rows(connection, "CREATE TABLE d.t (id INT PRIMARY KEY)")
        acknowledged = []

        def insert():
            with server.connect() as connection:
                for i in range(100_000):
                    rows(connection, f"INSERT INTO d.t VALUES ({i})")
                    acknowledged.append(i)

        def insert_until_killed():
            try:
                insert()
            except pymysql.err.MySQLError:
                pass

        writer = threading.Thread(target=insert_until_killed)
        writer.start()
        while len(acknowledged) < 50:
            assert writer.is_alive()
        server.kill()
        writer.join()
        server.start()
        with server.connect() as connection:
            there = [i for i, in rows(connection, "SELECT id FROM d.t ORDER BY id")]
        assert there[:len(acknowledged)] == acknowledged
        assert len(there) <= len(acknowledged) + 1
        assert server.stop() == 0


SYSBENCH = ("oltp_point_select", "oltp_read_only", "oltp_read_write", "oltp_write_only",
            "oltp_update_index", "oltp_update_non_index", "oltp_insert", "oltp_delete",
            "select_random_ranges", "select_random_points")


@pytest.fixture(scope="module")
def sysbench_tables(server):
    with server.connect() as connection:
        rows(connection, "CREATE DATABASE sbtest")
    done = sysbench(server, "oltp_common", "prepare")
    assert done.returncode == 0, done.stdout + done.stderr


def sysbench(server, script, command, *options):
    return subprocess.run(
        ["sysbench", script, "--db-driver=mysql", "--mysql-host=127.0.0.1",
         f"--mysql-port={server.port}", "--mysql-user=root", "--mysql-db=sbtest",
         "--tables=1", "--table-size=500", "--threads=2", "--events=40", "--time=0",
         # Those that it ignores by itself, and duplicates among the keys that it draws.
         "--mysql-ignore-errors=1213,1020,1205,1062", *options, command],
        capture_output=True, text=True, check=False, timeout=300,
    )


@pytest.mark.parametrize("prepared", ["auto", "disable"])
@pytest.mark.parametrize("script", SYSBENCH)
def test_sysbench(server, sysbench_tables, script, prepared):
    done = sysbench(server, script, "run", f"--db-ps-mode={prepared}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "total number of events:              40" in done.stdout, done.stdout


def test_dump_and_reload(server, connection, tmp_path):
    rows(connection, "CREATE TABLE dumped (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20),"
         " b BLOB, at DATETIME(3), KEY (v))")
    rows(connection, "INSERT INTO dumped (v, b, at) VALUES ('it''s', x'00ff27', NULL),"
         " (NULL, '', '2026-01-02 03:04:05.678'), ('\u00e4', 'x', '1000-01-01')")
    done = subprocess.run(
        ["mariadb-dump", "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot",
         "--single-transaction", "--no-tablespaces", "--hex-blob", "--skip-add-locks",
         "--skip-disable-keys", "test", "dumped"],
        capture_output=True, check=False, timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    before = rows(connection, "SELECT * FROM dumped")
    shown = rows(connection, "SHOW CREATE TABLE dumped")
    rows(connection, "DROP TABLE dumped")
    reload = server.mariadb(done.stdout.decode("utf-8"), "--binary-mode", "test")
    assert (reload.returncode, reload.stderr) == (0, "")
    assert rows(connection, "SELECT * FROM dumped") == before
    assert rows(connection, "SHOW CREATE TABLE dumped") == shown


def test_tools_are_there():
    for name in ("mariadb", "mariadb-dump", "mariadb-admin", "sysbench"):
        assert shutil.which(name), f"{name} is in .ci/packages"
