"""The nemesis does harm on a schedule that the seed decides, and mends it.

Each fault of an experiment comes round: it begins at `first_s`, lasts `for_s`, and begins again
`every_s` after it last began. What happens to whom is drawn from the seed; "the primary" is whoever
is it at that moment. One thread does all of it in order, so a fault that takes long delays the
next. Everything done is noted in the history, under the process name "nemesis".
"""

import dataclasses
import importlib
import threading
import traceback

from jepsen.errors import UserError
from jepsen.generator import source_of

KINDS = ("kill", "pause", "partition", "slow-links", "disk-full", "failover")


@dataclasses.dataclass(frozen=True)
class Event:
    """`begins` or ends the `number`th occurrence of a fault."""

    at_s: float
    fault: int  # its place in the experiment
    number: int
    begins: bool


class Fault:
    """Base of faults: one object for each [[faults]] entry.

    `begin` does harm and says what, for the history; `end` mends it, and may be called at any time.
    """

    PARAMETERS = {}  # name: (default, choices or None)

    def __init__(self, cluster, parameters):
        self.cluster = cluster
        self.parameters = parameters

    def begin(self, source):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError


def class_of(kind):
    return importlib.import_module(f"jepsen.nemesis.{kind.replace('-', '_')}").CLASS


def schedule(faults, duration_s):
    """Events in order of time; an occurrence that would outlast the run is left out."""
    events = []
    for place, fault in enumerate(faults):
        begin, number = fault.first_s, 0
        while begin + fault.for_s <= duration_s:
            events.append(Event(begin, place, number, True))
            events.append(Event(begin + fault.for_s, place, number, False))
            begin, number = begin + fault.every_s, number + 1
    return sorted(events, key=lambda event: (event.at_s, event.begins, event.fault))


def targets(wanted, database, source):
    """Names of nodes: of `primary`, `replica`, `random`, `all`, `replicas`, or a node's own."""
    lot = source.random()
    if wanted == "primary":
        return [database.primary]
    if wanted == "all":
        return list(database.nodes)
    if wanted in database.nodes:
        return [wanted]
    among = list(database.nodes) if wanted == "random" else database.replicas()
    return among if wanted == "replicas" or not among else [among[int(lot * len(among))]]


class Nemesis(threading.Thread):
    """Carries a schedule out. `heal` mends everything, also when the schedule was cut short."""

    def __init__(self, faults, cluster, seed, duration_s, recorder):
        super().__init__(name="nemesis", daemon=True)
        self._specifications = faults
        self._faults = [class_of(fault.kind)(cluster, fault.parameters) for fault in faults]
        self._events = schedule(faults, duration_s)
        self._cluster = cluster
        self._seed = seed
        self._recorder = recorder
        self._ended = threading.Event()
        self.failure = None

    def run(self):
        begin_s = self._recorder.elapsed_s()
        for event in self._events:
            if self._ended.wait(max(begin_s + event.at_s - self._recorder.elapsed_s(), 0)):
                return
            self._do(event)

    def _do(self, event):
        fault, name = self._faults[event.fault], self._specifications[event.fault].kind
        before, since = self._cluster.database.primary, self._recorder.elapsed_s()
        try:
            if event.begins:
                source = source_of(self._seed, f"fault/{event.fault}/{event.number}")
                self._recorder.note(f"{name}/begin", fault.begin(source), fault=event.fault,
                                    since=since)
            else:
                fault.end()
                self._recorder.note(f"{name}/end", None, fault=event.fault)
        except UserError as error:
            self._recorder.note(f"{name}/trouble", str(error), fault=event.fault)
        except Exception:  # pylint: disable=broad-except
            self._recorder.note(f"{name}/trouble", traceback.format_exc(limit=3),
                                fault=event.fault)
        if self._cluster.database.primary != before:
            self._recorder.note("primary", self._cluster.database.primary)

    def finish(self):
        """Ends the schedule; waits for what is being done."""
        self._ended.set()
        if self.ident is not None:
            self.join()

    def heal(self):
        """All faults ended, all links whole, all nodes up; a list of what would not mend."""
        troubles = []
        for step in (*(fault.end for fault in self._faults), self._cluster.network.heal,
                     self._restart_all):
            try:
                step()
            except Exception as error:  # pylint: disable=broad-except
                troubles.append(str(error) or type(error).__name__)
        self._recorder.note("healed", troubles)
        return troubles

    def _restart_all(self):
        database = self._cluster.database
        database.resume(database.nodes)
        database.restart(database.nodes)
