"""The parts around the model of transactions and locks that need no server.

Random schedules, as they are given to a real server by differential.py, must leave the model in a
state that no rule forbids; and what that tool reads from a server is read rightly.
"""

import collections
import json
import pathlib
import random
import subprocess

import pytest

from proptests.isolation import innodb_status, model

SCHEDULES = 60  # of a run; each run takes others

SAMPLE = pathlib.Path(__file__).with_name("innodb_status_sample.txt")


def test_status_of_a_server_is_read():
    found = innodb_status.transactions(SAMPLE.read_text(encoding="utf-8"),
                                       {("t", "PRIMARY"): 1, ("t", "k"): 2})
    assert list(found) == [4]
    assert found[4].waiting and found[4].complete
    lock = innodb_status.Lock
    assert sorted(found[4].locks, key=str) == sorted([
        lock("t", "", None, "IX", "table", False),
        lock("t", "k", innodb_status.SUPREMUM, "S", "next-key", False),
        lock("t", "k", (None, -1), "S", "next-key", False),
        lock("t", "PRIMARY", (5,), "X", "insert-intention", True),
    ], key=str)


def record_locks(step):
    queues = collections.defaultdict(list)
    for lock in step["locks"]:
        if lock["index"]:
            queues[lock["table"], lock["index"], json.dumps(lock["key"])].append(lock)
    return queues


def check_step(step, waiting):
    """`waiting`: the sessions that wait after the step."""
    waits = collections.Counter(lock["session"] for lock in step["locks"] if lock["waiting"])
    assert waits == collections.Counter(waiting)
    for (_, _, key), queue in record_locks(step).items():
        on_record = [lock for lock in queue if not lock["waiting"] and key != "null"
                     and lock["kind"] in ("record", "next-key")]
        exclusive = {lock["session"] for lock in on_record if lock["mode"] == "X"}
        everybody = {lock["session"] for lock in on_record}
        assert not exclusive or len(everybody) == 1, queue


def check_run(run):
    waiting = set()
    for step in run["steps"]:
        for answer in step["answers"]:
            if answer["kind"] == "waiting":
                waiting.add(answer["session"])
            else:
                waiting.discard(answer["session"])
            if answer.get("error") == "deadlock":
                assert len(answer["others"]) == len(set(answer["others"])) > 1
                assert answer["others"][0] == answer["session"]
        check_step(step, waiting)


@pytest.mark.parametrize("rules", ("manual", "mariadb"))
def test_no_step_leaves_what_the_rules_forbid(rules):
    seed = random.SystemRandom().randrange(1 << 40)
    texts = [model.random_script(seed, number) for number in range(SCHEDULES)]
    if rules == "manual":
        texts = [text.replace("; rules mariadb", "") for text in texts]
    for number, (text, runs) in enumerate(zip(texts, model.runs_of(texts))):
        print(f"schedule {seed}/{number}\n{text}")
        for orders in runs:
            for run in orders:
                check_run(run)


def run(*arguments):
    return subprocess.run([model.PROGRAM, "locks", *map(str, arguments)],
                          capture_output=True, text=True, check=False)


def test_exit_codes(tmp_path):
    script = tmp_path / "script.txt"
    text = ("tables\n  create table t (id int primary key)\n"
            "at repeatable read\nshows: nothing\n  T1: insert into t values (1)\n")
    script.write_text(text + "    changed 1\n")
    assert run(script).returncode == 0
    script.write_text(text + "    changed 2\n")
    differs = run(script)
    assert differs.returncode == 1
    assert "expected\n    changed 2\n  answered\n    changed 1\n" in differs.stdout
    script.write_text(text + "  T1: nonsense\n")
    bad = run(script)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "line 6: expected a statement, found 'nonsense'" in bad.stderr
    assert run(tmp_path / "missing").returncode == 2
    assert run().returncode == 2
