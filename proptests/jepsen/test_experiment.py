"""Experiments: those that are shipped are right, and errors name the file, the key and the cure."""

import pathlib
import tomllib

import pytest

from jepsen import checker, cli, experiment
from jepsen.errors import UserError

GOOD = """
db = "mariadb"
duration_s = 20
[topology]
nodes = 3
[workloads.append]
[[faults]]
kind = "kill"
every_s = 8
for_s = 3
"""


def read(text):
    return experiment.read(pathlib.Path("some.toml"), tomllib.loads(text))


def test_defaults():
    one = read(GOOD)
    assert one.name == "some"
    assert one.topology["replication"] == "async"
    assert one.phases == (experiment.Phase(200.0, 20.0),)
    assert one.faults[0].first_s == 4
    assert one.faults[0].parameters == {"target": "random"}


@pytest.mark.parametrize("name", experiment.shipped_names())
def test_shipped(name):
    one = experiment.load(experiment.find(name))
    assert one.title != name
    assert one.model in checker.models()


@pytest.mark.parametrize("change, message", [
    (('"mariadb"', '"mariabd"'), r"some.toml: db: 'mariabd' .*did you mean 'mariadb'"),
    (("duration_s = 20", "duration = 20"), r"some.toml: duration: unknown key.*'duration_s'"),
    (("duration_s = 20", 'duration_s = "20"'), r"duration_s: must be a number, not '20'"),
    (("nodes = 3", "nodes = 0"), r"topology.nodes: must be at least 1"),
    (("nodes = 3", "nodes = true"), r"topology.nodes: must be an integer"),
    (("workloads.append", "workloads.apend"), r"workloads.apend: unknown workload.*'append'"),
    (("[workloads.append]", "[workloads.append]\nkey = 3"),
     r"workloads.append.key: unknown key.*'keys'"),
    (("[workloads.append]", ""), r"workloads: name at least one"),
    (("[workloads.append]", "[workloads.append]\nweight = 0"), r"workloads: all weights are zero"),
    (('kind = "kill"', 'kind = "kil"'), r"faults\[0\].kind: 'kil' .*'kill'"),
    (('kind = "kill"', ""), r"faults\[0\].kind: is missing"),
    (("for_s = 3", "for_s = 9"), r"faults\[0\].for_s: 9.0 s do not fit into every_s = 8.0"),
    (("every_s = 8", "every_s = 40"), r"faults\[0\].first_s: .*not end before duration_s"),
    (("nodes = 3", "nodes = 1\nreplication = 'after-sync'"), r"topology.replication: .*2 nodes"),
    (('"kill"', '"disk-full"'), r"topology.disk_mb: .*small disk"),
    (("[topology]", "[settings]\nport = 1\n[topology]"), r"settings.port: is set by the harness"),
    (("[topology]", "[checker]\nmodel = 'serialisable'\n[topology]"),
     r"checker.model: .*'serializable'"),
])
def test_errors_name_the_key(change, message):
    assert change[0] in GOOD
    with pytest.raises(UserError, match=message):
        read(GOOD.replace(*change))


def test_links_cannot_be_slowed_between_namespaces():
    with pytest.raises(UserError, match="topology.network: namespaces cannot slow"):
        read(GOOD.replace('"kill"', '"slow-links"').replace(
            "nodes = 3", "nodes = 3\nnetwork = 'namespaces'"))


@pytest.mark.parametrize("text, message", [
    ("db = ", "Invalid value"), (None, "No such file"), (GOOD + "x = 1", "unknown key")])
def test_a_bad_file_ends_with_exit_code_2(tmp_path, capsys, text, message):
    path = tmp_path / "bad.toml"
    if text is not None:
        path.write_text(text)
    assert cli.main(["run", str(path)]) == 2
    said = capsys.readouterr().err
    assert str(path) in said and message in said


def test_an_unknown_name_is_told_what_there_is(capsys):
    assert cli.main(["run", "mariadb-isolatoin"]) == 2
    assert "did you mean 'mariadb-isolation'" in capsys.readouterr().err
