"""Which links a partition cuts: rules without state or network.

A link is an ordered pair (from, to). All shapes but `one-way` cut both ways. Names follow Jepsen:
each node of a ring sees a majority, and no two see the same.
"""

from jepsen.net import CLIENTS

SHAPES = ("one-way", "two-way", "minority", "majority", "ring", "primary", "primary-and-clients")


def both_ways(links):
    one_way = frozenset(links)
    return one_way | frozenset((b, a) for a, b in one_way)


def between(one_side, other_side):
    return both_ways((a, b) for a in one_side for b in other_side)


def links_of(shape, nodes, primary, source):
    """The cut links; `source` is a random.Random that picks nodes.

      one-way   what one node sends to another
      two-way   one pair of nodes
      minority  a random minority from the rest; the primary is not in it
      majority  the same with the primary in the minority, so that the majority is without one
      ring      see above; needs five nodes, with fewer it is two-way
      primary   the primary from all other nodes; clients still reach it
    """
    others = [node for node in nodes if node != primary]
    shuffled = source.sample(others, len(others))
    if len(nodes) < 2:
        return frozenset()
    if shape == "one-way":
        pair = source.sample(list(nodes), 2)
        return frozenset([tuple(pair)])
    if shape == "two-way" or (shape == "ring" and len(nodes) < 5):
        return between([shuffled[0]], [source.choice([n for n in nodes if n != shuffled[0]])])
    if shape == "ring":
        return _ring(source.sample(list(nodes), len(nodes)))
    size = max((len(nodes) - 1) // 2, 1)
    if shape == "minority":
        return between(shuffled[:size], [primary, *shuffled[size:]])
    if shape == "majority":
        return between([primary, *shuffled[:size - 1]], shuffled[size - 1:])
    cut = between([primary], others)
    if shape == "primary-and-clients":
        cut |= between([primary], [CLIENTS])
    return cut


def _ring(order):
    """Each node keeps its nearest neighbours on both sides: together with itself, a majority."""
    reach = (len(order) // 2 + 1) // 2
    cut = set()
    for at, a in enumerate(order):
        for to, b in enumerate(order):
            apart = abs(at - to)
            if a != b and min(apart, len(order) - apart) > reach:
                cut.add((a, b))
    return frozenset(cut)
