"""Clients that nobody here wrote, against the scripted server: PyMySQL, mariadb, libmariadb.

wire-server answers a little script (scripted_handler.h); what is under test is the protocol: both
password plugins, TLS, packets above 16 MiB, result sets, errors, and a thousand idle clients.
"""

import contextlib
import datetime
import decimal
import pathlib
import resource
import socket
import subprocess

import pymysql
import pytest

from proptests.cli.programs import BINARIES
from proptests.wire import libmariadb

TYPES = (
    -128, 255, -32768, 65535, -8388608, -2147483648, 4294967295, -9223372036854775808,
    18446744073709551615, 2026, 0.5, -2.25, decimal.Decimal("-1234567890.12"),
    datetime.date(2026, 1, 2), datetime.datetime(2026, 12, 31, 23, 59, 58, 123456),
    datetime.datetime(2026, 6, 7, 8, 9, 10),
    -datetime.timedelta(hours=838, minutes=59, seconds=58, microseconds=125000),
    "gr\u00fc\u00df", b"\0\xff\n",
)


def allow_many_files():
    """For this process and what it starts: the usual 1,024 are too few for a thousand clients."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server:
    def __init__(self, folder):
        self.ca = str(folder / "ca.pem")
        self.process = subprocess.Popen(
            [str(BINARIES / "wire-server"), str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.port = int(self.process.stdout.readline().split()[1])

    def connect(self, user="bob", password="secret", **options):
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, connect_timeout=60,
            **options,
        )

    def tls(self):
        return {"ca": self.ca, "check_hostname": False}

    def mariadb(self, script, *options, user="bob", password="secret"):
        return subprocess.run(
            ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", f"-u{user}",
             f"-p{password}", "--batch", *options, "-e", script],
            capture_output=True, text=True, check=False, timeout=120,
        )

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(x for x in status.splitlines() if x.startswith("VmRSS")).split()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    allow_many_files()
    running = Server(tmp_path_factory.mktemp("wire"))
    yield running
    running.process.stdin.close()
    assert running.process.wait(timeout=60) == 0


def rows(connection, sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


@pytest.mark.parametrize("user, password, tls", [
    ("bob", "secret", False), ("bob", "secret", True), ("ann", "secret", False),
    ("ann", "secret", True), ("eve", "", False),
])
def test_pymysql(server, user, password, tls):
    options = {"ssl": server.tls()} if tls else {}
    for _ in range(2):  # caching_sha2_password: in full, then fast
        with server.connect(user, password, database="shop", **options) as connection:
            (who,) = rows(connection, "WHO")
            assert who[:4] == (user, "127.0.0.1", "shop", "yes" if tls else "no")
            assert "_client_name=pymysql;" in who[4]
            assert rows(connection, "TYPES") == (TYPES, (None,) * len(TYPES))
            assert len(rows(connection, "ROWS 10000")) == 10000
            connection.ping(reconnect=False)
            connection.select_db("other")
            assert rows(connection, "WHO")[0][2] == "other"


@pytest.mark.parametrize("tls", [False, True])
def test_packets_above_16_mib(server, tls):
    with server.connect(**({"ssl": server.tls()} if tls else {})) as connection:
        for size in ((1 << 24) - 9, (1 << 24) - 8, 1 << 24, 40 << 20):
            assert rows(connection, "LENGTH " + "x" * size) == ((size + 7,),)
            assert rows(connection, f"BLOB {size}") == ((b"x" * size,),)


def test_max_allowed_packet(server):
    with server.connect(max_allowed_packet=1 << 30) as connection:
        with pytest.raises(pymysql.err.MySQLError) as caught:
            rows(connection, "x" * (65 << 20))
        assert caught.value.args[0] == 1153


@pytest.mark.parametrize("expected, options", [
    (1045, {"password": "wrong"}),
    (1045, {"user": "ann", "password": "wrong"}),
    (1045, {"user": "nobody"}),
    (1045, {"password": ""}),
    (1049, {"database": "nowhere"}),
])
def test_refused_logins(server, expected, options):
    with pytest.raises(pymysql.err.OperationalError) as caught:
        server.connect(**options)
    assert caught.value.args[0] == expected


def test_errors_and_outcomes(server):
    with server.connect() as connection:
        cursor = connection.cursor()
        assert cursor.execute("CHANGE 3") == 3
        assert cursor.lastrowid == 6
        with pytest.raises(pymysql.err.ProgrammingError) as caught:
            cursor.execute("NONSENSE")
        assert caught.value.args[0] == 1064
        with pytest.raises(pymysql.err.OperationalError) as caught:
            cursor.execute("BREAK")
        assert caught.value.args[0] == 1317
        assert rows(connection, "ROWS 1") == ((0, "row 0"),)


@pytest.mark.parametrize("options, tls", [(("--skip-ssl",), "no"), (("--ssl",), "yes")])
def test_mariadb_client(server, options, tls):
    done = server.mariadb("WHO; ROWS 2; MULTI; CHANGE 1", "shop", *options)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split("\t")[:4] == ["bob", "127.0.0.1", "shop", tls]
    assert lines[2:] == ["number\tname", "0\trow 0", "1\trow 1"] * 2


def test_mariadb_client_with_caching_sha2(server):
    done = server.mariadb("WHO", f"--ssl-ca={server.ca}", user="ann")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("ann\t")


def test_mariadb_client_errors(server):
    done = server.mariadb("WHO", password="wrong")
    assert "ERROR 1045 (28000): Access denied for user 'bob'@'127.0.0.1'" in done.stderr
    assert "ERROR 1049 (42000): Unknown database 'nowhere'" in server.mariadb("", "nowhere").stderr
    assert "ERROR 1064 (42000) at line 1:" in server.mariadb("NONSENSE").stderr


def test_mariadb_admin(server):
    base = ["mariadb-admin", "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-ubob",
            "-psecret"]
    for command, expected in (("ping", "mysqld is alive"), ("status", "Uptime: 1  Threads: 1")):
        done = subprocess.run(
            [*base, command], capture_output=True, text=True, check=False, timeout=60
        )
        assert expected in done.stdout, done.stderr


@pytest.fixture
def library(server):
    connection = libmariadb.Connection(server.port, "bob", "secret")
    yield connection
    connection.close()


def test_prepared_statements(library):
    statement = libmariadb.Statement(library, "PARAMS ? ? ?")
    statement.bind((-5, b"gr\xc3\xbc\xc3\x9f", None))
    for _ in range(3):  # the library sends the types once
        assert statement.execute() == [(b"-5", b"gr\xc3\xbc\xc3\x9f", None)]
    statement.bind((1 << 62, b"", b"x" * 60000))
    assert statement.execute() == [(b"4611686018427387904", b"", b"x" * 60000)]
    statement.bind((1, ..., b"c"))
    statement.send_long_data(1, b"in ")
    statement.send_long_data(1, b"pieces")
    assert statement.execute() == [(b"1", b"in pieces", b"c")]
    statement.close()


def test_prepared_rows(library):
    statement = libmariadb.Statement(library, "ROWS 3")
    for _ in range(2):
        assert statement.execute() == [(b"0", b"row 0"), (b"1", b"row 1"), (b"2", b"row 2")]
    statement.close()


def test_prepared_rows_of_all_types(library):
    statement = libmariadb.Statement(library, "TYPES")
    first, nulls = statement.execute()
    assert first[:10] == tuple(str(value).encode() for value in TYPES[:10])
    assert first[10:12] == (b"0.5", b"-2.25")
    assert first[12:17] == (b"-1234567890.12", b"2026-01-02", b"2026-12-31 23:59:58.123456",
                            b"2026-06-07 08:09:10", b"-838:59:58.125")
    assert first[17:] == ("gr\u00fc\u00df".encode(), b"\0\xff\n")
    assert nulls == (None,) * len(TYPES)
    statement.close()


def test_prepared_errors(library):
    with pytest.raises(libmariadb.Failure) as caught:
        libmariadb.Statement(library, "FAIL")
    assert caught.value.args[0] == 1064
    statement = libmariadb.Statement(library, "NONSENSE")
    with pytest.raises(libmariadb.Failure) as caught:
        statement.execute()
    assert caught.value.args[0] == 1064
    statement.close()


def test_a_thousand_idle_clients(server):
    with contextlib.ExitStack() as stack:
        warm = [stack.enter_context(server.connect()) for _ in range(20)]
        before = server.resident_kib()
        idle = [stack.enter_context(server.connect()) for _ in range(1000)]
        per_client_kib = (server.resident_kib() - before) / 1000
        print(f"resident memory of an idle connection: {per_client_kib:.1f} KiB")
        assert per_client_kib < 200
        for connection in (*warm, idle[0], idle[-1]):
            assert rows(connection, "ROWS 1") == ((0, "row 0"),)


def test_too_many_connections(server):
    with contextlib.ExitStack() as stack:
        with pytest.raises(pymysql.err.OperationalError) as caught:
            for _ in range(1101):
                stack.enter_context(server.connect())
        # Not the text: PyMySQL takes its first letters for the SQLSTATE that this early error, in
        # MySQL too, does not have.
        assert caught.value.args[0] == 1040


@pytest.mark.parametrize("garbage", [
    b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\0" * 100, b"\xff" * 1000, b"\0" * 4,
])
def test_garbage(server, garbage):
    """Whatever comes, the server answers or hangs up, and lives."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as raw:
        raw.sendall(garbage)
        raw.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while raw.recv(4096):
                pass
    with server.connect() as connection:
        assert rows(connection, "ROWS 1") == ((0, "row 0"),)
