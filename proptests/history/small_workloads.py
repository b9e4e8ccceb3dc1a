"""Small random histories of the workloads other than transactions, and their judges by brute force.

Each workload is a pair: a function that makes a history, and one that says which anomalies it must
show, by trying all possibilities or by reading the definition literally.
"""

import itertools


class Recorder:
    """Calls of a few clients, interleaved; `lines` is the history."""

    def __init__(self, random, clients):
        self.random = random
        self.lines = []
        self.open = {}  # client -> the call under way
        self.process = {client: client for client in range(clients)}

    def emit(self, client, kind, f, value):
        self.lines.append({"index": len(self.lines), "process": self.process[client],
                           "time": 0, "type": kind, "f": f, "value": value})

    def run(self, calls, answer):
        """`calls`: (f, argument). `answer(f, argument)`: (type, value), asked at the end."""
        waiting = list(calls)
        while waiting or self.open:
            client = self.random.choice(sorted(self.process))
            if client in self.open:
                f, argument = self.open.pop(client)
                kind, value = answer(f, argument)
                if kind is None:
                    self.process[client] += 100  # never answered
                    continue
                self.emit(client, kind, f, value)
                if kind == "info":
                    self.process[client] += 100
            elif waiting:
                self.open[client] = waiting.pop(0)
                self.emit(client, "invoke", *self.open[client])
        return self.lines


def calls(history):
    """(f, argument, result, outcome, begin, end) of each call; end is None when unanswered."""
    found, running = [], {}
    for line in history:
        if line["type"] == "invoke":
            running[line["process"]] = [line["f"], line["value"], None, "info", line["index"], None]
            found.append(running[line["process"]])
        else:
            call = running.pop(line["process"])
            call[2], call[3] = line["value"], line["type"]
            if line["type"] != "info":
                call[5] = line["index"]
    return found


def outcome(random):
    return random.choices(["ok", "fail", "info", None], [10, 1, 1, 1])[0]


def register_history(random):
    state = {}
    todo = []
    for _ in range(random.randint(2, 7)):
        key = random.choice(["a", "b"])
        kind = random.choice(["read", "read", "write", "cas"])
        value = random.randint(1, 3)
        argument = {"read": None, "write": value, "cas": [random.randint(1, 3), value]}[kind]
        todo.append(("register/" + kind, [key, argument]))

    def answer(f, argument):
        key, value = argument
        kind = outcome(random)
        done = kind == "ok" or (kind in ("info", None) and random.random() < 0.5)
        if f == "register/read":
            shown = state.get(key) if random.random() < 0.9 else random.choice([None, 1, 2, 3])
            return kind, [key, shown if kind == "ok" else None]
        if f == "register/cas":
            if state.get(key) != value[0] and random.random() < 0.9:
                return "fail", argument
            value = value[1]
        if done:
            state[key] = value
        return kind, argument

    return Recorder(random, 3).run(todo, answer)


def register_judge(history):
    for key in ("a", "b"):
        mine = [c for c in calls(history) if c[1][0] == key and c[3] != "fail"]
        if not linearizable([c for c in mine if c[0] != "register/read" or c[3] == "ok"]):
            return {"nonlinearizable"}
    return set()


def linearizable(ops):
    sure = [c for c in ops if c[3] == "ok"]
    unsure = [c for c in ops if c[3] != "ok"]
    for count in range(len(unsure) + 1):
        for chosen in itertools.combinations(unsure, count):
            if any(explains(order) for order in itertools.permutations(sure + list(chosen))):
                return True
    return False


def explains(order):
    for i, early in enumerate(order):
        for late in order[i + 1:]:
            if late[5] is not None and late[5] < early[4]:
                return False
    state = None
    for f, argument, result, *_ in order:
        if f == "register/read":
            if result[1] != state:
                return False
        elif f == "register/write":
            state = argument[1]
        elif state != argument[1][0]:
            return False
        else:
            state = argument[1][1]
    return True


def set_history(random):
    state = []
    todo = [("set/add", v) if random.random() < 0.5 else ("set/read", None)
            for v in range(random.randint(3, 9))]

    def answer(f, argument):
        kind = outcome(random)
        if f == "set/read":
            shown = [v for v in state if random.random() < 0.93]
            if random.random() < 0.05:
                shown.append(random.choice([77, 0]))
            return kind, shown if kind == "ok" else None
        if kind == "ok" or (kind != "fail" and random.random() < 0.5) or random.random() < 0.05:
            state.append(argument)
        return kind, argument

    return Recorder(random, 3).run(todo, answer)


