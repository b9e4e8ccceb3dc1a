// The life of a COMMIT on the source: flush, sync, ack, commit, OK.
//
// A group is appended to the binlog (flush), made durable by one fdatasync (sync), acknowledged as
// durable by W replicas (ack), committed in the engine, and only then answered: AFTER_SYNC. Engine
// commit and OK are one step: what a reader may see is held to the same promise as what a client
// was told, so a crash between the two has nothing to add.
//
// A new source is not writable yet. Its binlog ends with the opening group of its term; when W
// replicas have acknowledged *that*, everything inherited is acknowledged in the new term, and it
// opens. That the opening is a group in the log is no ornament: see REACK_WITHOUT_OPENING. It opens
// only under a lease of its own: acknowledgements that come late could otherwise open a source that
// has long been replaced.
byte groups;  // client groups flushed so far

// How far the source may commit in its engine, and answer. Each weaker mode is one line.
#if defined(ASYNC)
#define MAY_COMMIT(me) member[me].durable
#define MAY_ANSWER(me) member[me].visible
#elif defined(AFTER_COMMIT)
#define MAY_COMMIT(me) member[me].durable
#define MAY_ANSWER(me) SMALLER(member[me].visible, ACKNOWLEDGED(me))
#else
#define MAY_COMMIT(me) SMALLER(member[me].durable, ACKNOWLEDGED(me))
#define MAY_ANSWER(me) member[me].visible
#endif

inline source_flush(me) {
  d_step {
    member[me].writable && MAY_WRITE(me) && groups < TXNS && !quiet ->
    groups++;
    member[me].log = WITH(member[me].log, member[me].term);
    printf("@ %c flushes group %d:%d to its binlog\n", name[me], member[me].term,
           LENGTH(member[me].log));
    step_ends()
  }
}

inline source_sync(me) {
  d_step {
    member[me].source && member[me].durable < LENGTH(member[me].log) ->
    member[me].durable = LENGTH(member[me].log);
    printf("@ %c syncs its binlog: durable up to position %d\n", name[me], member[me].durable);
    step_ends()
  }
}

inline source_commit(me) {
  d_step {
    member[me].writable && member[me].visible < MAY_COMMIT(me) ->
    reached(PROBE_LATE_ACK, HEARD(me) == 0);
    member[me].visible = MAY_COMMIT(me);
    printf("@ %c commits in its engine up to position %d: readers see it\n", name[me],
           member[me].visible);
    see(me);
#ifndef AFTER_COMMIT
    printf("@ %c answers OK up to position %d\n", name[me], member[me].visible);
    answer(me, member[me].visible);
#endif
    step_ends()
  }
}

// Where the answer is a step of its own: AFTER_COMMIT, and a wait that timed out under DEGRADE.
inline source_answer(me) {
  d_step {
#if defined(AFTER_COMMIT)
    member[me].writable && LENGTH(acknowledged) < MAY_ANSWER(me) ->
    printf("@ %c has its acknowledgements: answers OK up to position %d\n", name[me],
           MAY_ANSWER(me));
    common = MAY_ANSWER(me);
    answer(me, common);
#elif defined(DEGRADE)
    member[me].writable && member[me].visible < member[me].durable ->
    member[me].visible = member[me].durable;
    printf("@ %c waits too long for acknowledgements and degrades to asynchronous\n", name[me]);
    printf("@ %c commits in its engine and answers OK up to position %d\n", name[me],
           member[me].visible);
    see(me);
    answer(me, member[me].visible);
#else
    false;
#endif
    step_ends()
  }
}

// The opening of a term: what was inherited is now acknowledged in this term.
#if defined(NO_REACK)
#define MAY_OPEN(me) (member[me].durable == LENGTH(member[me].log))
#else
#define MAY_OPEN(me) (member[me].durable == LENGTH(member[me].log) && \
                      ACKNOWLEDGED(me) >= member[me].durable)
#endif

#define OTHER_SOURCE(me) \
  ((me != 0 && member[0].source) || (me != 1 && member[1].source) || \
   (me != 2 && member[2].source))

inline source_open(me) {
  d_step {
    member[me].source && !member[me].writable && MAY_OPEN(me) &&
    MAY_WRITE(me) && OLD_LEASES_ENDED(me) ->
    reached(PROBE_INHERITED_BECOMES_ACKNOWLEDGED,
            !IS_PREFIX(PREFIX(member[me].log, member[me].durable - 1), acknowledged));
    reached(PROBE_LAST_TERM_OPENS, member[me].term == TERMS);
    reached(PROBE_OPENS_BESIDE_OLD_SOURCE, OTHER_SOURCE(me));
    member[me].writable = 1;
    member[me].visible = member[me].durable;
    printf("@ %c opens for clients as the source of term %d\n", name[me], member[me].term);
    judge_opening(me);
    see(me);
    step_ends()
  }
}
