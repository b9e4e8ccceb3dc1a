"""Running the built programs from tests."""

import pathlib
import subprocess
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / "build" / "release" / "bin"


class Done(NamedTuple):
    status: int
    out: str
    err: str


def run_program(*arguments, cwd=ROOT):
    """Runs a command; its exit status and output."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        capture_output=True, text=True, check=False, cwd=cwd, timeout=300,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def aftersync_sim(*arguments, cwd=ROOT):
    return run_program(BINARIES / "aftersync-sim", *arguments, cwd=cwd)


def hunt(*arguments):
    return run_program(ROOT / "proptests" / "hunt", *arguments)
