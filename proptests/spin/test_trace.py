"""Counterexamples as a person reads them, from lines as the model prints them."""

import pytest

from model.spin.checking import trace

LINES = (
    "@ A flushes group 1:1 to its binlog",
    "@= A S 1 1 0 0",
    "@= B r 1 0 0 0",
    "@ A syncs its binlog: durable up to position 1",
    "@= A S 1 1 1 0",
    "@= B r 1 0 0 0",
    "@ A commits",
    "@ A answers OK",
    "@= A S 1 1 1 1",
    "@= B r 1 0 0 0",
    "@ manager 1 promotes B to source of term 2",
    "@= A S 1 1 1 1",
    "@= B s 2 2 0 0",
    "@! a commit is lost",
)


def test_one_line_an_event_with_the_members_that_changed():
    lines = [line.split() for line in trace.render(LINES, indent="").splitlines()]
    assert lines == [
        "1. A flushes group 1:1 to its binlog A*1 [|1] 0 B 1 [] 0".split(),
        "2. A syncs its binlog: durable up to position 1 A*1 [1] 0".split(),
        "3. A commits".split(),
        "4. A answers OK A*1 [1] 1".split(),
        "5. manager 1 promotes B to source of term 2 B+2 [|2] 0".split(),
        "VIOLATED: a commit is lost".split(),
    ]


def test_groups_are_listed_from_the_oldest():
    packed = 1 | 1 << 3 | 3 << 6
    (step,) = trace.parse(["@ x", f"@= C r 3 {packed} 2 1"])
    assert step.members == {"C": "C 3 [1 1|3] 1"}


def test_the_violation_is_marked_and_has_no_state():
    assert [step.is_violation for step in trace.parse(LINES)] == [False] * 5 + [True]


def test_nothing_gives_nothing():
    assert trace.render(()) == ""


@pytest.mark.parametrize("line", [
    "spin: trail ends after 19 steps", "@= A S 1 1 0", "@= A x 1 1 0 0",
])
def test_other_lines_are_refused(line):
    with pytest.raises(trace.BadTrace):
        trace.parse(["@ something happens", line])
