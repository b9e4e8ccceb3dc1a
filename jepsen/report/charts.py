"""Charts over the time of a run, as SVG: all share one time axis, with the faults shaded behind."""

import html
import math

LEFT, RIGHT, TOP, BOTTOM = 70, 130, 18, 26
WIDTH = 1080
GAP_S = 2.5
INK = {"ok": "#3a8f4d", "fail": "#c9a227", "info": "#c0392b",
       "median": "#2c7fb8", "95 %": "#7a5195", "slowest": "#b0b0b0"}
STATES = {"primary": "#2c7fb8", "replica": "#a8cfe5", "apart": "#c9a227", "down": "#c0392b",
          "paused": "#7a5195", "up": "#d0e8d0"}
FAULTS = {"kill": "#c0392b", "failover": "#c0392b", "partition": "#e08214", "pause": "#7a5195",
          "slow-links": "#c9a227", "disk-full": "#8c6d31"}
NODES = ("#2c7fb8", "#3a8f4d", "#b5651d", "#7a5195", "#c0392b", "#1b9e9e")


class Chart:
    """One chart being drawn: the time axis and the faults are there from the start."""

    def __init__(self, height, end_s, faults, primaries=()):
        self.height, self.end_s = height, end_s
        self.parts = []
        for fault in faults:
            self._shade(fault)
        for at, node in primaries[1:]:
            self.line(self.x(at), TOP, self.x(at), height - BOTTOM, "#222", "4 3",
                      f"{node} is primary from {at:.1f} s")
        step = _step(end_s / 10)
        for number in range(int(end_s / step) + 1):
            at = self.x(number * step)
            self.line(at, height - BOTTOM, at, height - BOTTOM + 4, "#888")
            self.text(at, height - BOTTOM + 17, f"{number * step:g} s", "middle")

    def x(self, seconds):
        return LEFT + min(max(seconds / self.end_s, 0), 1) * (WIDTH - LEFT - RIGHT)

    def _shade(self, fault):
        begin, end = self.x(fault.begin_s), self.x(fault.end_s)
        self.rect(begin, TOP, max(end - begin, 1), self.height - TOP - BOTTOM,
                  FAULTS.get(fault.kind, "#888"),
                  f"{fault.kind}, {fault.begin_s:.1f} to {fault.end_s:.1f} s: {fault.text}", 0.16)

    def rect(self, x, y, width, height, colour, title, opacity=1.0):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' fill="{colour}" fill-opacity="{opacity}"><title>{html.escape(title)}</title></rect>')

    def line(self, x1, y1, x2, y2, colour, dashes="", title=""):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
            f' stroke-dasharray="{dashes}"><title>{html.escape(title)}</title></line>')

    def text(self, x, y, text, anchor="start", colour="#444"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
                          f"{html.escape(text)}</text>")

    def curve(self, points, place, colour, title):
        """A line through (seconds, value), broken where nothing was measured for long."""
        pieces, before = [], -math.inf
        for at, value in points:
            if at - before > GAP_S:
                pieces.append([])
            pieces[-1].append(f"{self.x(at):.1f},{place(value):.1f}")
            before = at
        for piece in pieces:
            self.parts.append(
                f'<polyline points="{" ".join(piece)}" fill="none" stroke="{colour}"'
                f' stroke-width="1.8"><title>{html.escape(title)}</title></polyline>')

    def legend(self, colours):
        for at, (name, colour) in enumerate(colours.items()):
            self.rect(WIDTH - RIGHT + 14, TOP + at * 18, 11, 11, colour, name)
            self.text(WIDTH - RIGHT + 30, TOP + 10 + at * 18, name)

    def scale(self, ticks, place):
        for value in ticks:
            y = place(value)
            self.line(LEFT, y, WIDTH - RIGHT, y, "#ddd")
            self.text(LEFT - 6, y + 4, f"{value:,g}", "end")

    def svg(self, name):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}"'
                f' role="img" aria-label="{html.escape(name)}" font-family="sans-serif"'
                f' font-size="12">{"".join(self.parts)}</svg>')


def _step(least):
    """The smallest of 1, 2, 5, 10, 20, ... that is not less."""
    decade = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(decade * factor for factor in (1, 2, 5, 10) if decade * factor >= least * 0.999)


def _linear(largest, height):
    bottom = height - BOTTOM
    step = _step(max(largest, 1) / 4)
    top = step * math.ceil(max(largest, 1) / step)
    ticks = [step * number for number in range(round(top / step) + 1)]
    return ticks, lambda value: bottom - value / top * (bottom - TOP)


