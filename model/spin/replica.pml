// A replica: join a term, rewind, receive, sync, acknowledge, apply.
//
// Invariants that the rest leans on:
//   1. it takes groups and gives acknowledgements only within its own term;
//   2. it acknowledges only what is durable in its relay log, and only when all of its log is the
//      source's, so that a position means the same on both;
//   3. it applies only what is durable and known acknowledged (the source sends that position
//      along, from the opening of its term on), so that a rewind truncates the log and never undoes
//      an engine commit.
//
// Streams in flight: a group that arrives after its source has died or was fenced is, for the
// replica, a group that arrived just before; nobody can tell the two apart. So it reads the
// source's log directly.
#define MATCHES(me) IS_PREFIX(member[me].log, member[STREAM(me)].log)
#ifdef KEEP_TAIL
#define IN_LINE(me) true
#else
#define IN_LINE(me) MATCHES(me)
#endif

#if W == 1
#define GOT(of, me) member[of].got[0]
#else
#define GOT(of, me) member[of].got[me]
#endif

// Repointed: meets the source of a higher term. An old source demotes itself this way.
inline replica_join(me, to) {
  d_step {
    me != to && member[to].source && member[to].term > member[me].term ->
    reached(PROBE_OLD_SOURCE_JOINS, member[me].source);
    printf("@ %c follows %c in term %d\n", name[me], name[to], member[to].term);
    member[me].term = member[to].term;
    become_replica(me);
    step_ends()
  }
}

// A tail that the source does not have is cut off, down to the last common group.
inline replica_rewind(me) {
  d_step {
    FOLLOWS(me) && !IN_LINE(me) ->
    one_log = member[me].log;
    other_log = member[STREAM(me)].log;
    find_common();
#ifdef OVERTRUNCATE
    common = SMALLER(common, member[me].visible);
#endif
    reached(PROBE_REWOUND, true);
    printf("@ %c rewinds its tail: keeps positions up to %d\n", name[me], common);
    MUST(SEEN_STAY, member[me].visible <= common, UNDONE);
    member[me].log = PREFIX(member[me].log, common);
    member[me].durable = SMALLER(member[me].durable, common);
    step_ends()
  }
}

#ifdef SEND_BEFORE_SYNC
#define SENT(of) LENGTH(member[of].log)
#else
#define SENT(of) member[of].durable
#endif

inline replica_receive(me) {
  d_step {
    FOLLOWS(me) && IN_LINE(me) && LENGTH(member[me].log) < SENT(STREAM(me)) ->
    s = STREAM(me);
    n = LENGTH(member[me].log);
    member[me].log = WITH(member[me].log, AT(member[s].log, n));
    printf("@ %c receives group %d:%d from %c into its relay log\n", name[me],
           AT(member[s].log, n), n + 1, name[s]);
    step_ends()
  }
}

// Sync and acknowledgement are one step: an acknowledgement that is never sent cannot be told from
// one that the source never uses.
inline replica_sync(me) {
  d_step {
    FOLLOWS(me) && IN_LINE(me) && (member[me].durable < LENGTH(member[me].log) ||
                                   GOT(STREAM(me), me) < LENGTH(member[me].log)) ->
    member[me].durable = LENGTH(member[me].log);
    s = STREAM(me);
    GOT(s, me) = (GOT(s, me) < member[me].durable -> member[me].durable : GOT(s, me));
    printf("@ %c syncs its relay log and acknowledges position %d to %c\n", name[me],
           member[me].durable, name[s]);
    step_ends()
  }
}

inline replica_acknowledge(me) {
  d_step {
#ifdef UNDURABLE_ACK
    FOLLOWS(me) && IN_LINE(me) && GOT(STREAM(me), me) < LENGTH(member[me].log) ->
    s = STREAM(me);
    GOT(s, me) = LENGTH(member[me].log);
    printf("@ %c acknowledges position %d to %c without a sync\n", name[me],
           LENGTH(member[me].log), name[s]);
    step_ends()
#else
    false
#endif
  }
}

// The position that a source announces as acknowledged: nothing before its term's opening has been.
#define LAST_OF_ACKNOWLEDGED(of) AT(member[of].log, ACKNOWLEDGED(of) - 1)
#if defined(APPLY_INHERITED) || defined(REACK_WITHOUT_OPENING)
#define ANNOUNCED(of) ACKNOWLEDGED(of)
#else
#define ANNOUNCED(of) \
  (ACKNOWLEDGED(of) > 0 && LAST_OF_ACKNOWLEDGED(of) == member[of].term -> ACKNOWLEDGED(of) : 0)
#endif

#if defined(APPLY_UNDURABLE)
#define MAY_APPLY(me) SMALLER(LENGTH(member[me].log), LENGTH(member[STREAM(me)].log))
#elif defined(APPLY_UNACKED)
#define MAY_APPLY(me) member[me].durable
#else
#define MAY_APPLY(me) SMALLER(member[me].durable, ANNOUNCED(STREAM(me)))
#endif

inline replica_apply(me) {
  d_step {
    FOLLOWS(me) && IN_LINE(me) && member[me].visible < MAY_APPLY(me) ->
    member[me].visible = MAY_APPLY(me);
    printf("@ %c applies up to position %d: readers see it\n", name[me], member[me].visible);
    see(me);
    step_ends()
  }
}
