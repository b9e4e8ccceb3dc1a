// The lease, without clocks: one bit on the source, and a wait at the opening.
//
// A source that has lost its replicas for longer than its lease serves no writes and no
// linearizable reads. The lease counts from when a heartbeat was *sent*, and is renewed by W
// replicas that are in its term. A successor opens only when the old lease must have ended: it has
// waited the lease and the bound on clock drift since it fenced a quorum, or the old source has
// confirmed.
//
// Here the wait is a guard that reads the old source's bit. That this is what waiting gives, for
// clocks that run at different speeds, is the subject of clocks.pml.
//
// -DPLAIN, for counterexamples that lie deep, leaves out leases and preferred candidates: nobody
// holds a lease, nobody waits for one, and no read is judged as linearizable.
#if defined(PLAIN)
#define MAY_WRITE(i) true
#define MAY_READ(i) false
#elif defined(LEASE_IGNORED)
#define MAY_WRITE(i) member[i].lease
#define MAY_READ(i) true
#else
#define MAY_WRITE(i) member[i].lease
#define MAY_READ(i) member[i].lease
#endif

#define HOLDS_LEASE(i, me) (i != me && member[i].source && member[i].lease)
#if defined(NO_LEASE_WAIT) || defined(PLAIN)
#define OLD_LEASES_ENDED(me) true
#else
#define OLD_LEASES_ENDED(me) \
  (!HOLDS_LEASE(0, me) && !HOLDS_LEASE(1, me) && !HOLDS_LEASE(2, me))
#endif

#ifdef PLAIN
#define HEARD_ENOUGH(me) false
#else
#define HEARD_ENOUGH(me) (HEARD(me) >= W)
#endif
#define IN_TERM_OF(i, me) (i != me && member[i].term == member[me].term)
#define HEARD(me) (IN_TERM_OF(0, me) + IN_TERM_OF(1, me) + IN_TERM_OF(2, me))

// -DRESTLESS lets leases end for no reason after faults have stopped: no rule of the protocol, but
// a run without end, which shows that convergence.pml would find one.
#ifdef RESTLESS
#define MAY_END true
#else
#define MAY_END !quiet
#endif

inline lease_ends(me) {
  d_step {
    member[me].lease && MAY_END ->
    member[me].lease = 0;
    printf("@ %c hears of too few replicas: its lease ends\n", name[me]);
    step_ends()
  }
}

inline lease_renews(me) {
  d_step {
    member[me].source && !member[me].lease && HEARD_ENOUGH(me) ->
    reached(PROBE_LEASE_RENEWED, member[me].writable);
    member[me].lease = 1;
    printf("@ %c hears of its replicas: it holds a lease\n", name[me]);
    judge_reads();
    step_ends()
  }
}
