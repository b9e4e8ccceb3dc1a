"""SPIN as a subprocess: from a model and its -D's to what the search found.

SPIN writes a program in C (`pan`) that does the search; gcc compiles it; it runs in a folder of
its own. Everything a verdict rests on is read from what pan prints, and a search that pan does not
itself call complete counts as cut short, whatever else it says.
"""

import os
import pathlib
import re
import shutil
import subprocess
from typing import NamedTuple

MODELS = pathlib.Path(__file__).resolve().parents[1]
MEMORY_LIMIT_MB = 6000
DEPTH_LIMIT = 1_000_000
NICENESS = 15

# What pan says when it has not seen everything.
CUT_SHORT = re.compile(
    r"max search depth too small|Search not completed|out of memory|reached -DMEMLIM|aborting|"
    r"hash-?compact|Bit statespace search|VECTORSZ is too small", re.IGNORECASE
)


class MissingTool(Exception):
    """A program that is not installed or fails on a model; the text is for the user."""


class Search(NamedTuple):
    """What pan said.

    `seconds` are those of the processor, for the search alone. `events` is the replay of its
    counterexample: lines that begin with '@'.
    """

    errors: int
    complete: bool
    states: int
    depth: int
    memory_mb: float
    seconds: float
    probes: frozenset
    events: tuple
    output: str


def require_tools():
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            raise MissingTool(f"{tool} is not installed (Debian package {tool})")


class Built(NamedTuple):
    """A compiled search: its folder, the model's file name, and pan's arguments."""

    folder: pathlib.Path
    model: str
    arguments: tuple


def exhaustive(model, defines, folder, cycles=False):
    """Builds a search of every state, depth first. `cycles`: for runs without end, too (a state
    that has no step is an end, hence no stuttering)."""
    options = ["-O2", "-DNOBOUNDCHECK"]
    options += ["-DNOSTUTTER"] if cycles else ["-DSAFETY"]
    arguments = (f"-m{DEPTH_LIMIT}", "-E") + (("-a",) if cycles else ())
    defines = (*defines, "COUNT_PROBES") + (("NO_CYCLE",) if cycles else ())
    return _build(model, defines, folder, options, arguments)


def shortest(model, defines, folder):
    """Builds a breadth-first search up to the first violation: no shorter run ends in one."""
    options = ["-O0", "-DSAFETY", "-DBFS"]
    return _build(model, (*defines, "SHORTEST"), folder, options, ("-E", "-w20"))


def search(built):
    """Runs what was built, and replays its counterexample if it has one."""
    said = built.folder / "said"
    with said.open("w") as output:
        pan = subprocess.Popen(["nice", "-n", str(NICENESS), "./pan", *built.arguments],
                               cwd=built.folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            _, status, used = os.wait4(pan.pid, 0)
        except BaseException:
            pan.kill()
            raise
        pan.returncode = os.waitstatus_to_exitcode(status)
    return read(said.read_text(), used.ru_utime + used.ru_stime, _replay(built))


def _build(model, defines, folder, options, arguments):
    folder = pathlib.Path(folder)
    switches = [f"-D{define}" for define in defines]
    _compile(["spin", "-a", *switches, str(MODELS / model)], folder)
    _compile(["gcc", "-w", "-DNOREDUCE", "-DNOFAIR", "-DVECTORSZ=512",
              f"-DMEMLIM={MEMORY_LIMIT_MB}", *options, "-o", "pan", "pan.c"], folder)
    return Built(folder, model, arguments)


def _compile(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    # SPIN says "Error" and ends with 0 for some mistakes.
    if done.returncode != 0 or "Error:" in done.stdout:
        said = (done.stdout + done.stderr).strip()
        raise MissingTool(f"{' '.join(command)}\n{said[:2000]}")


def _replay(built):
    trail = built.folder / f"{built.model}.trail"
    if not trail.exists():
        return ()
    done = subprocess.run(["./pan", "-S", trail.name], cwd=built.folder, capture_output=True,
                          text=True, check=False)
    return tuple(line for line in done.stdout.split("\n") if line.startswith("@"))


def read(output, seconds, events=()):
    """A Search from what pan printed."""
    errors = _number(r"errors: (\d+)", output)
    full = "Full statespace search" in output or "Using Breadth-First Search" in output
    return Search(
        errors=int(errors or 0),
        complete=errors is not None and full and not CUT_SHORT.search(output),
        states=int(_number(r"(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored", output) or 0),
        depth=int(_number(r"depth reached (\d+)", output) or 0),
        memory_mb=_number(r"([\d.]+)\s+total actual memory usage", output) or 0.0,
        seconds=seconds,
        probes=frozenset(int(probe) for probe in re.findall(r"^probe (\d+) reached$", output,
                                                            re.MULTILINE)),
        events=tuple(events),
        output=output,
    )


def _number(pattern, output):
    match = re.search(pattern, output)
    return float(match[1]) if match else None
