"""A MariaDB server of our own: a temporary directory, a socket, nothing shared with anybody.

Settings that make runs comparable: no conditions pushed into the index (they would be evaluated
before the row is locked), ranges of an index's own columns only, statistics
as we write them, locks shown in SHOW ENGINE INNODB STATUS.
"""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import time

import pymysql

START_DEADLINE_S = 120
STOP_DEADLINE_S = 60

OPTIONS = (
    "--no-defaults", "--user=root", "--skip-networking", "--skip-log-bin",
    "--skip-external-locking", "--performance-schema=OFF",
    "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M", "--innodb-doublewrite=0", "--innodb-stats-auto-recalc=0",
    "--use-stat-tables=preferably",
    "--innodb-status-output-locks=ON", "--innodb-lock-wait-timeout=600",
    "--optimizer-switch=index_condition_pushdown=off,mrr=off,rowid_filter=off,extended_keys=off",
)


def available():
    return shutil.which("mariadbd") is not None and shutil.which("mariadb-install-db") is not None


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.socket = str(self.folder / "socket")
        self.data = self.folder / "data"
        self.process = None

    def start(self):
        # Servers that share a folder for temporary tables remove each other's at their start.
        temporary = self.folder / "tmp"
        temporary.mkdir()
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={self.data}", "--user=root",
             f"--tmpdir={temporary}",
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True, timeout=START_DEADLINE_S)
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["mariadbd", *OPTIONS, f"--datadir={self.data}", f"--socket={self.socket}",
                 f"--tmpdir={temporary}", f"--pid-file={self.folder / 'pid'}"],
                stdout=log, stderr=log)
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                self.connect().close()
                return
            except pymysql.err.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_DEADLINE_S)

    def connect(self, database=None):
        return pymysql.connect(unix_socket=self.socket, user="root", database=database,
                               autocommit=True)


@contextlib.contextmanager
def running_server():
    with tempfile.TemporaryDirectory(prefix="aftersync-mariadb-") as folder:
        server = Server(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
