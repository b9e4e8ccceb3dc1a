"""Fills a node's disk to the last block with a file, which the end removes.

The data folder is a tmpfs of `topology.disk_mb`, so nothing else on the machine runs short.
"""

import errno

from jepsen.nemesis import Fault, targets
from jepsen.nemesis.kill import WHO

BALLAST = "ballast"
BLOCK = bytes(1 << 16)


class DiskFull(Fault):
    PARAMETERS = {"target": ("replica", WHO)}
    _filled = ()

    def begin(self, source):
        database = self.cluster.database
        self._filled = targets(self.parameters["target"], database, source)
        for node in self._filled:
            fill(database.data_folder(node) / BALLAST)
        return self._filled

    def end(self):
        filled, self._filled = self._filled, ()
        for node in filled:
            (self.cluster.database.data_folder(node) / BALLAST).unlink(missing_ok=True)


def fill(path):
    """Writes to a file until the disk is full, in ever smaller pieces."""
    size = len(BLOCK)
    with open(path, "wb", buffering=0) as file:
        while size:
            try:
                file.write(BLOCK[:size])
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


CLASS = DiskFull
