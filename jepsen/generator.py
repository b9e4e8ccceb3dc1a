"""What clients do, and when: decided by the seed before anything runs.

The plan is *open*: arrivals follow a Poisson process of the phase's rate, whether or not earlier
operations have ended, so that a store that hesitates is not asked less. Workers take the next
operation when they are free; if all are busy, operations start late, and those that would start
later than a patience are left out, so that a store that stood still does not prolong the run.

The sequence of operations and their due times are a function of the seed. Which worker gets which
one is not: that depends on the store.
"""

import dataclasses
import random
import threading


@dataclasses.dataclass(frozen=True)
class Operation:
    """One thing a client asks: see the table in model/history/history_format.h for f and value."""

    workload: str
    f: str
    value: object
    target: str = "primary"  # "primary", "replica", "any", or the name of a node
    read_only: bool = False
    lot: int = 0  # drawn from the seed; picks among replicas


@dataclasses.dataclass(frozen=True)
class Phase:
    """`rate` operations a second for `duration_s` seconds."""

    rate: float
    duration_s: float


def source_of(seed, name):
    """An independent stream of chance for one purpose."""
    return random.Random(f"{seed}/{name}")


def arrivals(phases, source):
    """Due times in seconds, ascending."""
    begin = 0.0
    for phase in phases:
        due = begin
        while phase.rate > 0:
            due += source.expovariate(phase.rate)
            if due >= begin + phase.duration_s:
                break
            yield due
        begin += phase.duration_s


def mix(streams, weights, source):
    """Operations of several endless streams, {name: iterator}, in proportion to {name: weight}."""
    names = sorted(streams)
    shares = [weights[name] for name in names]
    while True:
        yield next(streams[source.choices(names, shares)[0]])


def plan(seed, phases, streams, weights):
    """(due, Operation) in the order of due times; ends with the last phase."""
    operations = mix(streams, weights, source_of(seed, "mix"))
    for due in arrivals(phases, source_of(seed, "arrivals")):
        yield due, next(operations)


class Feed:
    """Hands a plan out to workers; for any number of threads."""

    def __init__(self, planned):
        self._planned = iter(planned)
        self._lock = threading.Lock()
        self._ended = False
        self.left_out = 0

    def next(self, earliest_due=float("-inf")):
        """The next (due, Operation), or None when the plan has ended or was cut short.

        Operations that were due before `earliest_due` are counted and left out.
        """
        with self._lock:
            for planned in self._planned:
                if self._ended:
                    break
                if planned[0] >= earliest_due:
                    return planned
                self.left_out += 1
            return None

    def end(self):
        with self._lock:
            self._ended = True
