// The weakened variants: each takes one rule away, by one -D, and must lose something.
//
// A model in which nothing can go wrong proves nothing. So each rule that the protocol rests on can
// be switched off, and `check` demands a counterexample. Names in brackets are those of planted
// bugs and of real settings that make the same mistake.
//
//   ASYNC                 commit and OK without waiting for an acknowledgement
//   AFTER_COMMIT          the engine commits before the acknowledgement [after-commit-visible]
//   DEGRADE               a wait that times out goes on without acknowledgement [silent-degrade]
//   SEND_BEFORE_SYNC      the source sends what its binlog has not made durable [send-before-sync]
//   UNDURABLE_ACK         a replica acknowledges what it has not synced [ack-before-sync]
//   UNDURABLE_TERM        a power loss takes the term that a member had promised itself to
//   APPLY_UNDURABLE       a replica applies what it has not synced
//   APPLY_UNACKED         a replica applies what is not known to be acknowledged by enough
//   APPLY_INHERITED       a replica applies what it inherited before the opening is acknowledged
//   NO_FENCING            positions are asked for and no term is raised [promote-without-fence]
//   STALE_TERM_STREAM     a replica takes the stream of the term before its own [stale-term-ack]
//   SMALL_QUORUM          one member fewer than R - W + 1
//   QUORUMS_APART         R - W + 1 members are enough, even where that is no majority
//   OLD_SOURCE_ALONE      the old source's word is taken for a quorum
//   RANK_BY_EXECUTED      the candidate is the one that has applied most [rank-by-executed]
//   RANK_BY_POSITION      the candidate has the longest log, of whatever term
//   UNDURABLE_COPY        missing groups are copied to the candidate and not synced
//   NO_REACK              a promoted member opens without new acknowledgements
//   REACK_WITHOUT_OPENING the log is acknowledged again, but no group of the new term closes it
//   RESTART_COMMITS_TAIL  recovery commits the whole binlog [restart-commits-tail]
//   KEEP_TAIL             an old source goes on behind its own tail [rejoin-keeps-tail]
//   OVERTRUNCATE          a rewind goes back to the last applied group [rejoin-overtruncates]
//   BLANK_DISK_COUNTS     a member whose disk was replaced takes part as if nothing had happened
//   LEASE_IGNORED         a source serves reads after its lease has ended [lease-ignored]
//   NO_LEASE_WAIT         a successor opens without waiting for the old lease to end
