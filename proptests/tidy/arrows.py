"""Include arrows: who may include whom.

core/README.md draws the same picture; change both together. An arrow from A to B means that files
of A may include files of B and whatever B may include. Arrows never form a circle.
"""

import re

from proptests.tidy.source import Finding

CORE_ARROWS = {
    "base": [],
    "platform": ["base"],
    "log": ["platform"],
    "storage": ["log"],
    "binlog": ["platform"],
    "txn": ["storage", "binlog"],
    "sql": ["txn"],
    "wire": ["platform"],
    "replication": ["txn", "wire"],
    "failover": ["platform"],
    "server": ["wire", "sql", "replication", "failover"],
}

# Rooms outside core, by path prefix, the first that fits: the prefixes each may include.
OUTSIDE = (
    ("model/", ("core/base/", "model/")),
    ("faults/sim/", ("core/base/", "core/platform/", "faults/sim/", "faults/plan/")),
    ("faults/", ("core/", "model/", "faults/")),
    ("bench/", ("core/", "model/", "faults/", "bench/")),
    ("proptests/", ("core/", "model/", "faults/", "proptests/")),
)

POSIX = "core/platform/posix/"


def check(tree):
    return [finding for file in tree.cpp() for finding in _check_file(tree, file)]


def reachable(room):
    """The rooms of core that `room` may include, itself among them."""
    found, waiting = set(), [room]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(CORE_ARROWS[current])
    return found


def _check_file(tree, file):
    allowed = _allowed_prefixes(file.path)
    if allowed is None:
        yield Finding(file.path, 1, "this folder is no known room: add it to tidy/arrows.py")
        return
    for line, path, quoted in file.includes:
        if not quoted:
            if path.split("/")[0] in ("core", "model", "faults", "proptests", "bench"):
                yield Finding(file.path, line, f"own header <{path}> belongs in quotes")
        elif path not in tree.files:
            yield Finding(file.path, line, f'"{path}" is no path from the top of the repository')
        elif not path.startswith(allowed):
            yield Finding(file.path, line, f"arrow: {file.path} may not include {path}")
        elif path.startswith(POSIX) and not _may_name_posix(file.path):
            yield Finding(file.path, line, f"only programs and posix tests may include {path}")


def _allowed_prefixes(path):
    if path.startswith(POSIX):
        return ("core/base/", "core/platform/")
    if path.startswith("core/"):
        room = path.split("/")[1]
        if room not in CORE_ARROWS:
            return None
        return tuple(f"core/{name}/" for name in sorted(reachable(room)))
    for prefix, allowed in OUTSIDE:
        if path.startswith(prefix):
            return allowed
    return None


def _may_name_posix(path):
    """Programs, tests and benchmarks choose a platform; everything else is above the seam."""
    return (
        path.startswith((POSIX, "bench/", "proptests/")) and not re.search(r"_sim(_test)?\.", path)
    ) or (path.startswith("core/") and path.endswith("_main.cc"))
