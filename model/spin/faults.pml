// Crashes: a kill forgets what the process knew, a power loss also what was not synced.
//
// A kill of a replica changes nothing that this model has (its page cache survives), so only a
// source is killed. A power loss cuts the log anywhere behind its durable end: `more` groups beyond
// it happen to survive. Torn groups are recognised by their checksums and count as absent.
byte crashes;

inline member_killed(me) {
  d_step {
    crashes < CRASHES && member[me].source && !quiet ->
    crashes++;
    printf("@ %c is killed, and restarts read-only\n", name[me]);
    restart(me);
    step_ends()
  }
}

inline member_loses_power(me, more) {
  d_step {
    crashes < CRASHES && !quiet && member[me].durable + more < LENGTH(member[me].log) ->
    reached(PROBE_BINLOG_LOST, member[me].source);
    reached(PROBE_RELAY_LOG_LOST, !member[me].source);
    crashes++;
    member[me].log = PREFIX(member[me].log, member[me].durable + more);
    member[me].visible = SMALLER(member[me].visible, LENGTH(member[me].log));
    printf("@ %c loses power and restarts with its log up to position %d\n", name[me],
           LENGTH(member[me].log));
#ifdef UNDURABLE_TERM
    member[me].term = (member[me].log == 0 -> 1 : LAST_TERM(member[me].log));
#endif
    restart(me);
    step_ends()
  }
}

// Only as a variant: the rule is that such a member takes no part before it has been seeded.
inline member_loses_disk(me) {
  d_step {
#ifdef BLANK_DISK_COUNTS
    crashes < CRASHES && !quiet ->
    crashes++;
    member[me].log = 0;
    member[me].durable = 0;
    member[me].visible = 0;
    member[me].term = 1;
    printf("@ %c restarts with an empty disk\n", name[me]);
    restart(me);
#else
    false;
#endif
    step_ends()
  }
}

inline restart(me) {
  become_replica(me);
#ifdef RESTART_COMMITS_TAIL
  member[me].visible = LENGTH(member[me].log);
  printf("@ %c commits its whole binlog in recovery: readers see it\n", name[me]);
  see(me)
#else
  skip
#endif
}
