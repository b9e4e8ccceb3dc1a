"""Benchmarks of one operation on several stores, laid beside one another.

A benchmark named FAMILY/OPERATION/STORE is compared: its items_per_second against those of the
other stores with the same FAMILY and OPERATION. A ratio is always "ours over theirs", so that more
than 1 is faster, whatever the operation.
"""

from typing import NamedTuple

RATE = "items_per_second"


class Row(NamedTuple):
    operation: str
    rates: dict  # store: Samples

    def ratio(self, subject, peer):
        """None unless both were measured."""
        if subject not in self.rates or peer not in self.rates:
            return None
        return self.rates[subject].median / self.rates[peer].median


class Comparison(NamedTuple):
    family: str
    stores: list  # the subject first, where it was measured
    rows: list


def comparisons(runs, subject):
    """One for each family in which at least two stores were measured."""
    families = {}
    for name, counters in runs.benchmarks.items():
        parts = name.split("/")
        if len(parts) == 3 and RATE in counters and parts[0] != "growth":
            family = families.setdefault(parts[0], {})
            family.setdefault(parts[1], {})[parts[2]] = counters[RATE]
    found = []
    for family, operations in families.items():
        stores = list(dict.fromkeys(store for rates in operations.values() for store in rates))
        stores.sort(key=lambda store: store != subject)
        if len(stores) > 1:
            rows = [Row(operation, rates) for operation, rates in operations.items()]
            found.append(Comparison(family, stores, rows))
    return found


def others(runs, compared):
    """Names of benchmarks that no comparison shows, growth aside."""
    shown = {
        f"{one.family}/{row.operation}/{store}"
        for one in compared for row in one.rows for store in row.rates
    }
    return [
        name for name in runs.benchmarks if name not in shown and not name.startswith("growth/")
    ]
