"""A server of ours for tests: on a free port, in a directory that goes with it, ended by its id."""

import pathlib
import re
import signal
import subprocess
import time

import pymysql

from proptests.cli.programs import BINARIES

DEADLINE_S = 120  # of a start or an end, on a machine that may be busy


class RunningServer:
    def __init__(self, folder, *options, files=("--no-defaults",)):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        # Paths of sockets are short: this one is relative to the data directory.
        self.options = [
            *files, f"--datadir={self.data}", "--port=0", "--bind-address=127.0.0.1",
            "--socket=server.sock", "--log-error=server.err", "--innodb-buffer-pool-size=16M",
            "--innodb-redo-log-capacity=16M", *options,
        ]
        self.process = None
        self.port = None
        self.password = ""

    def initialize(self, option="--initialize-insecure"):
        """Makes the data directory with a root without password; the server's answer."""
        return subprocess.run(
            [str(BINARIES / "aftersyncd"), *self.options, option],
            capture_output=True, text=True, check=False, timeout=DEADLINE_S,
        )

    def start(self):
        seen = len(self.log())
        self.process = subprocess.Popen(
            [str(BINARIES / "aftersyncd"), *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            ready = re.search(r"ready for connections.*port: (\d+)", self.log()[seen:])
            if ready:
                self.port = int(ready[1])
                return self
            if self.process.poll() is not None:
                raise AssertionError(f"it ended: {self.process.stdout.read()}\n{self.log()}")
            time.sleep(0.02)
        raise AssertionError(f"it did not start:\n{self.log()}")

    def log(self):
        file = self.data / "server.err"
        return file.read_text() if file.exists() else ""

    def stop(self):
        """As an operator ends it; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=DEADLINE_S)
        self.process.stdout.close()
        self.process = None
        return status

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=DEADLINE_S)
        self.process.stdout.close()
        self.process = None

    def connect(self, user="root", password=None, **options):
        options = {"autocommit": True, **options}
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, connect_timeout=60,
            password=self.password if password is None else password, **options,
        )

    def mariadb(self, script, *options, user="root", password=None):
        password = self.password if password is None else password
        return subprocess.run(
            ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", f"-u{user}",
             *([f"-p{password}"] if password else []), "--batch", *options],
            input=script, capture_output=True, text=True, check=False, timeout=DEADLINE_S,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()


def rows(connection, sql, arguments=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())
