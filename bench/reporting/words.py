"""Numbers and contexts as people read them; the same in terminal, markdown and HTML."""

CONTEXT_SHOWN = ("date", "num_cpus", "mhz_per_cpu", "filesystem", "fdatasync_us", "rows",
                 "cache_mib")
# The rest of the context is Google Benchmark's own, or a store's version, which is shown.
CONTEXT_HIDDEN = frozenset(CONTEXT_SHOWN + (
    "host_name", "executable", "caches", "load_avg", "library_build_type", "cpu_scaling_enabled",
    "aslr_enabled", "library_version", "json_schema_version"))

STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def quantity(value):
    """Three digits: 764k, 1.04M, 0.52."""
    for step, suffix in STEPS:
        if abs(value) >= step * 0.9995:
            return _three_digits(value / step) + suffix
    return _three_digits(value)


def _three_digits(value):
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def ratio(value):
    return "-" if value is None else f"x{_three_digits(value)}"


def duration(nanoseconds):
    for step, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if nanoseconds >= step:
            return f"{_three_digits(nanoseconds / step)} {unit}"
    return f"{_three_digits(nanoseconds)} ns"


def rate(samples):
    """The median, and the spread when there is more than one sample."""
    text = quantity(samples.median)
    return text + f" ±{samples.spread:.0%}" if len(samples.values) > 1 else text


def context_lines(contexts):
    """What was measured where: one line a fact, values of several runs beside each other."""
    lines = []
    names = list(CONTEXT_SHOWN)
    names += [name for one in contexts for name in one if name not in CONTEXT_HIDDEN]
    for name in dict.fromkeys(names):
        values = list(dict.fromkeys(str(one[name]) for one in contexts if name in one))
        if values:
            lines.append((name, ", ".join(values)))
    loads = [one["load_avg"][0] for one in contexts if one.get("load_avg")]
    if loads:
        text = ", ".join(f"{load:.1f}" for load in loads)
        lines.append(("load average at start", text))
    return lines


def cautions(contexts):
    """What makes figures worth less than they look."""
    found = []
    if any(one.get("filesystem") == "tmpfs" for one in contexts):
        found.append("measured on tmpfs: nothing was durable, update figures mean nothing")
    busy = [one for one in contexts if one.get("load_avg") and one["load_avg"][0] > 0.5]
    if busy:
        found.append(f"{len(busy)} of {len(contexts)} runs began on a machine that was busy")
    return found