def set_judge(history):
    found = set()
    adds = {c[1]: c for c in calls(history) if c[0] == "set/add"}
    reads = [c for c in calls(history) if c[0] == "set/read" and c[3] == "ok"]
    for read in reads:
        if len(set(read[2])) < len(read[2]):
            found.add("set-duplicate")
        for value in read[2]:
            if value not in adds or adds[value][4] > read[5]:
                found.add("set-unknown")
            elif adds[value][3] == "fail":
                found.add("set-aborted")
    for value, add in adds.items():
        known = [read[5] for read in reads if value in read[2]]
        if add[3] == "ok":
            known.append(add[5])
        later = [read for read in reads if known and read[4] > min(known)]
        if all(value in read[2] for read in later):
            continue
        last = max(reads, key=lambda read: read[4])
        if value in last[2]:
            found.add("set-stale")
        else:
            found.add("set-lost" if add[3] == "ok" else "set-vanished")
    return found


def bank_history(random):
    balances = {"1": 10, "2": 10, "3": 10}
    todo = [("bank/accounts", None)] if random.random() < 0.5 else []
    todo += [random.choice([("bank/read", None), ("bank/transfer", {"from": "1", "to": "2",
                                                                    "amount": 3})])
             for _ in range(random.randint(2, 8))]

    def answer(f, argument):
        if f != "bank/transfer":
            shown = dict(balances)
            if f == "bank/read" and random.random() < 0.1:
                shown.pop(random.choice(sorted(shown)))
            return "ok" if f == "bank/accounts" else outcome(random), shown
        kind = outcome(random)
        if kind != "fail":
            balances["1"] -= random.choice([3, 3, 3, 8])
            balances["2"] += 3 if random.random() < 0.9 else 4
        return kind, argument

    history = Recorder(random, 1 if todo[0][0] == "bank/accounts" else 3).run(todo, answer)
    return history


def bank_judge(history):
    found = set()
    reads = [c for c in calls(history) if c[0] == "bank/read" and c[3] == "ok"]
    start = [c for c in calls(history) if c[0] == "bank/accounts" and c[3] == "ok"]
    start = start or sorted(reads, key=lambda c: c[5])[:1]
    for read in reads:
        if set(read[2]) != set(start[0][2]):
            found.add("bank-accounts")
        if sum(read[2].values()) != sum(start[0][2].values()):
            found.add("bank-total")
        if any(balance < 0 for balance in read[2].values()):
            found.add("bank-negative")
    return found


def counter_history(random):
    total = [0]
    todo = [("counter/add", random.randint(-3, 5)) if random.random() < 0.6
            else ("counter/read", None) for _ in range(random.randint(2, 9))]

    def answer(f, argument):
        kind = outcome(random)
        if f == "counter/read":
            return kind, total[0] + random.choice([0, 0, 0, 0, 1, -2])
        if kind == "ok" or (kind != "fail" and random.random() < 0.5):
            total[0] += argument
        return kind, argument

    return Recorder(random, 3).run(todo, answer)


def counter_judge(history):
    adds = [c for c in calls(history) if c[0] == "counter/add" and c[3] != "fail"]
    for read in calls(history):
        if read[0] != "counter/read" or read[3] != "ok":
            continue
        certain = [a for a in adds if a[3] == "ok" and a[5] < read[4]]
        maybe = [a[1] for a in adds if a not in certain and a[4] < read[5]]
        sums = [sum(chosen) for n in range(len(maybe) + 1)
                for chosen in itertools.combinations(maybe, n)]
        base = sum(a[1] for a in certain)
        if not base + min(sums) <= read[2] <= base + max(sums):
            return {"counter-bounds"}
    return set()


