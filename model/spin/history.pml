// What must hold, whoever fails: judged on the outside, by what clients and readers were told.
//
//   (a) no acknowledged commit is lost: what a client got its OK for is in every later source;
//   (b) no commit is seen and then gone: nor is what any reader saw, on a source or a replica;
//   (c) a term has one writable source, and no fenced source acknowledges a write;
//   (e) a read under a valid lease shows every commit that was acknowledged before it.
//   (f) at every moment, whichever quorum the next promotion may reach, the best durable log in it
//       has all that was ever acknowledged or shown: so no failover beyond the bounds loses it.
// (d), convergence, is in convergence.pml.
//
// `acknowledged` and `seen` are ghosts: the longest log prefix ever answered or shown. They work
// as a whole because all that was ever answered or shown must be one line of history: of two
// prefixes one continues the other. Where they do not, or where a source opens for clients
// without them, something was lost.
int acknowledged;
int seen;
byte opened;  // bit t: a source was writable in term t

// A counterexample ends in the first thing that goes wrong, unless -DONLY=PROPERTY says which of
// them is judged.
#define EVERYTHING 0
#define ACKNOWLEDGED_STAY 1
#define SEEN_STAY 2
#define ONE_SOURCE 3
#define READS_ARE_NEW 4
#define ALL_CONVERGE 5
#define QUORUMS_KNOW 6
#ifndef ONLY
#define ONLY EVERYTHING
#endif
#define JUDGED(property) (ONLY == EVERYTHING || ONLY == property)

#define MUST(property, condition, otherwise) \
  if \
  :: !JUDGED(property) || (condition) -> skip \
  :: else -> printf(otherwise); assert(false) \
  fi
#define LOST "@! a commit that a client was told of is lost\n"
#define GONE "@! a commit that a reader saw is gone\n"
#define UNDONE "@! the rewind would undo a commit of the engine, which readers saw\n"
#define FORGOTTEN "@! a promotion could now choose a log without what was told or shown\n"
#define ONE_LINE(a, b) (IS_PREFIX(a, b) || IS_PREFIX(b, a))
#define SHOWS(i) PREFIX(member[i].log, member[i].visible)
#define SERVES_READS(i) (member[i].writable && MAY_READ(i))

// A reader may look at member i now.
inline see(i) {
  shown = SHOWS(i);
  MUST(ACKNOWLEDGED_STAY, ONE_LINE(shown, acknowledged), LOST);
  MUST(SEEN_STAY, ONE_LINE(shown, seen), GONE);
  if
  :: LENGTH(shown) > LENGTH(seen) -> seen = shown
  :: else
  fi
}

// Source i answers OK for all its groups before position `to`.
#define LACKS(n, i) \
  (member[n].writable && member[n].term > member[i].term && !IS_PREFIX(shown, member[n].log))
inline answer(i, to) {
  shown = PREFIX(member[i].log, to);
  MUST(ACKNOWLEDGED_STAY, ONE_LINE(shown, acknowledged), LOST);
  MUST(SEEN_STAY, ONE_LINE(shown, seen), GONE);
  MUST(ONE_SOURCE, !LACKS(0, i) && !LACKS(1, i) && !LACKS(2, i),
       "@! a fenced source acknowledged a write that its successor does not have\n");
  if
  :: LENGTH(shown) > LENGTH(acknowledged) -> acknowledged = shown
  :: else
  fi;
  judge_reads()
}

// Source i opens for clients. A source that the next term has overtaken may still open, for as long
// as its lease lasts, without what the next term has begun to show: nothing is gone, its view is
// old. (That no read under its lease shows this is judged apart.) So no more is asked than one line
// of history. It is enough: a source that lacks a group has, in its place, the opening of its term.
inline judge_opening(i) {
  MUST(ACKNOWLEDGED_STAY, ONE_LINE(acknowledged, member[i].log), LOST);
  MUST(SEEN_STAY, ONE_LINE(seen, member[i].log), GONE);
  MUST(ONE_SOURCE, !(opened & (1 << member[i].term)), "@! a second writable source in one term\n");
  opened = opened | (1 << member[i].term);
  judge_reads()
}

// Every source that serves reads shows all that was acknowledged.
#define NEW_READS(n) (!SERVES_READS(n) || IS_PREFIX(acknowledged, SHOWS(n)))
inline judge_reads() {
  MUST(READS_ARE_NEW, NEW_READS(0) && NEW_READS(1) && NEW_READS(2),
       "@! a source serves a read that misses an acknowledged commit\n")
}

// Any two of three members are a quorum. Judged at the end of every step.
#define KEPT(i) PREFIX(member[i].log, member[i].durable)
#define BEST(a, b) (RANK(a) > RANK(b) -> (a) : (b))
#define HAS_ALL(log) (IS_PREFIX(acknowledged, log) && IS_PREFIX(seen, log))
inline judge_quorums() {
#if ONLY == EVERYTHING || ONLY == QUORUMS_KNOW
  shown = KEPT(0);
  one_log = KEPT(1);
  other_log = KEPT(2);
  shown = BEST(shown, one_log);
  MUST(QUORUMS_KNOW, HAS_ALL(shown), FORGOTTEN);
  one_log = BEST(one_log, other_log);
  MUST(QUORUMS_KNOW, HAS_ALL(one_log), FORGOTTEN);
  shown = KEPT(0);
  other_log = BEST(shown, other_log);
  MUST(QUORUMS_KNOW, HAS_ALL(other_log), FORGOTTEN)
#else
  skip
#endif
}