def _logarithmic(values, height):
    bottom = height - BOTTOM
    low = math.floor(math.log10(max(min(values, default=1), 0.1)))
    high = max(math.ceil(math.log10(max([*values, 0.2]))), low + 1)
    ticks = [10.0 ** power for power in range(low, high + 1)]

    def place(value):
        share = (math.log10(max(value, 10.0 ** low)) - low) / (high - low)
        return bottom - share * (bottom - TOP)
    return ticks, place


def throughput(rates, end_s, faults, primaries):
    """Stacked columns; rates as data.throughput gives them for spans of one second."""
    chart = Chart(230, end_s, faults, primaries)
    totals = [sum(column) for column in zip(*rates.values())]
    ticks, place = _linear(max(totals, default=1), chart.height)
    chart.scale(ticks, place)
    for second, column in enumerate(zip(*rates.values())):
        below = 0.0
        for kind, rate in zip(rates, column):
            if rate:
                x, right = chart.x(second), chart.x(second + 1)
                top = place(below + rate)
                chart.rect(x + 0.5, top, max(right - x - 1, 0.5), place(below) - top, INK[kind],
                           f"{second} s: {rate:.0f} {kind}")
                below += rate
    chart.legend({kind: INK[kind] for kind in rates})
    return chart.svg("operations a second")


def latency(series, end_s, faults, primaries):
    chart = Chart(230, end_s, faults, primaries)
    values = [value for points in series.values() for _, value in points]
    ticks, place = _logarithmic(values, chart.height)
    chart.scale(ticks, place)
    for name, points in reversed(series.items()):
        chart.curve(points, place, INK[name], name)
    chart.legend({name: INK[name] for name in series})
    return chart.svg("latency in milliseconds")


def lanes(spans, end_s, faults, primaries):
    """A row a node, coloured by what it was; spans as data.lanes gives them."""
    row = 26
    chart = Chart(TOP + BOTTOM + row * len(spans), end_s, faults, primaries)
    for at, (node, own) in enumerate(sorted(spans.items())):
        top = TOP + at * row + 4
        chart.text(LEFT - 8, top + 13, node, "end")
        for span in own:
            begin, end = chart.x(span.begin_s), chart.x(span.end_s)
            chart.rect(begin, top, end - begin, row - 8, STATES[span.state],
                       f"{node}: {span.state}, {span.begin_s:.1f} to {span.end_s:.1f} s")
    seen = {span.state for own in spans.values() for span in own}
    chart.legend({state: ink for state, ink in STATES.items() if state in seen})
    return chart.svg("state of each node")


def lags(series, end_s, faults, primaries):
    chart = Chart(160, end_s, faults, primaries)
    largest = max(value for points in series.values() for _, value in points)
    ticks, place = _linear(largest, chart.height)
    chart.scale(ticks, place)
    inks = {node: NODES[at % len(NODES)] for at, node in enumerate(sorted(series))}
    for node, points in series.items():
        chart.curve(points, place, inks[node], node)
    chart.legend(inks)
    return chart.svg("transactions behind the primary")


def circle(edges):
    """Transactions T1, T2, ... around a circle; edges[i] leads from T(i+1) to the next."""
    count, radius, middle, size = len(edges), 70, 110, 220
    places = [(middle + radius * math.sin(2 * math.pi * at / count),
               middle - radius * math.cos(2 * math.pi * at / count)) for at in range(count)]
    parts = ['<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
             ' markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>']
    for at, edge in enumerate(edges):
        parts.append(_arrow(places[at], places[(at + 1) % count], edge,
                            bend=50 if count == 2 else 18))
    for at, (x, y) in enumerate(places):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="15" fill="#eef4f9" stroke="#2c7fb8"/>'
                     f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">T{at + 1}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="circle" viewBox="0 0 {size} {size}"'
            f' width="{size}" height="{size}" role="img" aria-label="circle of transactions"'
            f' font-family="sans-serif" font-size="12">{"".join(parts)}</svg>')


def _arrow(start, end, label, bend):
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    x1, y1, x2, y2 = x1 + 16 * ux, y1 + 16 * uy, x2 - 17 * ux, y2 - 17 * uy
    mx, my = (x1 + x2) / 2 + bend * uy, (y1 + y2) / 2 - bend * ux
    return (f'<path d="M{x1:.1f},{y1:.1f} Q{mx:.1f},{my:.1f} {x2:.1f},{y2:.1f}" fill="none"'
            f' stroke="#444" marker-end="url(#tip)"/><text x="{mx:.1f}" y="{my:.1f}"'
            f' text-anchor="middle" fill="#c0392b">{html.escape(label)}</text>')
