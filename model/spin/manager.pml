// Promotion by a manager: revoke, discover, propagate, establish.
//
//   1. revoke: raise the term on a quorum of members. A member takes only a term higher than its
//      own; then it refuses the old stream, and if it is the old source, it is one no more.
//      R - W + 1 members, sources and replicas alike, meet every set of members that could have
//      acknowledged anything in any term. Two promotions must not open the same term either; a
//      member that both need sees to it, so a quorum is never less than a majority. That costs
//      nothing: where R - W + 1 is less, no source can open without the W + 1 who are more.
//   2. discover: each fenced member makes its log durable and reports it. Candidate is the one
//      with the highest (term of the last received group, position): it has all that was
//      acknowledged, and maybe more, which cannot be told apart and so is kept.
//   3. propagate: another fenced member may be preferred; it gets the missing groups first.
//   4. establish: the new source opens its term with a group of its own (source.pml).
//
// Two managers run, with no memory of each other. Either may stop anywhere, and be replaced by one
// that knows nothing (`gives up`). What the manager remembers of a report is the member's number:
// while that member stays in the manager's term its log cannot change, and once it has left the
// term nothing that this manager wants of it will be done.
typedef Manager {
  byte term;    // the term it tries to establish, 0 when idle
  byte fenced;  // bit i: member i has taken that term from it
  byte best;    // the fenced member of highest rank
  byte target;  // the member it copies to
  byte step;    // FENCING, COPYING, COPIED
}
#define FENCING 0
#define COPYING 1
#define COPIED 2

Manager manager[2];

#define COUNT(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1))
#define HAS(set, i) (((set) >> (i)) & 1)

#define REVOKING (REPLICAS - W + 1)
#define MAJORITY (MEMBERS / 2 + 1)
#if defined(SMALL_QUORUM)
#define QUORUM(who) (COUNT(manager[who].fenced) >= REVOKING - 1)
#elif defined(QUORUMS_APART)
#define QUORUM(who) (COUNT(manager[who].fenced) >= REVOKING)
#elif defined(OLD_SOURCE_ALONE)
// The first source of all counts as "the old source", whose own word is taken for a quorum.
#define QUORUM(who) (COUNT(manager[who].fenced) >= REVOKING || HAS(manager[who].fenced, 0))
#else
#define QUORUM(who) (COUNT(manager[who].fenced) >= BIGGER(REVOKING, MAJORITY))
#endif

#if defined(RANK_BY_EXECUTED)
#define MERIT(i) member[i].visible
#elif defined(RANK_BY_POSITION)
#define MERIT(i) LENGTH(member[i].log)
#else
#define MERIT(i) RANK(member[i].log)
#endif

#define IDLE(who) (manager[who].term == 0)
#define MAY_FENCE(who, i) \
  (manager[who].step == FENCING && !HAS(manager[who].fenced, i) && \
   (IDLE(who) -> MAY_START(who, i) : member[i].term < manager[who].term))
#define MAY_START(who, i) \
  (!quiet && (member[i].term + 1) <= TERMS)
#define IN_TERM(who, i) (member[i].term == manager[who].term)
#ifdef NO_FENCING
#define MAY_PROMOTE(who, i) (member[i].term < manager[who].term)
#else
#define MAY_PROMOTE(who, i) IN_TERM(who, i)
#endif

inline forget_promotion(who) {
  manager[who].term = 0; manager[who].fenced = 0; manager[who].best = 0;
  manager[who].target = 0; manager[who].step = FENCING
}

// The fenced member: its log is durable before it answers.
inline take_term(i, new_term) {
  member[i].term = new_term;
  member[i].durable = LENGTH(member[i].log);
  become_replica(i)
}

inline report(who, i) {
  if
  :: manager[who].fenced == 0 || MERIT(i) > MERIT(manager[who].best) -> manager[who].best = i
  :: else
  fi;
  manager[who].fenced = manager[who].fenced | (1 << i)
}

