"""The report as one self-contained HTML page: tables as in the text, and a chart for each."""

import html

from bench.reporting import charts, text, words
from bench.reporting.comparison import comparisons, others

STYLE = """
body { font-family: sans-serif; margin: 2em auto; max-width: 60em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: 0.25em 0.8em; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.caution { color: #a00; font-weight: bold; }
figure { margin: 1em 0; } figcaption { font-weight: bold; margin-bottom: 0.3em; }
"""


def render(runs, subject):
    parts = [facts(runs)]
    compared = comparisons(runs, subject)
    for one in compared:
        parts.append(f"<h2>{html.escape(one.family)}</h2>")
        parts.append(table(*text.comparison_table(one, subject)))
        for found in (text.cpu_table(runs, one), text.sync_table(runs, one)):
            if found:
                parts.append(table(*found))
        for row in one.rows:
            rates = {store: row.rates[store].median for store in one.stores if store in row.rates}
            parts.append(figure(row.operation, charts.bars(rates, "/s")))
    rest = others(runs, compared)
    if rest:
        parts.append("<h2>Others</h2>" + table(*text.others_table(runs, rest)))
    for name, message in runs.failures:
        parts.append(f'<p class="caution">{html.escape(name)}: {html.escape(message)}</p>')
    return document("Benchmarks", parts)


def document(title, parts):
    return ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>'
            f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n"
            f"<body><h1>{html.escape(title)}</h1>\n" + "\n".join(parts) + "\n</body></html>\n")


def facts(runs):
    lines = "".join(
        f"<li>{html.escape(name)}: {html.escape(value)}</li>"
        for name, value in words.context_lines(runs.contexts)
    )
    cautions = "".join(
        f'<p class="caution">{html.escape(one)}</p>' for one in words.cautions(runs.contexts)
    )
    return f"<ul>{lines}</ul>{cautions}"


def table(head, rows):
    def cells(tag, row):
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"

    return "<table>" + cells("th", head) + "".join(cells("td", row) for row in rows) + "</table>"


def figure(caption, svg):
    return f"<figure><figcaption>{html.escape(caption)}</figcaption>{svg}</figure>"
