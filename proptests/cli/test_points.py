"""aftersync-sim points: a fault at each operation, what it says of one that violates, bad usage."""

import re
import shlex

import pytest

from proptests.cli.programs import ROOT, aftersync_sim, run_program


def points(*arguments):
    return aftersync_sim("points", *arguments, cwd=ROOT)


def test_a_share_of_the_points_holds():
    done = points("--seeds", 1, "--share", 0.02)
    assert done.status == 0, done.out + done.err
    assert re.match(r"storage-points: \d+ crash points \(.*\), all held; ", done.out)


def test_a_point_that_violates_is_found_again_by_its_command():
    done = points("--seeds", "1..2", "--bug", "stale-doublewrite")
    assert done.status == 1, done.out + done.err
    violation = done.out.splitlines()[0]
    assert violation.startswith("VIOLATED: ")
    command = re.search(r"^  replay: (.*)$", done.out, re.MULTILINE)[1]
    again = run_program(*shlex.split(command), cwd=ROOT)
    assert again.status == 1
    assert again.out.splitlines()[0] == violation


@pytest.mark.parametrize("arguments, message", [
    (["--point", "kill:1..5"], "'kill:1..5' is no fault at an operation"),
    (["--point", "meteor:1"], "'meteor:1' is no fault at an operation"),
    (["--point", "kill:1+kill"], "'kill' is no fault at an operation"),
    (["--scenario", "wal-kv"], "wal-kv: its workload has no parameter 'fault'"),
    (["--share", "0"], "no point is left"),
])
def test_bad_usage(arguments, message):
    done = points("--seeds", 1, *arguments)
    assert done.status == 2
    assert message in done.err
    assert done.out == ""
