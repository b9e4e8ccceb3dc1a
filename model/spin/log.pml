// The log: binlog and relay log in one, a list of groups packed into one integer.
//
// A group is known by its term and its position, so a log is the list of its groups' terms, three
// bits each, the oldest in the lowest bits; 0 is "no group". Two groups with the same term and
// position are the same group, because a term has one source and that source never writes a
// position twice (a restart makes it a replica): property (c) of history.pml checks the first half.
// The first group of a term after the first is that term's opening, written by the promotion; every
// other group is a client's.
//
// A member's binlog and relay log are one log here: a replica that is promoted continues its relay
// log as its binlog, and a source that is demoted does the reverse. What the file formats can get
// wrong (rotation, half a transaction, torn ends) is attacked on the real files, not here.
#define BITS 3
#define AT(log, i) (((log) >> (BITS * (i))) & 7)
#define PREFIX(log, n) ((log) & ((1 << (BITS * (n))) - 1))
#define LENGTH(log) (((log) > 0) + ((log) > 7) + ((log) > 63) + ((log) > 511) + \
                     ((log) > 4095) + ((log) > 32767) + ((log) > 262143))
#define WITH(log, term) ((log) | ((term) << (BITS * LENGTH(log))))
#define IS_PREFIX(shorter, longer) (PREFIX(longer, LENGTH(shorter)) == (shorter))

// Rank of a log at a promotion: the term of the last group received, then the position.
#define LAST_TERM(log) ((log) == 0 -> 0 : AT(log, LENGTH(log) - 1))
#define RANK(log) (LAST_TERM(log) * 8 + LENGTH(log))

#define SMALLER(a, b) ((a) < (b) -> (a) : (b))
#define BIGGER(a, b) ((a) > (b) -> (a) : (b))

// Scratch of the atomic steps: written before it is read in the same step, so no part of the state.
// SPIN's breadth-first search (-DSHORTEST, for short counterexamples) cannot hide variables; there
// `step_ends` clears them instead.
#ifdef SHORTEST
#define SCRATCH
#else
#define SCRATCH hidden
#endif
SCRATCH byte common;
SCRATCH byte s;
SCRATCH byte n;
SCRATCH int shown;
SCRATCH int one_log;
SCRATCH int other_log;

// common = number of groups that the logs `one_log` and `other_log` share from the beginning.
inline find_common() {
  common = 0;
  do
  :: common < LENGTH(one_log) && AT(one_log, common) == AT(other_log, common) -> common++
  :: else -> break
  od
}
