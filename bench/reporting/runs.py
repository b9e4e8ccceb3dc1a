"""Google Benchmark's JSON, read into medians.

Several files and repetitions of one benchmark are samples of the same thing: on a machine that also
does other work, the median of runs minutes apart says more than one long run. Aggregates that
Google Benchmark has computed itself are left out, as medians are taken here over all files.
"""

import json
import statistics
from typing import NamedTuple

NOT_COUNTERS = frozenset("""
    name family_index per_family_instance_index run_name run_type repetitions repetition_index
    threads iterations real_time cpu_time time_unit label error_occurred error_message
    aggregate_name aggregate_unit
""".split())

NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


class BadRun(Exception):
    """A file is not what Google Benchmark writes; the text says which and why."""


class Samples(NamedTuple):
    """What was measured for one counter of one benchmark, sorted."""

    values: tuple

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def spread(self):
        """Half the distance from the lowest to the highest, against the median."""
        if len(self.values) < 2 or self.median == 0:
            return 0.0
        return (self.values[-1] - self.values[0]) / 2 / abs(self.median)


class Runs:
    """The benchmarks of some runs: {benchmark: {counter: Samples}}, and their contexts."""

    def __init__(self, contexts, benchmarks, failures):
        self.contexts = contexts
        self.benchmarks = benchmarks
        self.failures = failures  # [(benchmark, message)]

    def median(self, benchmark, counter):
        """None when it was not measured."""
        samples = self.benchmarks.get(benchmark, {}).get(counter)
        return None if samples is None else samples.median


def read(paths):
    return merge([_read_json(path) for path in paths])


def merge(documents):
    """Runs of parsed documents, in the order in which benchmarks first appear."""
    gathered, failures = {}, []
    for document in documents:
        for entry in document["benchmarks"]:
            if entry.get("run_type") == "aggregate":
                continue
            name = entry.get("run_name", entry["name"])
            if entry.get("error_occurred"):
                failures.append((name, entry.get("error_message", "failed")))
                continue
            counters = gathered.setdefault(name, {})
            for counter, value in _counters(entry):
                counters.setdefault(counter, []).append(value)
    benchmarks = {
        name: {counter: Samples(tuple(sorted(values))) for counter, values in counters.items()}
        for name, counters in gathered.items()
    }
    return Runs([document["context"] for document in documents], benchmarks, failures)


def _counters(entry):
    """User counters, and the two times in nanoseconds as time_ns and cpu_ns."""
    scale = NANOSECONDS[entry.get("time_unit", "ns")]
    yield "time_ns", entry["real_time"] * scale
    yield "cpu_ns", entry["cpu_time"] * scale
    for name, value in entry.items():
        if name not in NOT_COUNTERS and isinstance(value, (int, float)):
            yield name, float(value)


def _read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        raise BadRun(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadRun(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict) or not {"context", "benchmarks"} <= document.keys():
        raise BadRun(f"{path}: not written by --benchmark_format=json")
    return document
