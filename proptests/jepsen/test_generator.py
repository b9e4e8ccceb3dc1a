"""The plan of operations and faults is a function of the seed."""

import itertools

import pytest

from jepsen import experiment, nemesis, workloads
from jepsen.generator import Feed, Phase, plan, source_of


def streams(seed):
    return {name: workloads.class_of(name)({}, source_of(seed, name)).operations()
            for name in workloads.NAMES}


def some_plan(seed, phases, weights=None):
    own = streams(seed)
    return list(plan(seed, phases, own, weights or dict.fromkeys(own, 1.0)))


def test_the_same_seed_gives_the_same_plan():
    phases = (Phase(200, 3), Phase(50, 2))
    assert some_plan(7, phases) == some_plan(7, phases)
    assert some_plan(7, phases) != some_plan(8, phases)


def test_rates_and_phases():
    planned = some_plan(3, (Phase(100, 20), Phase(0, 5), Phase(400, 10)))
    dues = [due for due, _ in planned]
    assert dues == sorted(dues)
    spans = ((0, 20), (20, 25), (25, 35))
    counts = [sum(begin <= due < end for due in dues) for begin, end in spans]
    # Poisson: six standard deviations on either side.
    assert 2000 - 270 < counts[0] < 2000 + 270
    assert counts[1] == 0
    assert 4000 - 380 < counts[2] < 4000 + 380
    assert len(planned) == sum(counts)


def test_a_mix_follows_its_weights():
    names = sorted(workloads.NAMES)
    weights = {name: 1.0 for name in names} | {names[0]: 3.0}
    planned = some_plan(5, (Phase(1000, 10),), weights)
    share = sum(operation.workload == names[0] for _, operation in planned) / len(planned)
    assert abs(share - 3 / (2 + len(names))) < 0.04


def test_a_feed_leaves_out_what_is_late():
    feed = Feed(zip(itertools.count(), "abcd"))
    assert feed.next(0) == (0, "a")
    assert feed.next(2.5) == (3, "d")
    assert feed.left_out == 2
    assert feed.next(9) is None


def test_a_feed_ends_when_it_is_cut_short():
    feed = Feed(zip(itertools.count(), "abc"))
    assert feed.next() == (0, "a")
    feed.end()
    assert feed.next() is None


@pytest.mark.parametrize("name", workloads.NAMES)
def test_elements_are_unique(name):
    """What the checkers rely on: no key gets the same element twice."""
    seen = set()
    workload = workloads.class_of(name)({}, source_of(1, name))
    for operation in itertools.islice(workload.operations(), 5000):
        if operation.f in ("ledger/insert", "set/add"):
            written = [operation.value]
        elif operation.f == "txn":
            written = [(key, value) for verb, key, value in operation.value if verb != "r"]
        else:
            continue
        assert seen.isdisjoint(written)
        assert len(written) == len(set(written))
        seen.update(written)


def fault(first_s, every_s, for_s):
    return experiment.FaultPlan("kill", first_s, every_s, for_s, {})


def test_faults_come_round_and_end_within_the_run():
    events = nemesis.schedule([fault(2, 10, 5), fault(1, 20, 3)], 25)
    assert [(event.at_s, event.fault, event.begins) for event in events] == [
        (1, 1, True), (2, 0, True), (4, 1, False), (7, 0, False), (12, 0, True), (17, 0, False),
        (21, 1, True), (24, 1, False)]
