"""Compares aftersync-check with the oracles on random histories.

    python3 -m proptests.history.compare --count 20000 [--seed N] [--only KIND]

KIND is append or register (transactions), or a workload of small_workloads.py, as workload/set.

The first history on which they differ is printed, with its seed and the command that replays it.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from proptests.history import explain, oracle, small_histories, small_workloads

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / "release" / "bin" / "aftersync-check"
BATCH = 400
KINDS = ("append", "register") + tuple(f"workload/{name}" for name in small_workloads.WORKLOADS)


class Difference(AssertionError):
    """The checker and an oracle disagree."""


def reports_of(texts, *options):
    """aftersync-check's JSON reports, and the program's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(texts):
            path = pathlib.Path(folder, f"{number}.jsonl")
            path.write_text(text)
            paths.append(str(path))
        result = subprocess.run([PROGRAM, "history", "--json", *options, *paths],
                                capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1, 3):
        raise Difference(f"aftersync-check: exit {result.returncode}: {result.stderr}")
    return [json.loads(line) for line in result.stdout.splitlines()], result.returncode


def history_of(kind, seed):
    source = random.Random(f"{kind} {seed}")
    if kind.startswith("workload/"):
        return small_workloads.WORKLOADS[kind.partition("/")[2]][0](source)
    make = small_histories.append_history if kind == "append" else small_histories.register_history
    return make(source)


def judge_of(kind, history):
    """The oracle's findings, and the oracle when it is one of transactions."""
    if kind.startswith("workload/"):
        return small_workloads.WORKLOADS[kind.partition("/")[2]][1](history), None
    judge = (oracle.ListOracle if kind == "append" else oracle.RegisterOracle)(history).check()
    return judge.found, judge


def compare_one(kind, found, judge, report, counts):
    if judge is None:
        theirs = {anomaly["name"] for anomaly in report["anomalies"]}
        if theirs != found:
            raise Difference(f"checker only {sorted(theirs - found)}, "
                             f"oracle only {sorted(found - theirs)}")
        return
    compare_findings(judge, report)
    if kind == "append" and len(judge.txns) <= 5:
        compare_executions(judge, report, counts)


def compare_findings(judge, report):
    """The anomalies named, and the models ruled out."""
    theirs = {found["name"] for found in report["anomalies"]}
    mine = set(judge.found)
    if judge.flow_circles:
        theirs = {name for name in theirs if not name.startswith("G-nonadjacent")}
        mine = {name for name in mine if not name.startswith("G-nonadjacent")}
    if theirs != mine:
        raise Difference(f"anomalies: checker only {sorted(theirs - mine)}, "
                         f"oracle only {sorted(mine - theirs)}")
    for model, excluded in oracle.MODELS.items():
        violated = bool(report["models"][model])
        if violated != bool(excluded & judge.found):
            raise Difference(f"{model}: the checker says {'violated' if violated else 'holds'}")


def compare_executions(judge, report, counts):
    """Models against executions that explain the history."""
    complete = explain.everything_was_read(judge)
    for model, search, order in (
        ("serializable", explain.serially, "none"),
        ("strong-session-serializable", explain.serially, "process"),
        ("strict-serializable", explain.serially, "realtime"),
        ("snapshot-isolation", explain.by_snapshots, "none"),
        ("strong-session-snapshot-isolation", explain.by_snapshots, "process"),
        ("strong-snapshot-isolation", explain.by_snapshots, "realtime"),
    ):
        violated = bool(report["models"][model])
        explained = search(judge, order)
        if explained and violated:
            raise Difference(f"{model}: violated, but an execution explains the history")
        if not explained and not violated and complete:
            raise Difference(f"{model}: holds, but no execution explains the history")
        counts[f"{model}, explained" if explained else f"{model}, not explained"] += 1
        if not explained and not violated:
            counts[f"{model}, undetermined"] += 1


def compare_batch(kind, seeds, counts):
    histories = [history_of(kind, seed) for seed in seeds]
    reports, _ = reports_of([small_histories.text_of(history) for history in histories])
    if len(reports) != len(histories):
        raise Difference("a report is missing")
    for seed, history, report in zip(seeds, histories, reports):
        found, judge = judge_of(kind, history)
        try:
            compare_one(kind, found, judge, report, counts)
        except Difference as difference:
            raise Difference(
                f"{difference}\n{small_histories.text_of(history)}"
                f"checker: {sorted(anomaly['name'] for anomaly in report['anomalies'])}\n"
                f"oracle: {sorted(found)}\nedges: {judge.edges if judge else None}\n"
                f"replay: python3 -m proptests.history.compare --only {kind} --count 1 "
                f"--seed {seed}") from difference
        counts[f"{kind} histories"] += 1
        for name in found or ["nothing"]:
            counts[f"{kind}: {name}"] += 1


def compare(kind, first_seed, count, counts):
    for start in range(first_seed, first_seed + count, BATCH):
        seeds = range(start, min(start + BATCH, first_seed + count))
        compare_batch(kind, seeds, counts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=1000, help="histories of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS)
    options = parser.parse_args()
    counts = collections.Counter()
    try:
        for kind in KINDS if options.only is None else (options.only,):
            compare(kind, options.seed, options.count, counts)
    except Difference as difference:
        print(f"DIFFERENCE: {difference}", file=sys.stderr)
        return 1
    for name in sorted(counts):
        print(f"{counts[name]:8}  {name}")
    print("all agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
