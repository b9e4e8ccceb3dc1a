// A member's state: what its disk holds, and what it forgets when its process ends.
//
// Durable: `term`, and the log up to `durable`. The log beyond that is in the page cache: it
// survives a kill and not a power loss. `visible` is how far the engine has committed: readers see
// it. The engine's own redo is not forced, but recovery re-applies from the binlog, which is
// durable beyond `visible`, so a restart never shows less; the model therefore keeps `visible`.
//
// Forgotten by every restart: whether it is a source, its lease, which acknowledgements it has.
// A member that restarts belongs to a managed cluster and so starts read-only, as nobody's source.
//
// There is no "down": a member that is down takes no step, and no step is ever forced. What a crash
// changes is what it forgets, and that happens at once.
typedef Member {
  byte term;     // highest term it has promised itself to
  int log;
  byte durable;  // groups of the log that a power loss leaves
  byte visible;  // groups the engine has committed
  bit source;    // takes part in `term` as its source
  bit writable;  // as a source: its log is acknowledged in its term, clients may write
  bit lease;     // as a source: believes that nobody can have replaced it
#if W == 1
  byte got[1];   // as a source: highest position that any replica acknowledged in its term
#else
  byte got[MEMBERS];  // the same, of each replica
#endif
}

Member member[MEMBERS];
SCRATCH byte name[MEMBERS];

#define NONE MEMBERS
#define LEADS(i, of_term) (member[i].source && member[i].term == (of_term))
#define SOURCE_OF(of_term) \
  (LEADS(0, of_term) -> 0 : (LEADS(1, of_term) -> 1 : (LEADS(2, of_term) -> 2 : NONE)))

// The source whose stream a replica accepts: that of its own term, and of no older one.
#ifdef STALE_TERM_STREAM
#define STREAM(me) (SOURCE_OF(member[me].term) != NONE -> SOURCE_OF(member[me].term) : \
                    SOURCE_OF(member[me].term - 1))
#else
#define STREAM(me) SOURCE_OF(member[me].term)
#endif
#define FOLLOWS(me) (!member[me].source && STREAM(me) != NONE)

// Acknowledgements are cumulative positions. One in flight is in `got` already: a source that has
// not used it yet cannot be told from one that has not received it yet. With W = 1 only the highest
// counts; else the lowest (the source's own place holds 7, which is no limit).
#if W == 1
#define ACKNOWLEDGED(i) member[i].got[0]
#else
#define ACKNOWLEDGED(i) \
  SMALLER(member[i].got[0], SMALLER(member[i].got[1], member[i].got[2]))
#endif

inline forget_acknowledgements(i) {
#if W == 1
  member[i].got[0] = 0
#else
  member[i].got[0] = 0; member[i].got[1] = 0; member[i].got[2] = 0;
  if
  :: member[i].source -> member[i].got[i] = 7
  :: else
  fi
#endif
}

inline become_replica(i) {
  member[i].source = 0;
  member[i].writable = 0;
  member[i].lease = 0;
  forget_acknowledgements(i)
}
