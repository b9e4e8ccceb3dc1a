"""A counterexample as a person reads it: one line an event, and beside it the logs of the members.

The model prints '@ EVENT' for each step, then a line '@=' a member with its state (trace.pml), and
'@! VIOLATION' where something is lost. A member is shown as `A*2 [1 1|2] 1`: name, `*` for a
writable source and `+` for one that is not, its term, the terms of the groups in its log with `|`
where the durable part ends, and how many groups its readers see. Only members that changed are
shown, all of them at the beginning.
"""

from typing import NamedTuple

EVENT_WIDTH = 74
ROLES = {"S": "*", "s": "+", "r": " "}
LEGEND = (
    "A*2 [1 1|2] 1: member A, in term 2; * writable source, + source; the terms of the groups in "
    "its log,",
    "| where the durable part ends; how many groups its readers see. 1:2 is the second group of "
    "a log, written in term 1.",
)


class Step(NamedTuple):
    """An event and, by name, the members after it; `is_violation` for the last line of a trace."""

    event: str
    members: dict
    is_violation: bool


class BadTrace(Exception):
    """A line that the model does not print."""


def parse(lines):
    """Steps of a replay. Events without states belong to the step of the next states."""
    steps = []
    pending = []
    members = {}
    for line in lines:
        if line.startswith("@= "):
            name, shown = _member(line)
            members[name] = shown
        elif line.startswith("@! ") or line.startswith("@ "):
            if members:
                steps += _steps(pending, members)
                pending, members = [], {}
            pending.append(line)
        else:
            raise BadTrace(f"not a line of a trace: {line!r}")
    return steps + _steps(pending, members)


def _steps(events, members):
    last = len(events) - 1
    return [
        Step(line.split(" ", 1)[1], dict(members) if at == last else {}, line.startswith("@!"))
        for at, line in enumerate(events)
    ]


def _member(line):
    words = line.split()
    if len(words) != 7 or words[2] not in ROLES:
        raise BadTrace(f"not the state of a member: {line!r}")
    name, role, term, log, durable, visible = words[1], words[2], *words[3:]
    groups = [digit for digit in reversed(format(int(log), "o")) if digit != "0"]
    kept, rest = groups[: int(durable)], groups[int(durable):]
    shown = " ".join(kept) + (f"|{' '.join(rest)}" if rest else "")
    return name, f"{name}{ROLES[role]}{term} [{shown}] {visible}"


def render(lines, indent="    "):
    """The trace as text, ending in a newline."""
    text = []
    before = {}
    for number, step in enumerate(parse(lines), 1):
        changed = [shown for name, shown in step.members.items() if before.get(name) != shown]
        before.update(step.members)
        mark = "VIOLATED:" if step.is_violation else f"{number:3}."
        text.append(f"{indent}{mark} {step.event:{EVENT_WIDTH}} {'  '.join(changed)}".rstrip())
    return "".join(f"{line}\n" for line in text)
