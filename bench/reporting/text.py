"""The report as text: aligned for a terminal, or as markdown tables."""

from bench.reporting import words
from bench.reporting.comparison import RATE, comparisons, others


def render(runs, subject, markdown):
    table = markdown_table if markdown else plain_table
    parts = [heading("Run", markdown), facts(runs)]
    compared = comparisons(runs, subject)
    for one in compared:
        parts.append(heading(one.family, markdown) + "\n" + table(*comparison_table(one, subject)))
        parts += [table(*found) for found in (cpu_table(runs, one), sync_table(runs, one)) if found]
    rest = others(runs, compared)
    if rest:
        parts.append(heading("Others", markdown) + "\n" + table(*others_table(runs, rest)))
    if runs.failures:
        lines = [f"- {name}: {message}" for name, message in runs.failures]
        parts.append(heading("Failed", markdown) + "\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def heading(text, markdown):
    return f"## {text}\n" if markdown else f"== {text}"


def facts(runs):
    lines = [f"- {name}: {text}" for name, text in words.context_lines(runs.contexts)]
    lines += [f"- CAUTION: {text}" for text in words.cautions(runs.contexts)]
    return "\n".join(lines)


def comparison_table(one, subject):
    """(head, rows): rates of all, then the ratios of the subject against each peer."""
    peers = [store for store in one.stores if store != subject]
    has_subject = subject in one.stores
    head = ["items/s"] + one.stores
    if has_subject:
        head += [f"vs {peer}" for peer in peers]
    rows = []
    for row in one.rows:
        cells = [row.operation]
        cells += [
            words.rate(row.rates[store]) if store in row.rates else "-" for store in one.stores
        ]
        if has_subject:
            cells += [words.ratio(row.ratio(subject, peer)) for peer in peers]
        rows.append(cells)
    return head, rows


def cpu_table(runs, one):
    """Processor time an item, in microseconds: what remains true on a busy machine."""
    rows = []
    for row in one.rows:
        found = [runs.median(f"{one.family}/{row.operation}/{store}", "cpu_us")
                 for store in one.stores]
        if any(value is not None for value in found):
            rows.append([row.operation] + [
                "-" if value is None else words.duration(value * 1e3) for value in found
            ])
    return (["processor time an item"] + one.stores, rows) if rows else None


def sync_table(runs, one):
    """What durable work asked of the device: items for each sync, and how long a sync took. None
    where nothing was durable."""
    rows = []
    for row in one.rows:
        names = [f"{one.family}/{row.operation}/{store}" for store in one.stores]
        items = [runs.median(name, "items_per_sync") for name in names]
        times = [runs.median(name, "sync_us") for name in names]
        if any(item is not None for item in items):
            rows.append([row.operation] + [_syncs(*pair) for pair in zip(items, times)])
    return (["items a sync (time of a sync)"] + one.stores, rows) if rows else None


def _syncs(items, microseconds):
    if items is None:
        return "-"
    took = "" if microseconds is None else f" ({words.duration(microseconds * 1e3)})"
    return words.quantity(items) + took


def others_table(runs, names):
    rows = []
    for name in names:
        counters = runs.benchmarks[name]
        extra = [
            f"{counter}={words.quantity(samples.median)}"
            for counter, samples in counters.items()
            if counter not in ("time_ns", "cpu_ns", RATE)
        ]
        per_second = words.quantity(counters[RATE].median) if RATE in counters else "-"
        rows.append([name, words.duration(counters["time_ns"].median), per_second,
                     " ".join(extra)])
    return ["benchmark", "time", "items/s", "counters"], rows


def plain_table(head, rows):
    widths = [max(len(row[at]) for row in [head] + rows) for at in range(len(head))]
    lines = []
    for row in [head] + rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown_table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
