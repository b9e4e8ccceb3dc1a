"""proptests/hunt: the table is complete, and the verdicts are right in both directions."""

import re
import stat
import tomllib

import pytest

from proptests.cli.programs import ROOT, aftersync_sim, hunt

TABLE = tomllib.loads((ROOT / "proptests" / "hunt.toml").read_text())


def registered_bugs():
    names = [line.split()[0] for line in aftersync_sim("--list-faults").out.splitlines()]
    return {name.removeprefix("bug/") for name in names if name.startswith("bug/")}


def test_every_planted_bug_has_a_detector_or_awaits_one_and_every_detector_a_bug():
    awaiting = set(TABLE.get("awaiting", {}))
    assert registered_bugs() == set(TABLE["bugs"]) | awaiting
    assert not awaiting & set(TABLE["bugs"])
    used = {name for names in TABLE["bugs"].values() for name in names}
    assert used == set(TABLE["detectors"])


def test_every_scenario_of_the_table_exists():
    listed = {line.split()[0] for line in aftersync_sim("list").out.splitlines()}
    for detector in TABLE["detectors"].values():
        assert detector.get("scenario", next(iter(listed))) in listed


def test_found():
    done = hunt("wal-kv-no-fsync")
    assert done.status == 0, done.err
    assert re.fullmatch(
        r"found wal-kv-no-fsync by wal-kv after \d+ tries in \d+\.\d s, seed \d+\n", done.out
    )
    assert hunt("bug/wal-kv-no-fsync", "--budget", 20).status == 0


def write_table(tmp_path, text):
    path = tmp_path / "hunt.toml"
    path.write_text(text)
    return path


def write_program(tmp_path, text):
    path = tmp_path / "detector"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_bug_that_its_detector_cannot_see_is_not_found(tmp_path):
    table = write_table(
        tmp_path,
        '[detectors.blind]\nscenario = "lock-queue"\nseeds = 20\n'
        '[bugs]\nwal-kv-no-fsync = ["blind"]\n',
    )
    done = hunt("wal-kv-no-fsync", "--table", table)
    assert done.status == 1
    assert done.out.startswith("not found: wal-kv-no-fsync by blind after 20 tries in ")
    everything = hunt("--all", "--table", table)
    assert everything.status == 1
    assert everything.out.endswith("0 of 1 planted bugs found\n")
    budget = hunt("wal-kv-no-fsync", "--table", table, "--budget", 0.5)
    assert budget.status == 1


def test_a_bug_without_a_detector_is_said_and_not_found(tmp_path):
    table = write_table(
        tmp_path,
        '[detectors.q]\nscenario = "lock-queue"\nseeds = 50\n'
        '[bugs]\nlock-queue-early-unlock = ["q"]\n[awaiting]\nwal-kv-no-fsync = "a disk"\n',
    )
    done = hunt("wal-kv-no-fsync", "--table", table)
    assert done.status == 1
    assert done.out == "no detector yet: wal-kv-no-fsync awaits a disk\n"
    everything = hunt("--all", "--table", table)
    assert everything.status == 0
    assert everything.out.endswith("1 of 1 planted bugs found; 1 more have no detector yet\n")


PROGRAM_TABLE = (
    '[detectors.property]\nprogram = "detector"\narguments = ["--fast"]\nseeds = 5\n'
    '[bugs]\nsome-bug = ["property"]\n'
)


def test_a_program_is_given_the_bug_and_seeds(tmp_path):
    table = write_table(tmp_path, PROGRAM_TABLE)
    write_program(
        tmp_path,
        'test "$1" = --fast || exit 0\n'
        'echo "OK, passed 100 tests"\n'
        'test "$AFTERSYNC_BUG$RC_PARAMS" = some-bugseed=3 && exit 1\n'
        "exit 0\n",
    )
    done = hunt("some-bug", "--table", table, "--binaries", tmp_path)
    assert done.status == 0, done.out
    assert re.fullmatch(r"found some-bug by property after 300 tries in .* s, seed 3\n", done.out)
    none = hunt("--none", "--table", table, "--binaries", tmp_path)
    assert none.status == 0
    assert none.out.startswith("nothing found by property in 500 tries")


def test_a_finding_without_any_bug_is_an_error(tmp_path):
    table = write_table(tmp_path, PROGRAM_TABLE)
    write_program(tmp_path, 'echo "[  FAILED  ] Queue.KeepsOrder"\nexit 1\n')
    done = hunt("--none", "--table", table, "--binaries", tmp_path)
    assert done.status == 1
    assert done.out == "FINDING without any bug by property, seed 1: Queue.KeepsOrder\n"


def test_a_program_that_cannot_plant_the_bug_finds_nothing(tmp_path):
    table = write_table(tmp_path, PROGRAM_TABLE)
    write_program(tmp_path, 'echo "AFTERSYNC_BUG: unknown" >&2\nexit 2\n')
    done = hunt("some-bug", "--table", table, "--binaries", tmp_path)
    assert done.status == 2
    assert "AFTERSYNC_BUG: unknown" in done.err


def test_real_test_programs_refuse_an_unknown_bug(monkeypatch, tmp_path):
    monkeypatch.setenv("AFTERSYNC_BUG", "ignored: hunt sets its own")
    table = write_table(tmp_path, PROGRAM_TABLE.replace('"detector"', '"test-plan-posix"'))
    done = hunt("some-bug", "--table", table)
    assert done.status == 2
    assert "unknown fault point 'bug/some-bug'" in done.err


@pytest.mark.parametrize(
    "text, message",
    [
        ("[detectors.x]\nseeds = 3\n", "detectors.x: expected either scenario or program"),
        ('[detectors.x]\nscenario = "y"\n', "detectors.x.seeds: expected a whole number"),
        ('[detectors.x]\nscenario = "y"\nseeds = 1\nseds = 2\n', "detectors.x.seds: unknown key"),
        ('[bugs]\nb = ["x"]\n', "bugs.b: there is no detector 'x'"),
        ("[bugs]\nb = []\n", "bugs.b: expected a list of detectors"),
        ("[bug]\n", "bug: unknown table"),
        ("[bugs\n", "hunt.toml: "),
    ],
)
def test_a_bad_table(tmp_path, text, message):
    done = hunt("--all", "--table", write_table(tmp_path, text))
    assert done.status == 2
    assert message in done.err


def test_bad_usage(tmp_path):
    assert "did you mean 'wal-kv-no-fsync'?" in hunt("wal-kv-no-fsnc").err
    assert hunt("wal-kv-no-fsnc").status == 2
    assert hunt().status == 2
    assert hunt("--all", "--none").status == 2
    missing = hunt("wal-kv-no-fsync", "--binaries", tmp_path)
    assert missing.status == 2
    assert "build it first" in missing.err