inline manager_fence(who, i) {
  d_step {
    MAY_FENCE(who, i) ->
    if
    :: IDLE(who) -> manager[who].term = (member[i].term + 1)
    :: else
    fi;
    reached(PROBE_BOTH_MANAGERS, !IDLE(1 - who));
#ifdef NO_FENCING
    printf("@ manager %d asks %c for its position, for term %d\n", who + 1, name[i],
           manager[who].term);
#else
    printf("@ manager %d raises %c to term %d\n", who + 1, name[i], manager[who].term);
    take_term(i, manager[who].term);
#endif
    report(who, i);
    step_ends()
  }
}

inline establish(who, i) {
  reached(PROBE_PROMOTED_WITH_UNACKNOWLEDGED,
          LENGTH(member[i].log) > LENGTH(acknowledged) && IS_PREFIX(acknowledged, member[i].log));
#ifdef NO_FENCING
  take_term(i, manager[who].term);
#endif
  member[i].durable = LENGTH(member[i].log);
  member[i].source = 1;
  forget_acknowledgements(i);
#ifndef REACK_WITHOUT_OPENING
  member[i].log = WITH(member[i].log, member[i].term);
#endif
  printf("@ manager %d promotes %c to source of term %d\n", who + 1, name[i], member[i].term);
  forget_promotion(who)
}

inline manager_promote(who) {
  d_step {
    manager[who].step == FENCING && !IDLE(who) && QUORUM(who) &&
    MAY_PROMOTE(who, manager[who].best) ->
    n = manager[who].best;
    establish(who, n);
    step_ends()
  }
}

inline manager_prefer(who, i) {
  d_step {
    manager[who].step == FENCING && !IDLE(who) && QUORUM(who) && HAS(manager[who].fenced, i) &&
    i != manager[who].best && IN_TERM(who, i) && IN_TERM(who, manager[who].best) && !quiet ->
    manager[who].target = i;
    manager[who].step =
      (member[i].log == member[manager[who].best].log -> COPIED : COPYING);
    printf("@ manager %d prefers %c to %c\n", who + 1, name[i], name[manager[who].best]);
    step_ends()
  }
}

// One group at a time, after a tail that the best one does not have is rewound. Each is durable
// before the manager counts it: else a power loss of the target between copy and promotion would
// promote a member without them.
inline manager_copy(who) {
  d_step {
    manager[who].step == COPYING && IN_TERM(who, manager[who].target) &&
    IN_TERM(who, manager[who].best) ->
    n = manager[who].target;
    one_log = member[n].log;
    other_log = member[manager[who].best].log;
    find_common();
    if
    :: common < LENGTH(member[n].log) ->
         printf("@ %c rewinds its tail: keeps positions up to %d\n", name[n], common);
         MUST(SEEN_STAY, member[n].visible <= common, UNDONE);
         member[n].log = PREFIX(member[n].log, common);
         member[n].durable = common
    :: else ->
         reached(PROBE_COPIED, true);
         member[n].log = WITH(member[n].log, AT(member[manager[who].best].log, common));
         printf("@ %c copies group %d:%d from %c into its relay log\n", name[n],
                AT(member[manager[who].best].log, common), common + 1,
                name[manager[who].best]);
#ifndef UNDURABLE_COPY
         member[n].durable = LENGTH(member[n].log)
#endif
    fi;
    manager[who].step =
      (member[n].log == member[manager[who].best].log -> COPIED : COPYING);
    step_ends()
  }
}

inline manager_promote_copy(who) {
  d_step {
    manager[who].step == COPIED && MAY_PROMOTE(who, manager[who].target) ->
    n = manager[who].target;
    establish(who, n);
    step_ends()
  }
}

inline manager_gives_up(who) {
  d_step {
    !IDLE(who) && !quiet ->
    printf("@ manager %d stops in the middle of its promotion\n", who + 1);
    forget_promotion(who);
    step_ends()
  }
}
