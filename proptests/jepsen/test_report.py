"""The report of a run: its figures are those of the history, and the page stands by itself."""

import html.parser
import json
import re
import xml.etree.ElementTree

import pytest

from jepsen import checker, cli, history, report
from jepsen.report import charts, data

SECOND = 1_000_000_000


def line(index, process, at_s, kind, f, value, **more):
    return {"index": index, "process": process, "time": int(at_s * SECOND), "type": kind, "f": f,
            "value": value} | more


LINES = [
    line(0, "nemesis", 0.0, "info", "primary", "n1"),
    line(1, 0, 0.1, "invoke", "txn", [["append", 1, 1]], node="n1"),
    line(2, 0, 0.3, "ok", "txn", [["append", 1, 1]], node="n1"),
    line(3, "nemesis", 1.4, "info", "kill/begin", ["n1"], fault=0, since=1.0),
    line(4, 1, 1.5, "invoke", "txn", [["append", 1, 2]], node="n1"),
    line(5, 1, 1.9, "info", "txn", [["append", 1, 2]], node="n1", error="2013: <Lost>"),
    line(6, "nemesis", 2.0, "info", "primary", "n2"),
    line(7, "nemesis", 2.5, "info", "kill/end", None, fault=0),
    line(8, "nemesis", 2.6, "info", "partition/begin", ["n1 to n2"], fault=1, since=2.6),
    line(9, 2, 2.7, "invoke", "txn", [["r", 1, None]], node="n2"),
    line(10, 2, 3.2, "ok", "txn", [["r", 1, []]], node="n2"),
    line(11, 3, 3.3, "invoke", "txn", [["r", 1, None]], node="n2"),
    line(12, 3, 3.4, "ok", "txn", [["r", 1, [1]]], node="n2"),
    line(13, "nemesis", 3.5, "info", "healed", []),
    line(14, "nemesis", 3.6, "info", "primary", "n2"),
]


def sample(at_s, *states):
    return {"time": at_s, "nodes": {
        f"n{number}": {"state": state, "role": role, "lag": lag, "note": ""}
        for number, (state, role, lag) in enumerate(states, 1)}}


SAMPLES = [
    sample(0.5, ("up", "primary", None), ("up", "replica", 0)),
    sample(1.0, ("up", "primary", None), ("up", "replica", 7)),
    sample(1.5, ("down", None, None), ("up", "replica", None)),
    sample(2.5, ("down", None, None), ("up", "primary", None)),
]


@pytest.fixture(name="results")
def results_folder(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    for name, lines in (("history.jsonl", LINES), ("samples.jsonl", SAMPLES)):
        (folder / name).write_text("".join(json.dumps(one) + "\n" for one in lines))
    found = checker.check(folder / "history.jsonl", "strict-serializable")
    (folder / "verdict.json").write_text(json.dumps(found))
    (folder / "run.json").write_text(json.dumps({
        "title": "A <run>", "seed": 5, "expect": ["G-single-realtime"], "interrupted": False,
        "left_out": 2,
        "counts": {"ok": 3, "fail": 0, "info": 1}, "replay": "python3 -m jepsen run x --seed 5",
        "version": "MariaDB 10.11"}))
    return folder


def test_series():
    done = data.operations(LINES)
    assert [one.kind for one in done] == ["ok", "info", "ok", "ok"]
    assert data.throughput(done, 4.0) == {
        "ok": [1, 0, 0, 2, 0], "fail": [0] * 5, "info": [0, 1, 0, 0, 0]}
    slowest = data.latency(done)["slowest"]
    assert [at for at, _ in slowest] == [0.5, 3.5]
    assert [value for _, value in slowest] == pytest.approx([200, 500])


def test_faults_and_roles():
    assert data.faults(LINES, 4.0) == [
        data.Fault("kill", 1.0, 2.5, "n1"), data.Fault("partition", 2.6, 3.5, "n1 to n2")]
    unhealed = data.faults(LINES[:-2], 4.0)
    assert unhealed[-1].end_s == 4.0
    assert data.primaries(LINES) == [(0.0, "n1"), (2.0, "n2")]
    assert data.lanes(SAMPLES, 4.0) == {
        "n1": [data.Span(0.5, 1.5, "primary"), data.Span(1.5, 2.5, "down")],
        "n2": [data.Span(0.5, 2.5, "replica"), data.Span(2.5, 4.0, "primary")]}
    assert data.lags(SAMPLES) == {"n2": [(0.5, 0), (1.0, 7)]}


class Page(html.parser.HTMLParser):
    """Collects tags, attributes and text, and checks that tags are closed in order."""

    VOID = {"meta", "link"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-5:])
        self.open.pop()

    def handle_data(self, data):  # pylint: disable=redefined-outer-name
        self.words += data


def test_the_page(results):
    assert cli.main(["report", str(results)]) == 0
    text = (results / "report.html").read_text()
    page = Page(text)
    assert "strict-serializable: VIOLATED" in page.words
    assert "A <run>" in page.words and "<Lost>" in page.words
    assert "python3 -m jepsen run x --seed 5" in page.words
    assert page.tags.count("figure") == 4
    assert "tr" in page.tags and ("class", "named") in page.attributes


def test_the_page_asks_nobody_for_anything(results):
    text = report.write(results).read_text()
    page = Page(text)
    assert not {"script", "img", "iframe", "object"} & set(page.tags)
    loading = [value for name, value in page.attributes if name in ("src", "href", "xlink:href")]
    assert loading == ["data:,"]
    assert "@import" not in text and not re.search(r"url\((?!#)", text)


def test_charts_are_well_formed(results):
    text = report.write(results).read_text()
    drawn = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawn) >= 4
    for one in drawn:
        tree = xml.etree.ElementTree.fromstring(one)
        for mark in tree.iter():
            for name in ("x", "y", "width", "height"):
                if name in mark.attrib:
                    assert float(mark.attrib[name]) >= 0, (name, mark.attrib)


def test_a_line_is_broken_where_nothing_was_measured():
    points = [(1, 5), (2, 5), (30, 5), (31, 5)]
    assert charts.lags({"n1": points}, 40, [], []).count("<polyline") == 2


def test_a_circle_has_an_arrow_an_edge():
    drawn = charts.circle(["ww", "rw", "wr"])
    assert drawn.count('marker-end="url(#tip)"') == 3
    assert drawn.count("<circle") == 3


def test_a_folder_without_results_is_refused(tmp_path, capsys):
    assert cli.main(["report", str(tmp_path)]) == 2
    assert "run.json" in capsys.readouterr().err


def test_a_torn_history_is_read(results):
    with open(results / "history.jsonl", "a", encoding="utf-8") as file:
        file.write('{"index":15,"proc')
    assert len(history.read(results / "history.jsonl")) == len(LINES)
    assert report.write(results).exists()
