"""aftersync-sim at the command line: verdicts, exit statuses, and what it says about bad input."""

import json
import re
import shlex

import pytest

from proptests.cli.programs import ROOT, aftersync_sim, run_program

BUG = "wal-kv-no-fsync"


def run(*arguments, cwd=ROOT):
    return aftersync_sim("run", *arguments, cwd=cwd)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def found_line(text, start):
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start))


def test_a_seed_that_holds():
    done = run("--scenario", "wal-kv", "--seed", 1)
    assert done.status == 0, done.err
    assert re.fullmatch(
        r"wal-kv, seed 1: held; hash 0x[0-9a-f]{16}, \d+ events, \d+ operations, "
        r"\d+\.\d{3} s of virtual time\n",
        done.out,
    )
    assert run("--scenario", "wal-kv", "--seed", 1).out == done.out


def test_a_range_of_seeds_does_not_depend_on_jobs():
    outs = []
    for jobs in (1, 2, 3):
        done = run("--scenario", "lock-queue", "--seeds", "1..200", "--json", "--jobs", jobs)
        assert done.status == 0, done.err
        outs.append(done.out)
    assert outs[0] == outs[1] == outs[2]
    *seeds, summary = json_lines(outs[0])
    assert [line["seed"] for line in seeds] == list(range(1, 201))
    assert summary["tried"] == 200 and summary["violated"] == 0


def test_a_violation_says_what_and_how_to_see_it_again():
    done = run("--scenario", "wal-kv", "--seeds", "1..500", "--bug", "wal-kv-no-checksum")
    assert done.status == 1
    assert "VIOLATED: " in done.out
    assert re.search(r"scenario wal-kv, seed \d+, bugs on: bug/wal-kv-no-checksum", done.out)
    command = found_line(done.out, "replay: ").removeprefix("replay: ")
    again = run_program(*shlex.split(command))
    assert again.status == 1
    assert found_line(again.out, "VIOLATED: ") == found_line(done.out, "VIOLATED: ")
    assert found_line(again.out, "hash ") == found_line(done.out, "hash ")


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_the_first_violation_is_that_of_the_lowest_seed(jobs):
    arguments = ["--scenario", "wal-kv", "--seeds", "1..300", "--bug", "wal-kv-fsync-retry"]
    lines = json_lines(run(*arguments, "--json", "--keep-going").out)
    lowest = min(line["seed"] for line in lines if line.get("held") is False)
    *seeds, summary = json_lines(run(*arguments, "--json", "--jobs", jobs).out)
    assert [line["seed"] for line in seeds] == list(range(1, lowest + 1))
    assert summary["violated"] == 1


def test_a_bug_goes_by_its_name_with_and_without_its_folder():
    short = run("--scenario", "wal-kv", "--seeds", "1..20", "--bug", BUG, "--json").out
    full = run("--scenario", "wal-kv", "--seeds", "1..20", "--bug", f"bug/{BUG}", "--json").out
    assert short == full


def test_twice_and_probes():
    done = run("--scenario", "lock-queue", "--seeds", "1..20", "--twice", "--probes")
    assert done.status == 0, done.err
    assert "20 seeds, each twice, all held" in done.out
    never = done.out.split("never:")[1]
    assert "wal-log/rotated" in never
    assert "lock-queue/empty" not in never


def test_a_trace_is_written_for_the_violating_seed(tmp_path):
    trace = tmp_path / "trace.txt"
    done = run("--scenario", "wal-kv", "--seeds", "1..500", "--bug", BUG, "--trace", trace)
    assert done.status == 1
    assert "VIOLATION" in trace.read_text()


def test_a_saved_run_replays(tmp_path):
    saved = tmp_path / "run.json"
    done = run("--scenario", "wal-kv", "--seeds", "1..500", "--bug", BUG, "--save", saved)
    again = run("--replay", saved)
    assert again.status == 1
    assert found_line(again.out, "hash ") == found_line(done.out, "hash ")
    document = json.loads(saved.read_text())
    document["expect"]["events"] += 1
    saved.write_text(json.dumps(document))
    again = run("--replay", saved)
    assert again.status == 1
    assert "not the run that the file expects" in again.err


def test_minimise_writes_a_shorter_run_that_replays(tmp_path):
    out = tmp_path / "short.json"
    arguments = ["--scenario", "lock-queue", "--seed", 1, "--bug", "lock-queue-missed-wakeup"]
    done = aftersync_sim("minimise", *arguments, "--out", out)
    assert done.status == 1, done.err
    before, after = re.search(r"context switches +(\d+) +(\d+)", done.out).groups()
    assert int(after) < int(before)
    again = run("--replay", out)
    assert again.status == 1
    assert again.err == ""
    assert found_line(again.out, "VIOLATED: ") == found_line(done.out, "VIOLATED: ")


def test_minimise_has_nothing_to_do_where_all_holds(tmp_path):
    done = aftersync_sim("minimise", "--scenario", "wal-kv", "--seed", 1, cwd=tmp_path)
    assert done.status == 0
    assert "nothing to minimise" in done.err
    assert not list(tmp_path.iterdir())


