"""The checkers' judge: anomalies of small transaction histories, straight from their definitions.

Slow and plain on purpose. It shares nothing with the C++ checkers: dependencies are pairs found by
trying all, real-time order is every pair, and circles are enumerated by networkx, each with every
choice of edges. What an edge or an anomaly means is defined in model/history/list_append.h,
rw_register.h and cycle_search.h; this is a second reading of the same definitions.
"""

import itertools

import networkx

ORDER_KINDS = {"plain": set(), "process": {"process"}, "realtime": {"process", "realtime"}}
SUFFIX = {"plain": "", "process": "-process", "realtime": "-realtime"}


class Txn:
    """One transaction: its operations with results where they are known."""

    def __init__(self, number, invoke):
        self.number = number
        self.invoke = invoke["index"]
        self.process = invoke["process"]
        self.ops = invoke["value"]
        self.outcome = "info"
        self.end = None

    def complete(self, line):
        self.outcome = line["type"]
        if self.outcome != "info":
            self.end = line["index"]
        if self.outcome == "ok":
            self.ops = line["value"]

    def writes(self, key=None):
        return [(k, v) for f, k, v in self.ops if f != "r" and key in (None, k)]

    def reads(self):
        """(position, key, value) of reads with a result."""
        if self.outcome != "ok":
            return []
        return [(i, k, v) for i, (f, k, v) in enumerate(self.ops) if f == "r"]


def transactions(history):
    txns, running = [], {}
    for line in history:
        if line["type"] == "invoke":
            running[line["process"]] = Txn(len(txns), line)
            txns.append(running[line["process"]])
        else:
            running.pop(line["process"]).complete(line)
    return txns


class Oracle:
    """Findings and dependencies common to lists and registers."""

    def __init__(self, history):
        self.txns = transactions(history)
        self.writer = {(k, v): t for t in self.txns for k, v in t.writes()}
        self.keys = sorted({op[1] for t in self.txns for op in t.ops}, key=str)
        self.found = set()
        self.edges = {}  # (from, to) -> kinds
        self.happened = [t for t in self.txns if t.outcome == "ok" or
                         (t.outcome == "info" and self.was_read(t))]

    def elements(self, value):
        raise NotImplementedError

    def was_read(self, txn):
        return any((k, v) in txn.writes() for r in self.txns for _, k, value in r.reads()
                   for v in self.elements(value))

    def edge(self, a, b, kind):
        if a is not None and b is not None and a is not b:
            self.edges.setdefault((a.number, b.number), set()).add(kind)

    def order_edges(self):
        for a, b in itertools.permutations(self.happened, 2):
            if a.process == b.process and a.number < b.number:
                self.edge(a, b, "process")
            if a.outcome == "ok" and a.end < b.invoke:
                self.edge(a, b, "realtime")

    def live_writer(self, key, value):
        txn = self.writer.get((key, value))
        return txn if txn in self.happened else None

    def check(self):
        self.find_edges()
        self.order_edges()
        self.find_plain()
        self.find_cycles()
        return self

    # Circles.

    def find_cycles(self):
        graph = networkx.DiGraph(list(self.edges))
        self.circles = [[(c[i], c[(i + 1) % len(c)]) for i in range(len(c))]
                        for c in networkx.simple_cycles(graph)]
        for level in ("plain", "process", "realtime"):
            self.find_cycles_at(level)

    def report(self, name, level):
        levels = list(SUFFIX)
        before = [name + SUFFIX[other] for other in levels[: levels.index(level)]]
        if not self.found & set(before):
            self.found.add(name + SUFFIX[level])

    def labels(self, circle, allowed):
        """Every way to name the edges of a circle."""
        return itertools.product(*(sorted(self.edges[e] & allowed) for e in circle))

    def find_cycles_at(self, level):
        order = ORDER_KINDS[level]
        everything = {"ww", "wr", "rw"} | order
        kinds = {"G0": False, "G1c": False, "G-single": False, "G-nonadjacent": False}
        self.flow = False
        good = set()  # members of circles without two rw in a row
        for circle in self.circles:
            for names in self.labels(circle, everything):
                rw = names.count("rw")
                adjacent = any(names[i] == names[i - 1] == "rw" for i in range(len(names)))
                if rw == 0 and "wr" not in names:
                    kinds["G0"] = True
                if rw == 0 and "wr" in names:
                    kinds["G1c"] = True
                if rw == 1:
                    kinds["G-single"] = True
                if rw > 1 and not adjacent:
                    kinds["G-nonadjacent"] = True
                if not adjacent:
                    good.update(a for a, _ in circle)
        # A walk may pass a transaction twice where flow circles exist; then the names are loose.
        self.flow_circles = getattr(self, "flow_circles", False) or kinds["G0"] or kinds["G1c"]
        for name in ("G0", "G1c", "G-single"):
            if kinds[name]:
                self.report(name, level)
        if kinds["G-nonadjacent"] and not any(n.startswith("G-single") for n in self.found):
            self.report("G-nonadjacent", level)
        if self.has_bare_component(everything, good):
            self.report("G2-item", level)

    def has_bare_component(self, allowed, good):
        """A component with an rw edge inside, and no circle without adjacent rw edges."""
        graph = networkx.DiGraph([e for e, kinds in self.edges.items() if kinds & allowed])
        for component in networkx.strongly_connected_components(graph):
            inside = [e for e, kinds in self.edges.items()
                      if set(e) <= component and "rw" in kinds]
            if len(component) > 1 and inside and not component & good:
                return True
        return False


