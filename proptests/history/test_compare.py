"""aftersync-check against its oracles on fresh random histories, and its command line.

Each run takes other histories. A difference prints the history, its seed and the command that
replays it; the long comparison is `python3 -m proptests.history.compare --count 20000`.
"""

import collections
import json
import random
import subprocess

import pytest

from proptests.history import compare

SHARE = {"append": 400, "register": 400}  # histories a run; the other workloads are simpler
WORKLOAD_SHARE = 200

GOOD = ('{"index":0,"process":0,"time":0,"type":"invoke","f":"txn","value":[["append","x",1]]}\n'
        '{"index":1,"process":0,"time":1,"type":"ok","f":"txn","value":[["append","x",1]]}\n')
STALE = GOOD + (
    '{"index":2,"process":1,"time":2,"type":"invoke","f":"txn","value":[["r","x",null]]}\n'
    '{"index":3,"process":1,"time":3,"type":"ok","f":"txn","value":[["r","x",[]]]}\n')


@pytest.mark.parametrize("kind", compare.KINDS)
def test_agrees_with_the_oracle(kind):
    seed = random.SystemRandom().randrange(1 << 40)
    print(f"{kind}: seed {seed}")
    compare.compare(kind, seed, SHARE.get(kind, WORKLOAD_SHARE), collections.Counter())


def run(*arguments, text=None):
    return subprocess.run([compare.PROGRAM, *arguments], input=text, capture_output=True,
                          text=True, check=False)


def test_exit_codes():
    assert run("history", "-", text=GOOD).returncode == 0
    violated = run("history", "-", text=STALE)
    assert violated.returncode == 1
    assert "T2 read key x as [], and so missed T1's append of 1" in violated.stdout
    assert run("history", "-", "--model", "serializable", text=STALE).returncode == 0
    ledger = GOOD.replace('"txn"', '"ledger/insert"').replace('[["append","x",1]]', "1")
    assert run("history", "-", text=ledger).returncode == 3


def test_bad_input_is_named():
    result = run("history", "-", text=GOOD + "{")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == ("aftersync-check: -: line 3, column 2: expected a text\n")
    for arguments, words in (
        (["history", "no/such/file"], "No such file"),
        (["history", "-", "--model", "perfect"], "no such model: perfect"),
        (["history"], "a FILE is required"),
        (["history", "a", "b", "--export-edn", "c"], "takes one FILE"),
        (["frobnicate"], "subcommand is required"),
        ([], "subcommand is required"),
        (["generate", "--clients", "0"], "clients"),
        (["generate", "--isolation", "none"], "no such isolation"),
    ):
        result = run(*arguments, text="")
        assert result.returncode == 2, arguments
        assert words in result.stderr, arguments


def test_models_are_listed():
    listed = [line.split()[0] for line in run("history", "--list-models").stdout.splitlines()]
    assert "snapshot-isolation" in listed and listed[-1] == "strict-serializable"
    for model in listed:
        assert run("history", "-", "--model", model, text=GOOD).returncode == 0


def test_json_and_several_files(tmp_path):
    good, stale = tmp_path / "good", tmp_path / "stale"
    good.write_text(GOOD)
    stale.write_text(STALE)
    result = run("history", "--json", str(good), str(stale))
    assert result.returncode == 1
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [report["verdict"] for report in reports] == ["holds", "violated"]
    anomaly = reports[1]["anomalies"][0]
    assert anomaly["name"] == "G-single-realtime"
    assert anomaly["examples"][0]["edges"] == ["realtime", "rw"]


def test_edn_export(tmp_path):
    edn = tmp_path / "history.edn"
    assert run("history", "-", "--export-edn", str(edn), text=STALE).returncode == 1
    assert edn.read_text().splitlines()[3] == (
        '{:index 3 :time 3 :type :ok :process 1 :f :txn :value [[:r "x" []]]}')
