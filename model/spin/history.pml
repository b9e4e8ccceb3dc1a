// What must hold, whoever fails: judged on the outside, by what clients and readers were told.
//
//   (a) no acknowledged commit is lost: what a client got its OK for is in every later source;
//   (b) no commit is seen and then gone: nor is what any reader saw, on a source or a replica;
//   (c) a term has one writable source, and no fenced source acknowledges a write;
//   (e) a read under a valid lease shows every commit that was acknowledged before it.
// (d), convergence, is in convergence.pml.
//
// `acknowledged` and `seen` are ghosts: the longest log prefix ever answered or shown. They work
// as a whole because all that was ever answered or shown must be one line of history: of two
// prefixes one continues the other. Where they do not, or where a source opens for clients
// without them, something was lost.
int acknowledged;
int seen;
byte opened;  // bit t: a source was writable in term t

#define MUST(condition, otherwise) \
  if \
  :: (condition) -> skip \
  :: else -> printf(otherwise); assert(false) \
  fi
// For a counterexample that ends in a client's loss rather than in the first thing that goes wrong,
// -DONLY_ACKNOWLEDGED judges (a) alone.
#ifdef ONLY_ACKNOWLEDGED
#define MUST_ALSO(condition, otherwise) skip
#else
#define MUST_ALSO(condition, otherwise) MUST(condition, otherwise)
#endif
#define ONE_LINE(a, b) (IS_PREFIX(a, b) || IS_PREFIX(b, a))
#define SHOWS(i) PREFIX(member[i].log, member[i].visible)
#define SERVES_READS(i) (member[i].writable && MAY_READ(i))

// A reader may look at member i now.
inline see(i) {
  shown = SHOWS(i);
  MUST(ONE_LINE(shown, acknowledged), "@! a commit that a client was told of is lost\n");
  MUST_ALSO(ONE_LINE(shown, seen), "@! a commit that a reader saw is gone\n");
  if
  :: LENGTH(shown) > LENGTH(seen) -> seen = shown
  :: else
  fi
}

// Source i answers OK for all its groups before position `to`.
inline answer(i, to) {
  shown = PREFIX(member[i].log, to);
  MUST(ONE_LINE(shown, acknowledged), "@! a commit that a client was told of is lost\n");
  MUST_ALSO(ONE_LINE(shown, seen), "@! a commit that a reader saw is gone\n");
  n = 0;
  do
  :: n < MEMBERS && member[n].writable && member[n].term > member[i].term &&
     !IS_PREFIX(shown, member[n].log) ->
       printf("@! a fenced source acknowledged a write that its successor does not have\n");
       assert(false)
  :: n < MEMBERS && !(member[n].writable && member[n].term > member[i].term &&
     !IS_PREFIX(shown, member[n].log)) -> n++
  :: else -> break
  od;
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
  MUST(ONE_LINE(acknowledged, member[i].log), "@! a commit that a client was told of is lost\n");
  MUST_ALSO(ONE_LINE(seen, member[i].log), "@! a commit that a reader saw is gone\n");
  MUST_ALSO(!(opened & (1 << member[i].term)), "@! a second writable source in one term\n");
  opened = opened | (1 << member[i].term);
  judge_reads()
}

// Every source that serves reads shows all that was acknowledged.
inline judge_reads() {
  n = 0;
  do
  :: n < MEMBERS && SERVES_READS(n) && !IS_PREFIX(acknowledged, SHOWS(n)) ->
       printf("@! %c serves a read that misses an acknowledged commit\n", name[n]);
       assert(false)
  :: n < MEMBERS && !(SERVES_READS(n) && !IS_PREFIX(acknowledged, SHOWS(n))) -> n++
  :: else -> break
  od
}
