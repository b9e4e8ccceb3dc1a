"""The page: the verdict on top, then what happened over time, the anomalies, and the settings."""

import html
import json
import pathlib
import re

from jepsen import summary
from jepsen.report import charts, data

EXAMPLES = 3  # shown of each anomaly
AROUND_LIMIT = 40
VALUE_CHARS = 160
INDEX = re.compile(r"\bindex (\d+)(?:-(\d+))?")
STYLE = """
body { font-family: sans-serif; margin: 2em auto; max-width: 1120px; padding: 0 1em; color: #222; }
h1 { margin-bottom: .2em; } h2 { margin-top: 1.6em; }
.verdict { padding: .7em 1em; border-radius: 6px; font-size: 1.25em; font-weight: bold; }
.holds { background: #dff0e2; } .violated { background: #f8dcd8; }
.undecided { background: #f7edc9; }
figure { margin: 1em 0; } figcaption { font-weight: bold; }
svg { max-width: 100%; height: auto; } svg.circle { float: right; }
pre { background: #f6f6f6; padding: .8em; overflow-x: auto; white-space: pre-wrap; }
table { border-collapse: collapse; font-size: .9em; }
td, th { padding: .2em .7em; border-bottom: 1px solid #ddd; text-align: left; }
td.value { font-family: monospace; overflow-wrap: anywhere; } tr.named { background: #fff3c4; }
tr.nemesis { background: #fbe5dc; } section { clear: both; }
"""


def write(folder):
    """Writes report.html into a results folder; returns its path."""
    run = data.RunData(folder)
    path = pathlib.Path(folder, "report.html")
    path.write_text(render(run), encoding="utf-8")
    return path


def render(run):
    title = html.escape(run.facts["title"])
    parts = [f"<h1>{title}</h1>", *_verdict(run), *_over_time(run), "<h2>Anomalies</h2>",
             *_anomalies(run), *_faults(run), *_settings(run)]
    # The icon is given, so that browsers do not ask a server for one.
    return ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<title>{title}</title><link rel="icon" href="data:,">'
            f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n")


def _verdict(run):
    counts = run.facts["counts"]
    yield (f'<p class="verdict {run.verdict["verdict"]}">'
           f"{html.escape(summary.verdict_line(run.verdict))}</p>")
    yield (f"<p>{counts['ok']:,} operations ok, {counts['fail']:,} failed, {counts['info']:,} "
           f"unknown; {len(run.faults)} faults; {len(run.primaries[1:])} changes of primary."
           " Strongest models not contradicted: "
           f"{html.escape(', '.join(run.verdict['strongest_holding']) or 'none')}.</p>")
    if run.facts["left_out"]:
        yield (f"<p>{run.facts['left_out']:,} operations were left out, as all clients were busy."
               "</p>")
    if run.facts["interrupted"]:
        yield "<p><b>The run was interrupted: the verdict is on a part.</b></p>"
    for line in summary.expectation_lines(run.verdict, run.facts["expect"]):
        yield f"<p>{html.escape(line)}</p>"
    for reason in run.verdict["undecided"]:
        yield f"<p>undecided: {html.escape(reason)}</p>"


def _over_time(run):
    more = (run.end_s, run.faults, run.primaries)
    yield "<h2>Over time</h2><p>Shaded: faults. Dashed: another node becomes primary. Marks say "
    yield "more when pointed at.</p>"
    yield _figure("Operations a second, by outcome",
                  charts.throughput(data.throughput(run.done, run.end_s), *more))
    yield _figure("Latency of what went well, ms",
                  charts.latency(data.latency(run.done), *more))
    if run.samples:
        yield _figure("What each node was", charts.lanes(data.lanes(run.samples, run.end_s), *more))
    lags = data.lags(run.samples)
    if lags:
        yield _figure("Transactions behind the primary", charts.lags(lags, *more))


def _figure(caption, svg):
    return f"<figure><figcaption>{html.escape(caption)}</figcaption>{svg}</figure>"


def _anomalies(run):
    if not run.verdict["anomalies"]:
        yield "<p>None.</p>"
    for anomaly in run.verdict["anomalies"]:
        allowed = "" if anomaly["name"] in run.verdict["violated_by"] else (
            f"; {run.verdict['model']} allows it")
        times = f", {anomaly['count']:,} times" if anomaly["count"] > 1 else ""
        yield (f"<section><h3>{html.escape(anomaly['name'])}: {html.escape(anomaly['meaning'])}"
               f"{times}{html.escape(allowed)}</h3>")
        for example in anomaly["examples"][:EXAMPLES]:
            if len(example["edges"]) > 1:
                yield charts.circle(example["edges"])
            yield f"<pre>{html.escape(example['text'])}</pre>"
            yield _around(run, example)
        yield "</section>"


def _around(run, example):
    """The lines of the history that the text names, and their neighbours."""
    named = {int(number) for match in INDEX.finditer(example["text"])
             for number in match.groups() if number}
    lines = data.around(run.lines, named)[:AROUND_LIMIT]
    if not lines:
        return ""
    rows = "".join(_row(line, line["index"] in named) for line in lines)
    return (f"<details><summary>{len(lines)} lines of the history around it</summary><table>"
            "<tr><th>index</th><th>s</th><th>process</th><th>node</th><th>type</th><th>f</th>"
            f"<th>value</th></tr>{rows}</table></details>")


def _row(line, named):
    value = json.dumps(line["value"])
    if len(value) > VALUE_CHARS:
        value = value[:VALUE_CHARS] + " ..."
    if line.get("error"):
        value += f"  ({line['error']})"
    kind = "nemesis" if line["process"] == data.NEMESIS else "named" if named else ""
    cells = (line["index"], f"{line['time'] / 1e9:.3f}", line["process"], line.get("node", ""),
             line["type"], line["f"])
    return (f'<tr class="{kind}">' + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
            + f'<td class="value">{html.escape(value)}</td></tr>')


def _faults(run):
    yield "<h2>Faults</h2>"
    if not run.faults:
        yield "<p>None.</p>"
        return
    yield "<table><tr><th>fault</th><th>from, s</th><th>to, s</th><th>what</th></tr>"
    for fault in run.faults:
        yield (f"<tr><td>{html.escape(fault.kind)}</td><td>{fault.begin_s:.1f}</td>"
               f"<td>{fault.end_s:.1f}</td><td>{html.escape(fault.text)}</td></tr>")
    yield "</table>"
    for line in run.lines:
        if line["process"] == data.NEMESIS and line["f"].endswith("/trouble"):
            yield f"<pre>{line['time'] / 1e9:.1f} s: {html.escape(str(line['value']))}</pre>"


def _settings(run):
    yield "<h2>Settings</h2><table>"
    for name in ("version", "network", "machine", "started", "took_s", "seed", "model", "heal",
                 "settle"):
        if run.facts.get(name) not in (None, [], ""):
            yield (f"<tr><th>{name}</th><td>{html.escape(data.words(run.facts[name]))}</td></tr>")
    yield (f"</table><p>Again: <code>{html.escape(run.facts['replay'])}</code></p>"
           f"<pre>{html.escape(run.experiment)}</pre>")
