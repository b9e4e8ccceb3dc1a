"""What a results folder says about a run, in the form that the page shows."""

import collections
import json
import pathlib
from typing import NamedTuple

from jepsen import history
from jepsen.errors import UserError

NEMESIS = "nemesis"


class Done(NamedTuple):
    """An operation that ended; times in seconds since the start."""

    begin_s: float
    end_s: float
    kind: str  # ok, fail or info


class Fault(NamedTuple):
    kind: str
    begin_s: float
    end_s: float
    text: str


class Span(NamedTuple):
    """A node's state over some time: "primary", "replica", "apart", "down" or "paused"."""

    begin_s: float
    end_s: float
    state: str


class RunData:
    """Reads the folder of one run."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        try:
            self.facts = json.loads((folder / "run.json").read_text())
            self.verdict = json.loads((folder / "verdict.json").read_text())
            self.lines = history.read(folder / "history.jsonl")
        except FileNotFoundError as error:
            raise UserError(f"{folder}: not the results of a run: no {error.filename}") from error
        samples = folder / "samples.jsonl"
        self.samples = history.read(samples) if samples.exists() else []
        experiment = folder / "experiment.toml"
        self.experiment = experiment.read_text() if experiment.exists() else ""
        self.done = operations(self.lines)
        self.end_s = max([line["time"] / 1e9 for line in self.lines[-1:]] + [1.0])
        self.faults = faults(self.lines, self.end_s)
        self.primaries = primaries(self.lines)


def operations(lines):
    """[Done] in the order of their ends; those that never ended are left out."""
    begun, done = {}, []
    for line in lines:
        if line["process"] == NEMESIS:
            continue
        if line["type"] == "invoke":
            begun[line["process"]] = line["time"] / 1e9
        elif line["process"] in begun:
            done.append(Done(begun.pop(line["process"]), line["time"] / 1e9, line["type"]))
    return done


def faults(lines, end_s):
    """[Fault]; one that was never ended lasts until the heal, or the end."""
    open_ones, found = {}, []

    def close(place, at):
        kind, begin, text = open_ones.pop(place)
        found.append(Fault(kind, begin, at, text))

    for line in lines:
        if line["process"] != NEMESIS:
            continue
        at, (kind, _, verb) = line["time"] / 1e9, line["f"].partition("/")
        if verb == "begin":
            open_ones[line["fault"]] = (kind, line.get("since", at), words(line["value"]))
        elif verb == "end" and line["fault"] in open_ones:
            close(line["fault"], at)
        elif kind == "healed":
            for place in list(open_ones):
                close(place, at)
    for place in list(open_ones):
        close(place, end_s)
    return sorted(found, key=lambda fault: fault.begin_s)


def primaries(lines):
    """[(time, node)]: the first primary, and each change."""
    found = []
    for line in lines:
        if line["process"] == NEMESIS and line["f"] == "primary":
            if not found or found[-1][1] != line["value"]:
                found.append((line["time"] / 1e9, line["value"]))
    return found


def words(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(words, value))
    return "" if value is None else str(value)


def throughput(done, end_s, width_s=1.0):
    """{kind: [operations a second in each span of width_s]}, by the time of the answer."""
    spans = int(end_s / width_s) + 1
    rates = {kind: [0.0] * spans for kind in history.TYPES}
    for one in done:
        rates[one.kind][min(int(one.end_s / width_s), spans - 1)] += 1 / width_s
    return rates


def latency(done, width_s=1.0):
    """{name: [(time, ms)]}: of the operations that went well, by the time of the answer."""
    spans = collections.defaultdict(list)
    for one in done:
        if one.kind == "ok":
            spans[int(one.end_s / width_s)].append((one.end_s - one.begin_s) * 1000)
    series = {"median": [], "95 %": [], "slowest": []}
    for span, values in sorted(spans.items()):
        values.sort()
        middle = (span + 0.5) * width_s
        series["median"].append((middle, values[len(values) // 2]))
        series["95 %"].append((middle, values[min(len(values) * 95 // 100, len(values) - 1)]))
        series["slowest"].append((middle, values[-1]))
    return series


def lanes(samples, end_s):
    """{node: [Span]}: neighbouring samples of one state are one span."""
    found = {}
    for sample in samples:
        for node, status in sample["nodes"].items():
            state = status["role"] or "up" if status["state"] == "up" else status["state"]
            spans = found.setdefault(node, [])
            if spans:
                spans[-1] = spans[-1]._replace(end_s=sample["time"])
            if not spans or spans[-1].state != state:
                spans.append(Span(sample["time"], end_s, state))
    return {node: [span for span in spans if span.end_s > span.begin_s]
            for node, spans in found.items()}


def lags(samples):
    """{node: [(time, transactions behind)]}, where a node could say."""
    found = collections.defaultdict(list)
    for sample in samples:
        for node, status in sample["nodes"].items():
            if status["lag"] is not None:
                found[node].append((sample["time"], status["lag"]))
    return dict(found)


def around(lines, indexes, reach=3):
    """The history's lines with these indexes, and some before and after each, in order."""
    wanted = {at + step for at in indexes for step in range(-reach, reach + 1)}
    return [line for line in lines if line["index"] in wanted]
