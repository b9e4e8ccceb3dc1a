"""How cost grows: runs growth/... of aftersync-bench, and plots what came out.

Each store's benchmarks of a kind run in a process of their own: memory is that of the whole
process, and the allocator's leftovers of one store would be counted for the next.
"""

import json
import re
import subprocess
from typing import NamedTuple

from bench.reporting import charts, page, text, words
from bench.reporting.runs import merge

NAME = re.compile(r"growth/(\w+)/(\w+)/(\d+)(?:/iterations:1)?")


class Plot(NamedTuple):
    kind: str
    counter: str
    title: str
    x_name: str
    y_name: str


PLOTS = (
    Plot("get", "get_ns", "Processor time of a random get, everything cached", "rows", "ns"),
    Plot("get", "disk_bytes_per_row", "Bytes on the device a row (108 bytes of data)", "rows",
         "bytes"),
    Plot("recovery", "recovery_seconds", "Time from start after kill -9 to the first row",
         "MiB of rows updated since the last checkpoint", "s"),
    Plot("recovery", "disk_mib", "Files after recovery", "MiB of rows updated", "MiB"),
    Plot("memory", "memory_overhead", "Memory of the process for each byte of cached pages",
         "rows", "bytes"),
)


def names_of(program, kinds, stores, max_argument):
    """The benchmarks to run, in groups of one (kind, store)."""
    listed = subprocess.run(
        [program, "--growth", "--benchmark_list_tests", "--benchmark_filter=^growth/"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    groups = {}
    for name in listed:
        kind, store, argument = NAME.fullmatch(name).groups()
        if (not kinds or kind in kinds) and (not stores or store in stores):
            if int(argument) <= max_argument:
                groups.setdefault((kind, store), []).append(name)
    return groups


def run(program, directory, names):
    """One process; returns the parsed JSON."""
    done = subprocess.run(
        [program, "--growth", f"--dir={directory}", "--benchmark_format=json",
         f"--benchmark_filter=^({'|'.join(names)})$"],
        stdout=subprocess.PIPE, text=True, check=True,
    )
    return json.loads(done.stdout)


def combined(documents):
    """Many documents as one, in Google Benchmark's own form, to be kept."""
    return {
        "context": documents[0]["context"],
        "benchmarks": [entry for document in documents for entry in document["benchmarks"]],
    }


def series_of(runs, plot):
    """{store: [(argument, value)]} of what was measured."""
    found = {}
    for name in runs.benchmarks:
        match = NAME.fullmatch(name)
        value = _value(runs, name, plot.counter)
        if match and match[1] == plot.kind and value is not None:
            found.setdefault(match[2], []).append((int(match[3]), value))
    return {store: sorted(points) for store, points in sorted(found.items())}


def _value(runs, name, counter):
    if counter != "memory_overhead":
        return runs.median(name, counter)
    anonymous = runs.median(name, "anonymous_bytes")
    return None if anonymous is None else anonymous / runs.median(name, "cached_bytes")


def table_of(series):
    arguments = sorted({x for points in series.values() for x, _ in points})
    head = [""] + [words.quantity(x) for x in arguments]
    rows = []
    for store, points in series.items():
        values = dict(points)
        rows.append([store] + [
            words.quantity(values[x]) if x in values else "-" for x in arguments
        ])
    return head, rows


def render_html(document):
    runs = merge([document])
    parts = [page.facts(runs)]
    for plot in PLOTS:
        series = series_of(runs, plot)
        if series:
            svg = charts.lines(series, plot.x_name, plot.y_name)
            parts.append(page.figure(plot.title, svg) + page.table(*table_of(series)))
    return page.document("Cost as it grows", parts)


def render_text(document):
    runs = merge([document])
    parts = [text.facts(runs)]
    for plot in PLOTS:
        series = series_of(runs, plot)
        if series:
            title = f"== {plot.title} [{plot.y_name}], by {plot.x_name}"
            parts.append(title + "\n" + text.plain_table(*table_of(series)))
    return "\n\n".join(parts) + "\n"
