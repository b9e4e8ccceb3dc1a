"""The verdict in words, for the terminal."""

from jepsen import checker

SHOWN = 3  # examples of an anomaly
VERDICTS = {checker.HOLDS: "HOLDS", checker.VIOLATED: "VIOLATED", checker.UNDECIDED: "UNDECIDED"}


def verdict_line(report):
    by = f", by {', '.join(report['violated_by'])}" if report["violated_by"] else ""
    return f"{report['model']}: {VERDICTS[report['exit']]}{by}"


def expectation_lines(report, expect):
    found = {anomaly["name"] for anomaly in report["anomalies"]}
    for name in expect:
        yield f"expected {name}: {'found' if name in found else 'NOT FOUND'}"


def lines(outcome):
    facts, report = outcome.facts, outcome.report
    counts = facts["counts"]
    yield f"{facts['title']} (seed {facts['seed']})"
    if counts:
        yield (f"{counts['ok']} operations ok, {counts['fail']} failed, "
               f"{counts['info']} unknown, in {facts['took_s']} s")
    if facts["left_out"]:
        yield f"{facts['left_out']} operations were left out, as all clients were busy"
    if report is None:
        yield "no history: it ended before clients began"
        return
    for anomaly in report["anomalies"]:
        times = f", {anomaly['count']} times" if anomaly["count"] > 1 else ""
        yield ""
        yield f"{anomaly['name']} ({anomaly['meaning']}){times}"
        for example in anomaly["examples"][:SHOWN]:
            yield from ("  " + line for line in example["text"].splitlines())
    yield ""
    yield from (f"undecided: {reason}" for reason in report["undecided"])
    yield f"strongest models not contradicted: {', '.join(report['strongest_holding']) or 'none'}"
    yield from expectation_lines(report, facts["expect"])
    if outcome.interrupted:
        yield "the run was interrupted: the verdict is on a part"
    yield f"verdict: {verdict_line(report)}"
    yield f"results: {outcome.folder}/report.html"
    yield f"replay:  {facts['replay']}"
