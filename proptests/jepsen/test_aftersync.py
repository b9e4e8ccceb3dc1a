"""Short runs against the real server: it keeps its word across kills, and the harness can tell."""

import json

import pytest

from jepsen import checker, cli, history
from proptests.jepsen.leftovers import processes_with

EXPERIMENT = """
db = "aftersync"
duration_s = 8
seed = {seed}
[topology]
nodes = 1
network = "proxies"
[settings]
{setting}
[clients]
rate = 200
concurrency = 8
isolation = "{isolation}"
[workloads.append]
keys = 4
[workloads.ledger]
weight = 0.2
[checker]
model = "{model}"
"""
KILLS = """
[[faults]]
kind = "kill"
first_s = 2
every_s = 3
for_s = 0.5
"""


@pytest.fixture
def run(tmp_path, capsys):
    """Runs an experiment; (exit status, outcome, folder of its results)."""
    def of(text, **values):
        (tmp_path / "short.toml").write_text((EXPERIMENT + text).format(**values))
        work = tmp_path / "w"
        work.mkdir()
        status = cli.main(["run", str(tmp_path / "short.toml"), "--json", "--results",
                           str(tmp_path / "results"), "--work-folder", str(work)])
        said = capsys.readouterr()
        assert said.out, said.err
        assert not list(work.iterdir())
        assert not processes_with(str(work))
        [results] = (tmp_path / "results").iterdir()
        return status, json.loads(said.out), results
    return of


@pytest.mark.parametrize("isolation, model", [
    ("repeatable-read", "snapshot-isolation"), ("serializable", "strict-serializable")])
def test_it_keeps_its_word_when_it_is_killed(run, isolation, model):
    status, outcome, results = run(KILLS, seed=1, isolation=isolation, model=model,
                                   setting="innodb_snapshot_isolation = true")
    assert status == checker.HOLDS, (outcome, results)
    assert outcome["facts"]["counts"]["ok"] > 100
    lines = history.read(results / "history.jsonl")
    notes = [line["f"] for line in lines if line["process"] == "nemesis"]
    assert notes.count("kill/begin") == 2 and notes.count("kill/end") == 2
    assert "crash recovery" in (results / "nodes" / "n1" / "error.log").read_text()


def test_the_classic_setting_loses_updates(run):
    status, outcome, results = run("", seed=1, isolation="repeatable-read",
                                   model="snapshot-isolation",
                                   setting="innodb_snapshot_isolation = false")
    assert status == checker.VIOLATED, (outcome, results)
    assert "lost-update" in {anomaly["name"] for anomaly in outcome["verdict"]["anomalies"]}


def test_a_lazy_log_loses_commits(run):
    status, outcome, results = run(KILLS, seed=1, isolation="serializable",
                                   model="strict-serializable",
                                   setting="innodb_flush_log_at_trx_commit = 0")
    assert status == checker.VIOLATED, (outcome, results)
    assert "lost-commit" in {anomaly["name"] for anomaly in outcome["verdict"]["anomalies"]}


def test_it_does_not_replicate_yet(tmp_path, capsys):
    (tmp_path / "three.toml").write_text(
        'db = "aftersync"\nduration_s = 5\n[topology]\nnodes = 3\n[workloads.append]\n')
    assert cli.main(["run", str(tmp_path / "three.toml"), "--results", str(tmp_path)]) == 2
    assert "topology.nodes: aftersync does not replicate yet" in capsys.readouterr().err


def test_a_server_that_refuses_its_options_is_quoted(tmp_path, capsys):
    (tmp_path / "bad.toml").write_text(
        'db = "aftersync"\nduration_s = 5\n[topology]\nnodes = 1\n'
        '[settings]\nno_such_option = 1\n[workloads.append]\n')
    assert cli.main(["run", str(tmp_path / "bad.toml"), "--results", str(tmp_path)]) == 2
    assert "no_such_option" in capsys.readouterr().err.replace("-", "_")
