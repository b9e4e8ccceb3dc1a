"""Charts as SVG, by hand: two kinds are all that is needed, and a page with them is one small file
that opens anywhere and makes no request. Every mark carries a <title>, which browsers show as a
hint.
"""

import html
import math

COLOURS = {"aftersync": "#c0392b", "lmdb": "#2c7fb8", "rocksdb": "#d9a400", "wiredtiger": "#3a8f4d"}
SPARE_COLOURS = ("#7a5195", "#5c5c5c", "#b5651d", "#1b9e9e")


def colour_of(name, names):
    if name in COLOURS:
        return COLOURS[name]
    return SPARE_COLOURS[list(names).index(name) % len(SPARE_COLOURS)]


def bars(values, unit, width=560):
    """Horizontal bars from zero; `values` is {name: number}."""
    row_height, label_width, room = 22, 100, 150
    largest = max(values.values())
    parts = []
    for at, (name, value) in enumerate(values.items()):
        top = at * row_height + 3
        length = value / largest * (width - label_width - room)
        text = f"{value:,.0f} {unit}"
        parts += [
            _text(label_width - 6, top + 12, name, "end"),
            f'<rect x="{label_width}" y="{top}" width="{length:.1f}" height="16"'
            f' fill="{colour_of(name, values)}"><title>{html.escape(name)}: {text}</title></rect>',
            _text(label_width + length + 6, top + 12, text),
        ]
    return _svg(width, len(values) * row_height + 6, parts)


def lines(series, x_name, y_name, width=720, height=380):
    """Lines on logarithmic axes; `series` is {name: [(x, y)]}, all above zero."""
    left, right, top, bottom = 80, 130, 12, 48
    points = [point for one in series.values() for point in one]
    x_axis = _LogAxis([x for x, _ in points], left, width - right)
    y_axis = _LogAxis([y for _, y in points], height - bottom, top)
    parts = []
    for x in x_axis.ticks():
        at = x_axis.place(x)
        parts.append(_rule(at, top, at, height - bottom))
        parts.append(_text(at, height - bottom + 16, _short(x), "middle"))
    for y in y_axis.ticks():
        at = y_axis.place(y)
        parts.append(_rule(left, at, width - right, at))
        parts.append(_text(left - 6, at + 4, _short(y), "end"))
    parts.append(_text((left + width - right) / 2, height - 8, x_name, "middle"))
    parts.append(_text(4, top + 2, y_name, "start", f'transform="rotate(-90 4 {top})" dx="-160"'
                       ' dy="12"'))
    for at, (name, one) in enumerate(series.items()):
        colour = colour_of(name, series)
        placed = [(x_axis.place(x), y_axis.place(y), x, y) for x, y in sorted(one)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py, _, _ in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}">'
            f"<title>{html.escape(name)}: {_short(x)}, {_short(y)}</title></circle>"
            for px, py, x, y in placed
        ]
        parts.append(_text(width - right + 12, top + 14 + at * 18, name, "start",
                           f'fill="{colour}"'))
    return _svg(width, height, parts)


class _LogAxis:
    """Places numbers between two pixels by their logarithm; ticks at 1, 2 and 5 of a decade."""

    def __init__(self, values, first_pixel, last_pixel):
        self.low, self.high = min(values), max(values)
        if self.high < self.low * 2:
            self.low, self.high = self.low / 1.5, self.high * 1.5
        self.first_pixel, self.last_pixel = first_pixel, last_pixel

    def place(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.first_pixel + share * (self.last_pixel - self.first_pixel)

    def ticks(self):
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        factors = (1,) if len(decades) > 4 else (1, 2, 5)
        marks = [factor * 10.0 ** decade for decade in decades for factor in factors]
        return [mark for mark in marks if self.low * 0.999 <= mark <= self.high * 1.001]


def _short(value):
    for step, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= step:
            return f"{value / step:.3g}{suffix}"
    return f"{value:.3g}"


def _rule(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x, y, text, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{html.escape(text)}</text>'


def _svg(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
            + "".join(parts) + "</svg>")