class ListOracle(Oracle):
    def elements(self, value):
        return value or []

    def find_edges(self):
        lists = {key: [] for key in self.keys}
        for txn in self.txns:
            for _, key, value in txn.reads():
                lists[key].append(value or [])
        self.order = {key: min(found, key=lambda v: (-len(v), v), default=[])
                      for key, found in lists.items()}
        self.lists = lists
        for key in self.keys:
            order = self.order[key]
            installed = [i for i, v in enumerate(order)
                         if self.live_writer(key, v) and v not in order[:i]]
            read_somewhere = {v for found in lists[key] for v in found}
            unread = [t for t in self.happened
                      if any(v not in read_somewhere for _, v in t.writes(key))]
            for i, j in zip(installed, installed[1:]):
                self.edge(self.live_writer(key, order[i]), self.live_writer(key, order[j]), "ww")
            for txn in unread:
                if installed:
                    self.edge(self.live_writer(key, order[installed[-1]]), txn, "ww")
            self.read_edges(key, order, installed, unread)

    def read_edges(self, key, order, installed, unread):
        for txn in self.txns:
            for _, k, value in txn.reads():
                value = value or []
                if k != key:
                    continue
                if value:
                    self.edge(self.live_writer(key, value[-1]), txn, "wr")
                if value != order[: len(value)]:
                    continue
                after = [i for i in installed if i >= len(value)]
                if after:
                    self.edge(txn, self.live_writer(key, order[after[0]]), "rw")
                else:
                    for other in unread:
                        self.edge(txn, other, "rw")

    def find_plain(self):
        for txn in self.txns:
            for position, key, value in txn.reads():
                self.check_read(txn, position, key, value or [])
            self.check_vanished(txn)
        for key in self.keys:
            self.check_dirty_update(key)
            self.check_lost_update(key)
            self.check_program_order(key)

    def check_read(self, txn, position, key, value):
        if len(set(value)) < len(value):
            self.found.add("duplicate-elements")
        if any((key, v) not in self.writer for v in value):
            self.found.add("unwritten-read")
        if any((key, v) in self.writer and self.writer[key, v].outcome == "fail" for v in value):
            self.found.add("G1a")
        if any(not prefix(value, other) and not prefix(other, value) for other in self.lists[key]):
            self.found.add("incompatible-order")
        writer = self.writer.get((key, value[-1])) if value else None
        if writer not in (None, txn) and writer.writes(key)[-1] != (key, value[-1]):
            self.found.add("G1b")
        if any(k == key and f != "r" and v in value for f, k, v in txn.ops[position + 1:]):
            self.found.add("future-read")
        known, own = None, []
        for f, k, v in txn.ops[:position]:
            if k != key:
                continue
            if f == "r":
                known, own = v or [], []
            else:
                own.append(v)
        if known is None:
            fits = value[len(value) - len(own):] == own if len(own) <= len(value) else False
        else:
            fits = value == known + own
        if not fits:
            self.found.add("internal")

    def check_program_order(self, key):
        order = self.order[key]
        for i, value in enumerate(order):
            writer = self.writer.get((key, value))
            own = [v for _, v in writer.writes(key)] if writer else []
            if writer and not set(own[: own.index(value)]) <= set(order[:i]):
                self.found.add("incompatible-order")

    def check_vanished(self, txn):
        for (i, ki, vi), (j, kj, vj) in itertools.combinations(txn.reads(), 2):
            writer = self.live_writer(ki, vi[-1]) if vi else None
            if writer in (None, txn) or not prefix(vj or [], self.order[kj]):
                continue
            seen_anywhere = {v for found in self.lists[kj] for v in found}
            for _, v in writer.writes(kj):
                later = v in self.order[kj][len(vj or []):]
                # The C++ asks whether the writer has any unread append to the key.
                if later or (v not in self.order[kj] and
                             any(w not in seen_anywhere for _, w in writer.writes(kj))):
                    self.found.add("observed-transaction-vanishes")

    def check_dirty_update(self, key):
        order = self.order[key]
        for i, j in itertools.combinations(range(len(order)), 2):
            a, b = self.writer.get((key, order[i])), self.writer.get((key, order[j]))
            between = [self.writer.get((key, v)) for v in order[i + 1: j]]
            if a is None or b is None or a.outcome != "fail" or b.outcome != "ok":
                continue
            if not any(t is not None and t.outcome == "ok" for t in between):
                self.found.add("dirty-update")

    def check_lost_update(self, key):
        read = []
        for txn in self.txns:
            own = [op for op in txn.ops if op[1] == key]
            if txn.outcome == "ok" and own and own[0][0] == "r" and txn.writes(key):
                read.append(own[0][2] or [])
        if any(a == b for a, b in itertools.combinations(read, 2)):
            self.found.add("lost-update")


