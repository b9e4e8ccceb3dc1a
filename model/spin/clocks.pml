// The lease with clocks: why a wait of lease times drift is enough, and what it rests on.
//
// In lease.pml a successor opens when the old source's lease has ended, as if it could see that. It
// cannot: it only waits, by its own clock. Here are two clocks that run at different speeds. In one
// tick of true time each advances by 3, 4 or 5 units, as it likes: a drift of a quarter either way,
// over every interval however short, far worse than real clocks, so that few ticks show everything.
//
// The old source sends heartbeats; as long as its replicas are not fenced they answer, and the
// answer may take any time. It holds its lease while its clock is less than LEASE past the moment
// when it *sent* the last heartbeat that was answered. The successor notes its clock when the
// fencing of a quorum is complete, and opens WAIT later. Must hold: then the lease has ended.
//
// Taken away by -D, each must break it:
//   WAIT_WITHOUT_DRIFT    the successor waits the lease by its own clock, with nothing for drift
//   LEASE_FROM_RECEIPT    the lease counts from when the answer came
//   CLOCK_STOPS           the old source's clock may stand still, as that of a paused machine may
//
// A source that is paused with a running clock is safe: it looks at the clock again before it
// answers. One heartbeat is under way at a time; one successor waits.
#include "probing.pml"
#define PROBE_OPENED 0
#define PROBE_RENEWED_WHILE_FENCED 1

#define LEASE 16
#define FASTEST 5
#define SLOWEST 3
#ifdef WAIT_WITHOUT_DRIFT
#define WAIT LEASE
#else
#define WAIT ((LEASE * FASTEST + SLOWEST - 1) / SLOWEST)
#endif
#ifdef CLOCK_STOPS
#define STEP_LEAST 0
#else
#define STEP_LEAST SLOWEST
#endif

// Readings of clocks since something happened. What lies further back than any comparison looks is
// all the same, so they stop there, time has no end, and the states are few.
byte since_sent;        // by the source: the heartbeat under way
byte since_lease;       // by the source: what the lease counts from
byte since_fenced;      // by the successor
bit under_way;
bit answered;           // by a quorum of replicas; the answer has not arrived
bit fenced;
bit opened;

#define HOLDS (since_lease < LEASE)
#define LATER(reading, units, enough) \
  ((reading) + (units) < (enough) -> (reading) + (units) : (enough))

// One tick of true time, in units of each clock.
inline tick(of_source, of_successor) {
  d_step {
    of_source >= STEP_LEAST && (HOLDS || since_fenced < WAIT) ->
    since_sent = (under_way -> LATER(since_sent, of_source, LEASE) : 0);
    since_lease = LATER(since_lease, of_source, LEASE);
    since_fenced = (fenced -> LATER(since_fenced, of_successor, WAIT) : 0);
    printf("@ a tick: %d units for the source, %d for the successor\n", of_source, of_successor);
    judge()
  }
}

inline judge() {
  if
  :: opened && HOLDS ->
       printf("@! the successor is open, and the old source still holds its lease\n");
       assert(false)
  :: else -> skip
  fi
}

active proctype clocks() {
end:
  do
  :: tick(3, 3)
  :: tick(3, 4)
  :: tick(3, 5)
  :: tick(4, 3)
  :: tick(4, 4)
  :: tick(4, 5)
  :: tick(5, 3)
  :: tick(5, 4)
  :: tick(5, 5)
  :: tick(0, 5)
  od
}

active proctype old_source() {
end:
  do
  :: d_step {
       !under_way ->
       under_way = 1;
       printf("@ the source sends a heartbeat\n")
     }
  :: d_step {
       answered ->
       printf("@ the answer arrives, %d units after the heartbeat was sent\n", since_sent);
#ifdef LEASE_FROM_RECEIPT
       since_lease = 0;
#else
       since_lease = since_sent;
#endif
       reached(PROBE_RENEWED_WHILE_FENCED, fenced && HOLDS);
       under_way = 0;
       answered = 0;
       since_sent = 0;
       judge()
     }
  od
}

active proctype replicas() {
end:
  do
  :: d_step {
       under_way && !answered && !fenced ->
       answered = 1;
       printf("@ a quorum of replicas answers the heartbeat\n")
     }
  od
}

active proctype successor() {
end:
  do
  :: d_step {
       !fenced ->
       fenced = 1;
       printf("@ a quorum is fenced; the successor waits\n")
     }
  :: d_step {
       fenced && !opened && since_fenced >= WAIT ->
       opened = 1;
       reached(PROBE_OPENED, true);
       printf("@ the successor opens\n");
       judge()
     }
  od
}
