"""The verdict: aftersync-check reads the history and judges it."""

import json
import os
import pathlib
import subprocess

from jepsen.errors import UserError

ROOT = pathlib.Path(__file__).resolve().parents[1]
VARIABLE = "AFTERSYNC_CHECK"
HOLDS, VIOLATED, UNDECIDED = 0, 1, 3


def program():
    """The checker: $AFTERSYNC_CHECK, or that of the release build."""
    path = pathlib.Path(os.environ.get(VARIABLE) or ROOT / "build/release/bin/aftersync-check")
    if not os.access(path, os.X_OK):
        raise UserError(
            f"{path} is not there; build it (cmake --preset release && cmake --build --preset"
            f" release --target aftersync-check) or set {VARIABLE}")
    return path


def models():
    """Names of the consistency models that the checker knows."""
    done = subprocess.run([program(), "history", "--list-models"], capture_output=True, text=True,
                          check=True)
    return [line.split()[0] for line in done.stdout.splitlines() if line.strip()]


def check(path, model):
    """The checker's report on a history file, as a dictionary; its `exit` is HOLDS and so on."""
    done = subprocess.run([program(), "history", "--json", "--model", model, path],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (HOLDS, VIOLATED, UNDECIDED):
        raise UserError(f"the checker refuses {path}: {done.stderr.strip()}")
    return json.loads(done.stdout) | {"exit": done.returncode}
