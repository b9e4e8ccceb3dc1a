"""Small random histories that break every rule now and then, for comparing the checkers.

A history is a list of dicts, as history_format.h describes its lines. The shapes are chosen so that
a fair share holds under strong models: comparing only broken histories would prove little.
"""

import json


def append_history(random):
    """Transactions over lists. Reads follow one hidden order of each key, more or less."""
    return _transactions(random, "append", _list_reader)


def register_history(random):
    """Transactions over registers."""
    return _transactions(random, "w", _register_reader)


def text_of(history):
    return "".join(json.dumps(op, separators=(",", ":")) + "\n" for op in history)


def _transactions(random, write, make_reader):
    txns = _random_txns(random, write)
    intervals = _random_intervals(random, len(txns))
    outcomes = [random.choices(["ok", "fail", "info"], [12, 1, 1])[0] for _ in txns]
    mode = random.choice(["serial", "serial", "snapshot", "stale", "stale", "chaos"])
    reader = make_reader(random, txns, outcomes, mode, intervals)
    return _lines(random, txns, intervals, outcomes, reader)


def _random_txns(random, write):
    counters = {}
    txns = []
    keys = ["x", 1, "y"][: random.randint(1, 3)]
    if len(keys) > 1 and random.random() < 0.25:
        return _random_skew(random, write, keys)
    for _ in range(random.randint(2, 6)):
        txn = []
        for _ in range(random.randint(1, 3)):
            key = random.choice(keys)
            if random.random() < 0.5:
                txn.append(["r", key, None])
            else:
                counters[key] = counters.get(key, 0) + 1
                txn.append([write, key, counters[key]])
        txns.append(txn)
    if random.random() < 0.6:  # a reader of everything makes all versions known
        txns.append([["r", key, None] for key in keys])
    return txns


def _random_skew(random, write, keys):
    """Writers of one key and readers of others: write skew and long forks live here."""
    txns = []
    for number, key in enumerate(random.choices(keys, k=random.randint(2, 4))):
        reads = [["r", other, None] for other in keys if random.random() < 0.6]
        txns.append(reads + [[write, key, number]])
    for _ in range(random.randint(0, 2)):
        txns.append([["r", key, None] for key in random.sample(keys, len(keys))])
    return txns


def _random_intervals(random, count):
    """(process, invoke position, end position) of each transaction; positions are dense."""
    processes = random.randint(1, 4)
    events = []
    at = [0.0] * processes
    for txn in range(count):
        process = random.randrange(processes)
        begin = at[process] + random.random()
        end = begin + random.random() * random.choice([0.5, 3])
        at[process] = end
        events.append((begin, txn, "invoke", process))
        events.append((end, txn, "end", process))
    events.sort()
    places = {}
    for position, (_, txn, kind, process) in enumerate(events):
        places.setdefault(txn, {"process": process})[kind] = position
    return [(places[t]["process"], places[t]["invoke"], places[t]["end"]) for t in range(count)]


def _serial_order(random, intervals):
    """An order that respects real time: by a random moment within each transaction."""
    moments = [random.uniform(begin, end) for _, begin, end in intervals]
    return sorted(range(len(intervals)), key=lambda txn: moments[txn])


def _list_reader(random, txns, outcomes, mode, intervals):
    """Returns a function (txn, position of the read) -> list."""
    happened = [outcome == "ok" or (outcome == "info" and random.random() < 0.5)
                for outcome in outcomes]
    if mode in ("serial", "snapshot"):
        return _executed(random, txns, happened, mode, _serial_order(random, intervals), list)
    hidden = {}
    for txn, done in zip(txns, happened):
        for f, key, value in txn:
            if f != "r" and (done or random.random() < 0.2):
                hidden.setdefault(key, []).append(value)
    for order in hidden.values():
        if random.random() < 0.5:
            random.shuffle(order)

    def read(txn, position):
        key = txns[txn][position][1]
        order = list(hidden.get(key, []))
        if mode == "chaos" and random.random() < 0.3:
            random.shuffle(order)
        if mode == "chaos" and random.random() < 0.1:
            order.append(random.choice([99, 1]))
        shown = order[: random.randint(0, len(order))]
        if random.random() < 0.7:
            shown = order[: max(len(shown), random.randint(0, len(order)))]
        own = [v for f, k, v in txns[txn][:position] if f != "r" and k == key]
        later = [v for f, k, v in txns[txn][position:] if f != "r" and k == key]
        if any(v in later for v in shown) and random.random() < 0.9:
            shown = shown[: min(shown.index(v) for v in later if v in shown)]
        if own and random.random() < 0.7:
            shown = [v for v in shown if v not in own] + own
        return shown

    return read


def _register_reader(random, txns, outcomes, mode, intervals):
    happened = [outcome == "ok" or (outcome == "info" and random.random() < 0.5)
                for outcome in outcomes]
    if mode in ("serial", "snapshot"):
        executed = _executed(random, txns, happened, mode, _serial_order(random, intervals), list)
        return lambda txn, position: (executed(txn, position) or [None])[-1]
    values = {}
    for txn in txns:
        for f, key, value in txn:
            if f != "r":
                values.setdefault(key, []).append(value)

    def read(txn, position):
        key = txns[txn][position][1]
        known = [v for f, k, v in txns[txn][:position] if f != "r" and k == key]
        if known and random.random() < 0.8:
            return known[-1]
        later = [v for f, k, v in txns[txn][position:] if f != "r" and k == key]
        choices = [v for v in values.get(key, []) if v not in later or random.random() < 0.1]
        choices.append(None)
        if mode == "chaos" and random.random() < 0.1:
            choices = [99]
        return random.choice(choices)

    return read


def _executed(random, txns, happened, mode, order, make):
    """Runs the transactions in the order; a snapshot read may be a few transactions old."""
    states = [{}]
    results = {}
    for txn in order:
        base = states[-1]
        if mode == "snapshot":
            base = states[max(0, len(states) - 1 - random.choice([0, 0, 1, 2]))]
        view = {key: make(value) for key, value in base.items()}
        for position, (f, key, value) in enumerate(txns[txn]):
            if f == "r":
                results[txn, position] = make(view.get(key, []))
            else:
                view.setdefault(key, []).append(value)
        if happened[txn]:
            after = {key: make(value) for key, value in states[-1].items()}
            for f, key, value in txns[txn]:
                if f != "r":
                    after.setdefault(key, []).append(value)
            states.append(after)
    return lambda txn, position: results[txn, position]


def _lines(random, txns, intervals, outcomes, reader):
    events = {}
    for txn, (process, begin, end) in enumerate(intervals):
        events[begin] = (txn, process, "invoke")
        events[end] = (txn, process, outcomes[txn])
    lines = []
    shift = {}  # processes that crashed go on under a new number
    for position in sorted(events):
        txn, process, kind = events[position]
        value = [list(op) for op in txns[txn]]
        if kind == "ok":
            for i, op in enumerate(value):
                if op[0] == "r":
                    op[2] = reader(txn, i)
        number = process + shift.get(process, 0)
        lines.append({"index": position, "process": number, "time": position * 10,
                      "type": kind, "f": "txn", "value": value})
        if kind == "info":
            shift[process] = shift.get(process, 0) + 100
    unanswered = [line for line in lines if line["type"] == "info"]
    if unanswered and random.random() < 0.5:  # it never came back at all
        lines.remove(random.choice(unanswered))
    return lines
