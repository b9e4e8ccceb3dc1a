"""Runs scripts through the model of transactions and locks."""

import itertools
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "release" / "bin" / "aftersync-check"


class BadScript(Exception):
    """The model does not take the script."""


def runs_of(texts):
    """The model's answers to each script: for each schedule and setting a list of JSON objects, one
    for each order in which sessions that are set free at once can go on."""
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            path = pathlib.Path(folder, f"{number}.txt")
            path.write_text(text, encoding="utf-8")
            result = subprocess.run([PROGRAM, "locks", "--json", path], capture_output=True,
                                    text=True, check=False)
            if result.returncode != 0:
                raise BadScript(result.stderr + text)
            found = [json.loads(line) for line in result.stdout.splitlines()]
            runs.append([list(orders) for _, orders in itertools.groupby(found, _setting)])
    return runs


def random_script(seed, number):
    """The schedule of that number, by the rules of MariaDB (model/txn/random_schedule.h)."""
    return subprocess.run(
        [PROGRAM, "schedule", "--seed", str(seed), "--number", str(number), "--rules", "mariadb"],
        capture_output=True, text=True, check=True).stdout


def _setting(run):
    return run["line"], run["isolation"], run["snapshot_isolation"]
