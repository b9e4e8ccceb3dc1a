"""model/spin/check: its quick searches, and that it fails where it should.

A checker of a model can be wrong in two ways that look like success: a search that did not see
everything, and a variant that breaks for another reason than the one it stands for. Each way is
tried here on purpose.
"""

import pathlib
import re
import subprocess
import types

import pytest

from model.spin.checking import command, experiments, pan
from model.spin.checking.experiments import Bounds, Sound, Variant

TOP = pathlib.Path(__file__).resolve().parents[2]
SMALL = Bounds(1, 2, 0)
NO_TRACES = types.SimpleNamespace(no_traces=True)


def judge(one):
    ((_, search, reason),) = command.judged([one])
    return search, reason


def check(*arguments):
    return subprocess.run([TOP / "model" / "spin" / "check", *arguments], capture_output=True,
                          text=True, check=False, timeout=1500)


def test_quick_holds_and_every_variant_breaks():
    done = check("--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    for variant in experiments.VARIANTS:
        assert re.search(rf"^breaks {variant.name} ", done.stdout, re.MULTILINE), done.stdout
    for violation in {variant.breaks for variant in experiments.VARIANTS}:
        assert f"VIOLATED: {violation.text}" in done.stdout


def test_every_variant_of_the_model_is_searched_and_the_other_way_round():
    listed = re.findall(r"^//   ([A-Z][A-Z_]+) ", (pan.MODELS / "variants.pml").read_text(),
                        re.MULTILINE)
    searched = {one.name for one in experiments.VARIANTS if one.model == "cluster.pml"}
    assert sorted(listed) == sorted(searched)


@pytest.mark.parametrize("one, reason", [
    (Sound("broken", "one with a rule less", SMALL, ("SYMMETRY", "ASYNC")), "a violation"),
    (Sound("idle", "nothing ever fails", Bounds(0, 1, 0)), "never reached: "),
    (Sound("modest", "a probe is called unreachable", SMALL,
           unreachable=experiments.NO_POWER_LOSS | {"COPIED"}), "called unreachable, but reached"),
    (Variant("NO_SUCH_RULE", SMALL, experiments.LOST), "no counterexample"),
    (Variant("ASYNC", SMALL, experiments.LOST._replace(text="fire")), "another violation than"),
])
def test_what_is_not_as_it_should_be_fails(one, reason, capsys):
    status = command.run([one], NO_TRACES)
    said = capsys.readouterr().out
    assert status == 1
    assert f"FAILED {one.name}" in said
    assert reason in said
    assert "0 passed, 1 failed" in said


def test_a_violation_of_the_sound_protocol_comes_with_its_trace(capsys):
    broken = Sound("broken", "one with a rule less", SMALL, ("SYMMETRY", "AFTER_COMMIT"))
    command.run([broken], types.SimpleNamespace(no_traces=False))
    said = capsys.readouterr().out
    assert re.search(r"^ +1\. .*\n( +\d+\. .*\n)+ +VIOLATED: ", said, re.MULTILINE), said


@pytest.mark.parametrize("defines, reason", [((), None), (("RESTLESS",), "a run without end")])
def test_runs_without_end_are_found(defines, reason):
    ends = Sound("ends", "no run goes on for ever", Bounds(1, 2, 0),
                 ("CONVERGE", "SYMMETRY", *defines), cycles=True,
                 unreachable=experiments.NO_POWER_LOSS)
    assert judge(ends)[1] == reason


def test_a_search_that_meets_a_limit_proves_nothing(monkeypatch):
    monkeypatch.setattr(pan, "DEPTH_LIMIT", 20)
    search, reason = judge(Sound("shallow", "the depth is limited", SMALL))
    assert not search.complete
    assert reason.startswith("the search was cut short")


def test_a_search_that_runs_out_of_memory_proves_nothing(monkeypatch):
    monkeypatch.setattr(pan, "MEMORY_LIMIT_MB", 140)
    search, reason = judge(Sound("narrow", "memory is limited", Bounds(2, 2, 0)))
    assert not search.complete
    assert reason.startswith("the search was cut short")


def test_symmetry_merges_states_by_names_alone():
    """Three members and two managers can be named in twelve ways, so no more states than that may
    fall together; and the verdict must be the same."""
    unreachable = experiments.NO_POWER_LOSS
    named, fault = judge(Sound("named", "members have names", SMALL, (), unreachable=unreachable))
    assert fault is None
    merged, fault = judge(Sound("merged", "they have none", SMALL, unreachable=unreachable))
    assert fault is None
    assert 4 * merged.states < named.states <= 12 * merged.states


@pytest.mark.parametrize("arguments, message", [
    (["--only", "NOBODY"], "no search is called NOBODY"),
    (["--fast"], "unrecognized arguments"),
])
def test_bad_usage(arguments, message):
    done = check(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_list_and_help_search_nothing():
    assert "must break: recovery commits the whole binlog" in check("--list").stdout
    assert "undescribed" not in check("--list").stdout
    assert "--quick" in check("--help").stdout
