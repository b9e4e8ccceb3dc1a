"""One short run against real MariaDB servers: everything in its place, and nothing left behind."""

import json

from jepsen import checker, cli, history
from proptests.jepsen.leftovers import processes_with

EXPERIMENT = """
db = "mariadb"
duration_s = 6
[topology]
nodes = 2
network = "proxies"
rejoin = "rebuild"
[settings]
# A killed process loses nothing by it, and busy disks do not make the test slow.
innodb_flush_method = "nosync"
[clients]
rate = 100
isolation = "serializable"
[workloads.append]
[workloads.ledger]
[checker]
model = "serializable"
[[faults]]
kind = "failover"
first_s = 2
every_s = 10
for_s = 2
"""


def test_a_run_with_a_promotion(tmp_path, capsys):
    (tmp_path / "short.toml").write_text(EXPERIMENT)
    work = tmp_path / "w"
    work.mkdir()
    status = cli.main(["run", str(tmp_path / "short.toml"), "--results", str(tmp_path / "results"),
                       "--work-folder", str(work), "--json"])
    said = capsys.readouterr()
    assert said.out, said.err
    outcome = json.loads(said.out)
    # Asynchronous replication may have lost commits, which lists show or do not.
    assert status in (checker.HOLDS, checker.VIOLATED), outcome
    assert outcome["facts"]["settle"] == []
    found = {anomaly["name"] for anomaly in outcome["verdict"]["anomalies"]}
    assert not found & {"divergence", "errant-transaction"}, found
    assert outcome["facts"]["counts"]["ok"] > 0
    assert "MariaDB" in outcome["facts"]["version"]
    [results] = (tmp_path / "results").iterdir()
    lines = history.read(results / "history.jsonl")
    notes = [line["f"] for line in lines if line["process"] == "nemesis"]
    assert "failover/begin" in notes and "failover/trouble" not in notes
    assert [line["value"] for line in lines if line["f"] == "primary"] == ["n1", "n2", "n2"]
    assert {line["value"]["node"] for line in lines
            if line["type"] == "ok" and line["f"] == "ledger/final-read"} == {"n1", "n2"}
    assert (results / "nodes" / "n2" / "error.log").stat().st_size > 0
    assert "n2 is primary from" in (results / "report.html").read_text()
    assert not list(work.iterdir())
    assert not processes_with(str(work))