def monotonic_history(random):
    state = {"a": 0, "b": 0}
    todo = [(random.choice(["monotonic/inc", "monotonic/read"]), [random.choice("ab"), None])
            for _ in range(random.randint(2, 9))]

    def answer(f, argument):
        key = argument[0]
        kind = outcome(random)
        if f == "monotonic/inc" and kind != "fail" and random.random() < 0.93:
            state[key] += 1
        shown = state[key] if random.random() < 0.93 else max(0, state[key] - 1)
        return kind, [key, shown if kind == "ok" else None]

    return Recorder(random, 3).run(todo, answer)


def monotonic_judge(history):
    found = set()
    seen = [c for c in calls(history) if c[3] == "ok"]
    process = {line["index"]: line["process"] for line in history}
    for later in seen:
        key, value = later[2]
        def shrinks(early):
            if later[0] == "monotonic/inc":
                return value <= early[2][1]
            return value < early[2][1]
        before = [c for c in seen if c[2][0] == key and c[5] < later[4]]
        own = [c for c in before if process[c[4]] == process[later[4]]]
        if any(shrinks(c) for c in own):
            found.add("monotonic-session")
        elif any(shrinks(c) for c in before):
            found.add("monotonic-realtime")
    made = [c[2] for c in seen if c[0] == "monotonic/inc"]
    if any(a == b for a, b in itertools.combinations(made, 2)):
        found.add("monotonic-duplicate")
    return found


def ledger_history(random):
    nodes = {"n1": set(), "n2": set()}
    seen = []
    todo = [("ledger/insert", v) if random.random() < 0.6 else ("ledger/read", None)
            for v in range(random.randint(2, 8))]

    def answer(f, argument):
        kind = outcome(random)
        if f == "ledger/read":
            node = random.choice(sorted(nodes))
            ids = sorted(nodes[node])
            if ids and random.random() < 0.1:
                ids.append(ids[0])
            if random.random() < 0.05:
                ids.append(99)
            return kind, {"node": node, "ids": ids}
        if kind == "ok" or (kind != "fail" and random.random() < 0.5) or random.random() < 0.05:
            nodes["n1"].add(argument)
            if random.random() < 0.9:
                nodes["n2"].add(argument)
        if random.random() < 0.1:
            nodes[random.choice(sorted(nodes))].clear()
        return kind, argument

    recorder = Recorder(random, 3)
    recorder.run(todo, answer)
    recorder.process = {0: 5000}
    primary = random.choice([None, "n1", "n2"])
    finals = [("ledger/final-read", None)] * random.choice([0, 2, 2, 2, 3])
    order = iter(["n1", "n2", "n1"])

    def final(_, __):
        node = next(order)
        value = {"node": node, "ids": sorted(nodes[node])}
        if primary == node:
            value["primary"] = True
        return "ok", value

    return recorder.run(finals, final)


def ledger_judge(history):
    found = set()
    inserts = {c[1]: c for c in calls(history) if c[0] == "ledger/insert"}
    reads = [c for c in calls(history) if c[0] == "ledger/read" and c[3] == "ok"]
    finals = [c for c in calls(history) if c[0] == "ledger/final-read" and c[3] == "ok"]
    for read in reads + finals:
        ids = read[2]["ids"]
        if len(set(ids)) < len(ids):
            found.add("duplicate-commit")
        for entry in ids:
            if entry not in inserts or inserts[entry][4] > read[5]:
                found.add("unknown-commit")
            elif inserts[entry][3] == "fail":
                found.add("aborted-commit")
    if not finals:
        return found
    last = {c[2]["node"]: c[2] for c in finals}
    primary = [value for value in last.values() if value.get("primary")]
    state = set().union(*(v["ids"] for v in primary or last.values()))
    for entry, insert in inserts.items():
        if entry in state:
            continue
        if insert[3] == "ok":
            found.add("lost-commit")
        elif insert[3] == "info" and any(entry in r[2]["ids"] for r in reads):
            found.add("phantom-commit")
    if any(set(a["ids"]) != set(b["ids"]) for a in last.values() for b in last.values()):
        found.add("divergence")
    if primary and any(set(v["ids"]) - state for v in last.values()):
        found.add("errant-transaction")
    return found


WORKLOADS = {
    "register": (register_history, register_judge),
    "set": (set_history, set_judge),
    "bank": (bank_history, bank_judge),
    "counter": (counter_history, counter_judge),
    "monotonic": (monotonic_history, monotonic_judge),
    "ledger": (ledger_history, ledger_judge),
}
