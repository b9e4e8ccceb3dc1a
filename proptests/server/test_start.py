"""aftersyncd begins and ends: a new data directory, passwords, locks, options that are wrong."""

import re
import signal
import subprocess

import pymysql
import pytest

from proptests.cli.programs import BINARIES
from proptests.server.running_server import DEADLINE_S, RunningServer, rows


def aftersyncd(*arguments):
    return subprocess.run(
        [str(BINARIES / "aftersyncd"), *arguments],
        capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )


def test_first_start_writes_a_password_once(tmp_path):
    with RunningServer(tmp_path) as server:
        server.start()
        password = re.search(r"temporary password .* root@localhost: (\S+)", server.log())[1]
        with pytest.raises(pymysql.err.OperationalError) as refused:
            server.connect()
        assert refused.value.args == (
            1045, "Access denied for user 'root'@'127.0.0.1' (using password: NO)")
        with server.connect(password=password) as connection:
            assert rows(connection, "SELECT 1 + 1") == [(2,)]
        uuid = (server.data / "auto.cnf").read_text()
        assert (server.data / f"{hostname()}.pid").read_text() == f"{server.process.pid}\n"
        assert server.stop() == 0
        assert not list(server.data.glob("*.pid")) and not (server.data / "server.sock").exists()

        server.start()
        assert len(re.findall("temporary password", server.log())) == 1
        assert (server.data / "auto.cnf").read_text() == uuid
        server.password = password
        with server.connect() as connection:
            assert rows(connection, "SELECT @@server_uuid") == [
                (re.search("server-uuid=(.*)", uuid)[1],)]
        assert server.stop() == 0


def hostname():
    return subprocess.run(["hostname"], capture_output=True, text=True, check=True).stdout.strip()


def test_initialize_insecure_makes_and_exits(tmp_path):
    with RunningServer(tmp_path) as server:
        done = server.initialize()
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
        assert "root@localhost is created with an empty password" in server.log()
        again = server.initialize()
        assert again.returncode == 1 and "data directory has files in it" in again.stderr
        server.start().connect().close()
        assert server.stop() == 0
        assert "crash recovery" not in server.log()


def test_second_server_is_refused(tmp_path):
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        second = aftersyncd(*server.options, "--log-error=stderr")
        assert second.returncode == 1
        assert "Aborting" in second.stderr and str(server.process.pid) in second.stderr
        with server.connect() as connection:
            assert rows(connection, "SELECT 1") == [(1,)]


def test_recovery_after_a_kill(tmp_path):
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        server.kill()
        server.start()
        assert "crash recovery" in server.log()
        server.connect().close()
        assert server.stop() == 0


def test_interrupt_ends_it_in_order(tmp_path):
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        idle = server.connect()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=DEADLINE_S) == 0
        assert "Shutdown complete" in server.log()
        with pytest.raises(pymysql.err.OperationalError):
            idle.ping(reconnect=False)
        server.process.stdout.close()
        server.process = None


OPTION_FILE = """\
[client]
no-such-option
[mysqld]
# comments; and names with dashes and underscores
max-connections = 17   # after a value
wait_timeout=99
version_comment="a 'quoted' # text"
skip-innodb-print-all-deadlocks
sql_mode=ansi
innodb_buffer_pool_size = 32M
!include {more}
[mysqldump]
quick
"""


def test_option_files(tmp_path):
    (tmp_path / "more.cnf").write_text("[server]\nenable-read-only\nlong_query_time=0.5\n")
    mine = tmp_path / "my.cnf"
    mine.write_text(OPTION_FILE.format(more=tmp_path / "more.cnf").replace(
        'version_comment="a \'quoted\' # text"', 'tmpdir="a \'quoted\' # text"'))
    with RunningServer(tmp_path, "--wait-timeout=77",
                       files=(f"--defaults-file={mine}",)) as server:
        server.initialize()
        server.start()
        with server.connect() as connection:
            shown = dict(rows(connection, "SHOW VARIABLES"))
        assert server.stop() == 0
    assert shown["max_connections"] == "17" and shown["wait_timeout"] == "77"
    assert shown["tmpdir"] == "a 'quoted' # text" and shown["read_only"] == "ON"
    assert shown["long_query_time"] == "0.500000"
    assert shown["innodb_buffer_pool_size"] == str(16 << 20)  # the command line comes last
    assert shown["sql_mode"] == (
        "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI")


@pytest.mark.parametrize("line, words", [
    ("max_conections=5", "my.cnf:3: unknown option 'max_conections'; did you mean"),
    ("port=many", "my.cnf:3: option 'port' needs a whole number, not 'many'"),
    ("port", "my.cnf:3: option 'port' needs a value"),
    ("read_only=maybe", "my.cnf:3: option 'read_only' needs ON or OFF, not 'maybe'"),
    ("sql_mode=NO_SUCH", "my.cnf:3: option 'sql_mode' needs words of"),
    ("[mysqld", "my.cnf:3: a group without ]"),
    ("!include nowhere.cnf", "my.cnf:3: open nowhere.cnf"),
])
def test_wrong_options_stop_the_start(tmp_path, line, words):
    (tmp_path / "my.cnf").write_text(f"# one\n[mysqld]\n{line}\n")
    done = aftersyncd(f"--defaults-file={tmp_path}/my.cnf", f"--datadir={tmp_path}/data")
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert not (tmp_path / "data").exists()


def test_command_line(tmp_path):
    done = aftersyncd("--no-defaults", "--no-such")
    assert done.returncode == 2 and "command line: unknown option 'no-such'" in done.stderr
    done = aftersyncd("--no-defaults", "--loose-no-such", "--help")
    assert done.returncode == 0 and "Usage: aftersyncd" in done.stdout
    done = aftersyncd("--no-defaults")
    assert done.returncode == 1 and "--datadir" in done.stderr
    (tmp_path / "my.cnf").write_text("[mysqld]\nport=17\n")
    done = aftersyncd(f"--defaults-file={tmp_path}/my.cnf", "--print-defaults", "-P", "18")
    assert done.returncode == 0 and "--port=17 --port=18" in done.stdout
    assert aftersyncd("--version").stdout.startswith("aftersyncd  Ver 8.0.")


def test_help_lists_every_variable(tmp_path):
    text = aftersyncd("--no-defaults", "--verbose", "--help").stdout
    named = {name.replace("-", "_") for name in re.findall(r"^  (?:--)?([a-z_-]+)$", text, re.M)}
    with RunningServer(tmp_path) as server:
        server.initialize()
        server.start()
        with server.connect() as connection:
            shown = {name for name, _ in rows(connection, "SHOW VARIABLES")}
    assert len(shown) > 100 and shown <= named