class RegisterOracle(Oracle):
    def elements(self, value):
        return [] if value is None else [value]

    def base(self, txn, key):
        """(True, version) when the transaction's write to the key follows a version it read."""
        own = [op for op in txn.ops if op[1] == key]
        if txn.outcome != "ok" or not own or own[0][0] != "r" or not txn.writes(key):
            return False, None
        if txn.writes(key)[-1][1] == own[0][2]:
            return False, None
        return True, own[0][2]

    def find_edges(self):
        for key in self.keys:
            after = {}  # version -> transactions that made a version after it
            for txn in self.happened:
                if txn.writes(key):
                    after.setdefault(None, []).append(txn)
                known, version = self.base(txn, key)
                if known and version is not None:
                    after.setdefault(version, []).append(txn)
            readers = {}
            for txn in self.txns:
                for _, k, value in txn.reads():
                    if k == key and (value is None or self.writer.get((k, value)) is not txn):
                        readers.setdefault(value, []).append(txn)
            for version, found in readers.items():
                writer = self.live_writer(key, version)
                for reader in found:
                    self.edge(writer, reader, "wr")
                    for later in after.get(version, []):
                        self.edge(reader, later, "rw")
                for later in after.get(version, []):
                    self.edge(writer, later, "ww")

    def find_plain(self):
        for txn in self.txns:
            for position, key, value in txn.reads():
                self.check_read(txn, position, key, value)
            for (_, ki, vi), (_, kj, vj) in itertools.combinations(txn.reads(), 2):
                writer = self.live_writer(ki, vi)
                if writer in (None, txn) or not writer.writes(kj):
                    continue
                if vj is None or self.base(writer, kj) == (True, vj):
                    self.found.add("observed-transaction-vanishes")
        for key in self.keys:
            bases = [self.base(t, key) for t in self.happened]
            versions = [version for known, version in bases if known]
            if len(set(versions)) < len(versions):
                self.found.add("lost-update")
            graph = networkx.DiGraph()
            for txn, (known, version) in zip(self.happened, bases):
                if known and version is not None:
                    graph.add_edge(version, txn.writes(key)[-1][1])
            if not networkx.is_directed_acyclic_graph(graph):
                self.found.add("cyclic-versions")

    def check_read(self, txn, position, key, value):
        writer = self.writer.get((key, value))
        if value is not None and writer is None:
            self.found.add("unwritten-read")
        if writer is not None and writer.outcome == "fail":
            self.found.add("G1a")
        if writer not in (None, txn) and writer.writes(key)[-1] != (key, value):
            self.found.add("G1b")
        before = [v for f, k, v in txn.ops[:position] if k == key]
        if before and before[-1] != value:
            self.found.add("internal")
        if any(f != "r" and k == key and v == value for f, k, v in txn.ops[position + 1:]):
            self.found.add("future-read")


def prefix(a, b):
    return b[: len(a)] == a


# Which anomalies each model excludes, flat.
_RU = {"G0", "duplicate-elements", "unwritten-read", "cyclic-versions"}
_RC = _RU | {"G1a", "G1b", "G1c", "dirty-update", "incompatible-order"}
_MAV = _RC | {"observed-transaction-vanishes", "future-read"}
_RA = _MAV | {"internal"}
_CS = _RC | {"lost-update"}
_CV = _CS | {"G-single"}
_RR = _CS | _MAV | {"G-single", "G-nonadjacent", "G2-item"}
_SI = _CV | _RA | {"G-nonadjacent"}
_SER = _RR | _SI
_P = {name: {n + "-process" for n in names} for name, names in
      {"RU": ["G0"], "RC": ["G0", "G1c"], "SI": ["G0", "G1c", "G-single", "G-nonadjacent"],
       "SER": ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item"]}.items()}
_R = {name: names | {n.replace("-process", "-realtime") for n in names}
      for name, names in _P.items()}
MODELS = {
    "read-uncommitted": _RU,
    "read-committed": _RC,
    "monotonic-atomic-view": _MAV,
    "read-atomic": _RA,
    "cursor-stability": _CS,
    "consistent-view": _CV,
    "repeatable-read": _RR,
    "snapshot-isolation": _SI,
    "serializable": _SER,
    "strong-session-read-uncommitted": _RU | _P["RU"],
    "strong-session-read-committed": _RC | _P["RC"],
    "strong-session-snapshot-isolation": _SI | _P["SI"],
    "strong-session-serializable": _SER | _P["SER"],
    "strong-read-uncommitted": _RU | _R["RU"],
    "strong-read-committed": _RC | _R["RC"],
    "strong-snapshot-isolation": _SI | _R["SI"],
    "strict-serializable": _SER | _R["SER"],
}
