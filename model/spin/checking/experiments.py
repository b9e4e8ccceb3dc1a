"""The searches that `check` makes: which model, which bounds, and what must come out.

Bounds are those of cluster.pml. The sound protocol is searched several times, because no one set of
bounds is large in every direction and still small enough to be exhausted. A variant has the
smallest bounds in which its mistake can do harm.
"""

from typing import NamedTuple


class Violation(NamedTuple):
    """A property of history.pml, and what its violation says."""

    judge: str
    text: str

    def defines(self):
        return (f"ONLY={self.judge}",) if self.judge else ()


LOST = Violation("ACKNOWLEDGED_STAY", "a commit that a client was told of is lost")
GONE = Violation("SEEN_STAY", "a commit that a reader saw is gone")
UNDONE = Violation("SEEN_STAY", "the rewind would undo a commit of the engine, which readers saw")
TWO_SOURCES = Violation("ONE_SOURCE", "a second writable source in one term")
STALE = Violation("READS_ARE_NEW", "a source serves a read that misses an acknowledged commit")
DIFFERENT = Violation("ALL_CONVERGE", "the logs stay different for ever")
FENCED_ACK = Violation(
    "ONE_SOURCE", "a fenced source acknowledged a write that its successor does not have"
)
FORGOTTEN = Violation(
    "QUORUMS_KNOW", "a promotion could now choose a log without what was told or shown"
)
TWO_LEASES = Violation("", "the successor is open, and the old source still holds its lease")


class Bounds(NamedTuple):
    """What a search is bounded by; `wait` is W, the acknowledgements a commit waits for."""

    txns: int
    terms: int
    crashes: int
    wait: int = 1
    managers: int = 2

    def __str__(self):
        return (f"txns {self.txns}, terms {self.terms}, crashes {self.crashes}, "
                f"W {self.wait} of 2, managers {self.managers}")

    def defines(self):
        return (f"TXNS={self.txns}", f"TERMS={self.terms}", f"CRASHES={self.crashes}",
                f"W={self.wait}", f"MANAGERS={self.managers}")


class Unbounded(NamedTuple):
    """A model that is finite by itself."""

    def __str__(self):
        return "unbounded"

    def defines(self):
        return ()


class Sound(NamedTuple):
    """A complete search that must find nothing. Of `unreachable` probes it says why they are."""

    name: str
    about: str
    bounds: object
    defines: tuple = ("SYMMETRY",)
    model: str = "cluster.pml"
    unreachable: frozenset = frozenset()
    cycles: bool = False

    @property
    def all_defines(self):
        return self.defines


class Variant(NamedTuple):
    """One rule taken away by -D`name`; the search must end in `breaks`, and judges nothing else."""

    name: str
    bounds: object
    breaks: Violation
    defines: tuple = ()
    model: str = "cluster.pml"

    @property
    def all_defines(self):
        return (self.name, *self.defines, *self.breaks.defines())


# Probes that need a third group, a second term or a crash are out of reach where bounds have none.
NO_POWER_LOSS = frozenset({"BINLOG_LOST", "RELAY_LOG_LOST"})

LEASE = Sound("lease", "waiting gives what the lease of cluster.pml takes for granted", Unbounded(),
              (), "clocks.pml")

# In a quick run, small bounds; in a full one the widest that SPIN still exhausts, each reaching
# far in one direction: crashes, failovers, groups.
CONVERGE = ("CONVERGE", "SYMMETRY")
PLAIN = ("PLAIN", "SYMMETRY")
NOT_PLAIN = NO_POWER_LOSS | {"BOTH_MANAGERS", "LEASE_RENEWED", "COPIED"}
QUICK_SOUND = (
    LEASE,
    Sound("one-failover", "the smallest bounds with a crash", Bounds(1, 2, 1)),
    Sound("convergence", "faults stop, and all members end with one log", Bounds(1, 2, 1),
          CONVERGE),
    Sound("ends", "once faults stop, no run goes on for ever", Bounds(1, 2, 0), CONVERGE,
          cycles=True, unreachable=NO_POWER_LOSS),
)
FULL_SOUND = (
    LEASE,
    Sound("two-failovers", "failover after failover, with a crash", Bounds(1, 3, 1)),
    Sound("long-failovers", "failover after failover, with a tail", Bounds(2, 3, 0),
          unreachable=NO_POWER_LOSS),
    Sound("crashes", "a crash in the middle of what a crash began", Bounds(2, 2, 3)),
    Sound("groups", "a source with a long tail", Bounds(3, 2, 2)),
    Sound("both-replicas", "a commit waits for both replicas", Bounds(1, 3, 1, wait=2)),
    Sound("plain", "what variants with PLAIN are held against", Bounds(2, 3, 0, managers=1),
          PLAIN, unreachable=NOT_PLAIN),
    Sound("plain-4", "the same, over three failovers", Bounds(1, 4, 0, managers=1),
          PLAIN, unreachable=NOT_PLAIN),
    Sound("convergence", "faults stop, and all members end with one log", Bounds(2, 2, 2),
          CONVERGE),
    Sound("ends", "once faults stop, no run goes on for ever", Bounds(2, 2, 1), CONVERGE,
          cycles=True),
)

