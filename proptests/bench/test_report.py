"""The report of benchmarks, on a small sample with figures made up to be checked by head."""

import json
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import pytest

from bench.reporting import charts, growth, page, runs, text, words
from bench.reporting.comparison import comparisons

TOP = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = pathlib.Path(__file__).with_name("sample.json")


@pytest.fixture(scope="module")
def sample():
    return runs.read([SAMPLE])


def run(program, *arguments):
    return subprocess.run(
        [TOP / "bench" / program, *arguments], capture_output=True, text=True, check=False
    )


def test_median_of_repetitions_without_aggregates(sample):
    samples = sample.benchmarks["embedded/get/aftersync"]["items_per_second"]
    assert samples.values == (900000.0, 1100000.0)
    assert samples.median == 1000000.0 and samples.spread == pytest.approx(0.1)


def test_median_over_files():
    document = json.loads(SAMPLE.read_text())
    faster = json.loads(SAMPLE.read_text().replace("1250000.0", "1450000.0"))
    both = runs.merge([document, faster, faster])
    assert both.median("embedded/get/lmdb", "items_per_second") == 1450000.0
    assert len(both.contexts) == 3


def test_ratio_is_ours_over_theirs(sample):
    (one,) = comparisons(sample, "aftersync")
    assert one.family == "embedded" and one.stores == ["aftersync", "lmdb"]
    ratios = {row.operation: row.ratio("aftersync", "lmdb") for row in one.rows}
    assert ratios == {"get": pytest.approx(0.8), "update32": pytest.approx(20.0)}


def test_times_are_nanoseconds(sample):
    assert sample.median("embedded/update32/lmdb", "time_ns") == 400_000.0


def test_terminal_table(sample):
    lines = text.render(sample, "aftersync", markdown=False).splitlines()
    assert "items/s    aftersync   lmdb  vs lmdb" in lines
    assert "get       1.00M ±10%  1.25M    x0.80" in lines
    assert "update32       50.0k  2.50k    x20.0" in lines
    assert any(re.match(r"update32 +20\.0 \(300 us\) +1\.00 \(280 us\)$", line) for line in lines)
    assert any(re.match(r"update32 +12\.5 us +-$", line) for line in lines)
    assert any(line.startswith("platform/mutex") for line in lines)
    assert "- embedded/load/lmdb: no space left" in lines


def test_without_the_subject_there_are_rates_and_no_ratios(sample):
    rendered = text.render(sample, "nobody", markdown=True)
    assert "| items/s | aftersync | lmdb |" in rendered and "vs" not in rendered


def test_says_nothing_of_the_host(sample):
    for rendered in (text.render(sample, "aftersync", True), page.render(sample, "aftersync")):
        assert "nobody-should-see-this" not in rendered
        assert "ext4" in rendered and "LMDB 0.9.24" in rendered


def test_cautions():
    assert words.cautions([{"filesystem": "ext4", "load_avg": [0.1]}]) == []
    assert "tmpfs" in words.cautions([{"filesystem": "tmpfs"}])[0]
    assert "1 of 2 runs" in words.cautions([{"load_avg": [0.1]}, {"load_avg": [3.0]}])[0]


def test_page_is_self_contained(sample):
    rendered = page.render(sample, "aftersync")
    assert rendered.count("<svg") == 2 and "20.0" in rendered
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", rendered)
    assert set(re.findall(r'https?://[^"]+', rendered)) == {"http://www.w3.org/2000/svg"}
    xml.etree.ElementTree.fromstring(rendered.replace("<!doctype html>", ""))


@pytest.mark.parametrize("value, words_of_it", [
    (0.524, "0.52"), (9.99, "9.99"), (9.999, "10.0"), (99.96, "100"), (999.4, "999"),
    (999.9, "1.00k"), (764_094, "764k"), (1_040_990, "1.04M"), (2.5e9, "2.50G"), (0, "0.00"),
])
def test_quantities(value, words_of_it):
    assert words.quantity(value) == words_of_it


@pytest.mark.parametrize("nanoseconds, words_of_it", [
    (18.5, "18.5 ns"), (1500, "1.50 us"), (2.5e6, "2.50 ms"), (3e9, "3.00 s"),
])
def test_durations(nanoseconds, words_of_it):
    assert words.duration(nanoseconds) == words_of_it


def test_growth_series(sample):
    get, _, _, _, memory = growth.PLOTS
    assert growth.series_of(sample, get) == {"lmdb": [(10000, 400.0), (100000, 700.0)]}
    assert growth.series_of(sample, memory) == {"rocksdb": [(100000, 1.5)]}


def test_growth_page_and_text():
    document = json.loads(SAMPLE.read_text())
    rendered = growth.render_html(document)
    xml.etree.ElementTree.fromstring(rendered.replace("<!doctype html>", ""))
    assert rendered.count("<svg") == 3
    assert "lmdb" in growth.render_text(document)


def test_lines_stay_inside_the_chart():
    svg = charts.lines({"a": [(1, 5.0)], "b": [(10, 7.0), (1e7, 3e9)]}, "x", "y")
    circles = xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}circle")
    places = [(float(one.get("cx")), float(one.get("cy"))) for one in circles]
    assert len(places) == 3
    assert all(0 <= x <= 720 and 0 <= y <= 380 for x, y in places)


def test_command_lines(tmp_path):
    done = run("report", "--html", tmp_path / "a.html", SAMPLE, SAMPLE)
    assert done.returncode == 0 and "x20.0" in done.stdout
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    done = run("growth", "--from", SAMPLE, "--out", tmp_path / "growth")
    assert done.returncode == 0 and "a random get" in done.stdout
    assert (tmp_path / "growth.html").exists() and (tmp_path / "growth.json").exists()


@pytest.mark.parametrize("content, words_of_it", [
    (None, "No such file"), ("{", "not JSON"), ("[]", "not written by"), ("{}", "not written by"),
])
def test_bad_input_is_named(tmp_path, content, words_of_it):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content)
    done = run("report", path)
    assert done.returncode == 2
    assert words_of_it in done.stderr and "bad.json" in done.stderr and "Trace" not in done.stderr