def test_lists():
    scenarios = aftersync_sim("list")
    assert scenarios.status == 0
    names = [line.split()[0] for line in scenarios.out.splitlines()]
    assert names == sorted(names) and "wal-kv" in names
    faults = aftersync_sim("list", "--faults")
    assert faults.status == 0
    assert faults.out == aftersync_sim("--list-faults").out
    for line in faults.out.splitlines():
        assert re.fullmatch(r"\S+  +\S.*", line)


def test_a_plan_is_printed_without_being_run():
    done = aftersync_sim("plan", "--scenario", "wal-kv", "--seed", 4)
    assert done.status == 0
    assert "quiet from 300.000ms" in done.out


def test_a_budget_ends_a_campaign():
    done = run("--scenario", "wal-kv", "--seeds", "1..1000000000", "--budget", 0.5)
    assert done.status == 0
    assert "the budget ended before the range of seeds did" in done.out


BAD_USAGE = {
    "run --scenario wal-vk --seed 1": "unknown scenario 'wal-vk'; did you mean 'wal-kv'?",
    "run --scenario wal-kv --seed 1 --bug wal-kv-no-fsnc": "did you mean 'bug/wal-kv-no-fsync'?",
    "run --scenario wal-kv --seed one": "'one' is no range of seeds",
    "run --scenario wal-kv --seeds 5..1": "'5..1' is no range of seeds",
    "run --scenario wal-kv --seeds 1..-5": "'1..-5' is no range of seeds",
    "run --scenario wal-kv": "needs --scenario with --seed or --seeds, or --replay",
    "run --seed 1": "needs --scenario",
    "run --scenario wal-kv --seed 1 --seeds 1..2": "excludes",
    "run --scenario wal-kv --seed 1 --sed 2": "--sed",
    "run --scenario wal-kv --seeds 1..2 --jobs 0": "--jobs",
    "run --replay no-such.json": "cannot read 'no-such.json'",
    "run --scenario no-such.toml --seed 1": "cannot read 'no-such.toml'",
    "minimise --scenario wal-kv": "needs --scenario and --seed, or --replay",
    "plan --scenario wal-kv": "--seed is required",
    "run --replay proptests": "cannot read 'proptests'",
    "walk": "walk",
    "": "nothing to do",
}


@pytest.mark.parametrize("arguments, message", BAD_USAGE.items())
def test_bad_usage(arguments, message):
    done = aftersync_sim(*arguments.split())
    assert done.status == 2
    assert message in done.err
    assert done.out == ""


BAD_FILES = [
    ("bad.toml", "", "bad.toml:1: title: missing"),
    ("bad.json", "", "bad.json: parse error at line 1, column 1"),
    ("bad.toml", "title = \n", "bad.toml:1: "),
    ("bad.toml", 'title = "t"\nworkload = "chess"\n', "bad.toml:2: workload: unknown workload"),
    (
        "bad.toml",
        'title = "t"\nworkload = "wal-kv"\n[parameters]\nclint = 3\n',
        "bad.toml:4: parameters.clint: unknown key",
    ),
    (
        "bad.toml",
        'title = "t"\nworkload = "wal-kv"\n[faults.kill]\nlasts_ms = "long"\n',
        "bad.toml:4: faults.kill.lasts_ms: expected a number",
    ),
    ("bad.json", "{", "bad.json: parse error at line 1"),
    ("bad.json", "[]", "bad.json: document: expected an object"),
    ("bad.json", '{"format": "aftersync replay 1"}', "bad.json: scenario: missing"),
]


@pytest.mark.parametrize("name, text, message", BAD_FILES)
def test_bad_files(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    toml = name.endswith(".toml")
    done = run(*(["--scenario", name, "--seed", 1] if toml else ["--replay", name]), cwd=tmp_path)
    assert done.status == 2
    assert message in done.err
    assert done.out == ""


def test_a_scenario_from_a_file_runs_and_replays_by_its_path(tmp_path):
    text = (ROOT / "faults/scenarios/wal-kv.toml").read_text()
    (tmp_path / "mine.toml").write_text(text)
    mine = run("--scenario", "mine.toml", "--seed", 5, cwd=tmp_path)
    assert mine.status == 0, mine.err
    assert mine.out.replace("mine", "wal-kv") == run("--scenario", "wal-kv", "--seed", 5).out
    broken = run("--scenario", "mine.toml", "--seeds", "1..9", "--bug", BUG, cwd=tmp_path)
    assert "run --scenario mine.toml --seed" in broken.out


def test_an_output_that_cannot_be_written_is_said(tmp_path):
    nowhere = tmp_path / "no" / "such" / "folder"
    done = run("--scenario", "wal-kv", "--seed", 1, "--trace", nowhere)
    assert done.status == 2
    assert f"cannot write '{nowhere}'" in done.err