ONE_FAILOVER = Bounds(1, 2, 0)
ONE_FAILOVER_ONE_CRASH = Bounds(1, 2, 1)
TWO_FAILOVERS = Bounds(1, 3, 0)
DEEP = Bounds(2, 3, 0, managers=1)
DEEPEST = Bounds(1, 4, 0, managers=1)

VARIANTS = (
    Variant("ASYNC", ONE_FAILOVER, LOST),
    Variant("AFTER_COMMIT", ONE_FAILOVER, UNDONE),
    Variant("DEGRADE", ONE_FAILOVER, LOST),
    Variant("SEND_BEFORE_SYNC", ONE_FAILOVER_ONE_CRASH, UNDONE),
    Variant("UNDURABLE_ACK", ONE_FAILOVER_ONE_CRASH, LOST),
    Variant("UNDURABLE_TERM", ONE_FAILOVER_ONE_CRASH, LOST),
    Variant("APPLY_UNDURABLE", ONE_FAILOVER_ONE_CRASH, GONE),
    Variant("APPLY_UNACKED", DEEPEST, UNDONE, ("PLAIN",)),
    Variant("APPLY_INHERITED", DEEPEST, UNDONE, ("PLAIN",)),
    Variant("NO_FENCING", ONE_FAILOVER, UNDONE),
    Variant("NO_FENCING", Bounds(0, 2, 0), TWO_SOURCES, ("PLAIN",)),
    Variant("STALE_TERM_STREAM", ONE_FAILOVER, LOST),
    Variant("STALE_TERM_STREAM", ONE_FAILOVER, FENCED_ACK, ("PLAIN",)),
    Variant("SMALL_QUORUM", ONE_FAILOVER, LOST),
    Variant("QUORUMS_APART", Bounds(1, 2, 1, wait=2), UNDONE),
    Variant("OLD_SOURCE_ALONE", TWO_FAILOVERS, UNDONE),
    Variant("RANK_BY_EXECUTED", ONE_FAILOVER, LOST),
    Variant("RANK_BY_POSITION", DEEP, UNDONE, ("PLAIN",)),
    Variant("UNDURABLE_COPY", ONE_FAILOVER_ONE_CRASH, LOST),
    Variant("NO_REACK", TWO_FAILOVERS, UNDONE),
    Variant("REACK_WITHOUT_OPENING", DEEPEST._replace(txns=2), UNDONE, ("PLAIN",)),
    Variant("RESTART_COMMITS_TAIL", ONE_FAILOVER_ONE_CRASH, UNDONE),
    Variant("OVERTRUNCATE", Bounds(2, 2, 0, managers=1), FORGOTTEN, ("PLAIN",)),
    Variant("KEEP_TAIL", ONE_FAILOVER, GONE),
    Variant("KEEP_TAIL", ONE_FAILOVER, DIFFERENT, ("PLAIN", "CONVERGE")),
    Variant("OVERTRUNCATE", DEEP, UNDONE, ("PLAIN",)),
    Variant("BLANK_DISK_COUNTS", ONE_FAILOVER_ONE_CRASH, LOST),
    Variant("LEASE_IGNORED", ONE_FAILOVER, STALE),
    Variant("NO_LEASE_WAIT", ONE_FAILOVER, STALE),
    Variant("WAIT_WITHOUT_DRIFT", Unbounded(), TWO_LEASES, model="clocks.pml"),
    Variant("LEASE_FROM_RECEIPT", Unbounded(), TWO_LEASES, model="clocks.pml"),
    Variant("CLOCK_STOPS", Unbounded(), TWO_LEASES, model="clocks.pml"),
)


# The old source of a term long gone, whose word makes it a source again: too deep for a quick run.
FULL_VARIANTS = (
    Variant("OLD_SOURCE_ALONE", Bounds(1, 3, 0, managers=1), LOST, ("PLAIN",)),
)


def searches(quick):
    return QUICK_SOUND + VARIANTS if quick else FULL_SOUND + VARIANTS + FULL_VARIANTS
