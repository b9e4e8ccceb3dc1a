"""Looks for an execution that explains a small list-append history, by trying all.

No graph and no version order here. A serial execution runs transactions one after the other; one
under snapshot isolation gives each a snapshot and a commit, and the first committer of a key wins.
If an execution exists, no checker may call the history a violation of that model. If none exists,
and every version was read by somebody, a checker must.
"""

import itertools


def serially(oracle, order):
    """Whether some serial order explains all reads. `order`: none, process or realtime."""
    return _any_choice(oracle, lambda txns: _serial(txns, [], {}, _before(txns, order)))


def by_snapshots(oracle, order):
    """The same under (generalized) snapshot isolation: snapshots may be as old as they like."""
    return _any_choice(oracle, lambda txns: _snapshots(txns, {}, [], {}, _before(txns, order)))


def everything_was_read(oracle):
    return all(any(v in found for found in oracle.lists[k])
               for t in oracle.happened for k, v in t.writes())


def _any_choice(oracle, explains):
    """Unanswered transactions may have happened or not."""
    sure = [t for t in oracle.txns if t.outcome == "ok"]
    unsure = [t for t in oracle.txns if t.outcome == "info"]
    for count in range(len(unsure) + 1):
        for chosen in itertools.combinations(unsure, count):
            if explains(sure + list(chosen)):
                return True
    return False


def _before(txns, order):
    """txn -> transactions that must have ended before it begins."""
    def precedes(a, b):
        if a is b or a.outcome != "ok":
            return False
        return order == "realtime" and a.end < b.invoke or (
            order == "process" and a.process == b.process and a.number < b.number)
    return {t: [a for a in txns if precedes(a, t)] for t in txns}


def _run(txn, state):
    """The state after the transaction, or None when a read does not return what it did."""
    after = dict(state)
    for f, key, value in txn.ops:
        if f != "r":
            after[key] = after.get(key, ()) + (value,)
        elif txn.outcome == "ok" and after.get(key, ()) != tuple(value or ()):
            return None
    return after


def _serial(txns, done, state, before):
    if len(done) == len(txns):
        return True
    for txn in txns:
        if txn in done or any(a not in done for a in before[txn]):
            continue
        after = _run(txn, state)
        if after is not None and _serial(txns, done + [txn], after, before):
            return True
    return False


def _snapshots(txns, open_txns, done, state, before):
    """`open_txns`: txn -> (snapshot, number of commits when it was taken)."""
    if len(done) == len(txns):
        return True
    for txn in txns:
        if txn in open_txns:
            snapshot, since = open_txns[txn]
            written = {k for k, _ in txn.writes()}
            if any(written & {k for k, _ in other.writes()} for other in done[since:]):
                continue
            after = {k: v + tuple(e for kk, e in txn.writes() if kk == k)
                     for k, v in {**{k: () for k in written}, **state}.items()}
            rest = {t: s for t, s in open_txns.items() if t is not txn}
            if _snapshots(txns, rest, done + [txn], after, before):
                return True
        elif txn not in done and all(a in done for a in before[txn]):
            # A transaction that cannot have read from here need not begin here.
            if _run(txn, state) is None:
                continue
            begun = {**open_txns, txn: (state, len(done))}
            if _snapshots(txns, begun, done, state, before):
                return True
    return False
