// Probes: states that must be reachable, or the proof is about nothing.
//
// "No bad state was found" is also true of a model that never gets anywhere. A probe marks a step
// that a run worth its name must take; the search itself notes the first time it does, and `check`
// fails where one was never reached. They are counted in the very search that claims soundness.
#include "probing.pml"

#define PROBE_BOTH_MANAGERS 0
#define PROBE_PROMOTED_WITH_UNACKNOWLEDGED 1
#define PROBE_INHERITED_BECOMES_ACKNOWLEDGED 2
#define PROBE_REWOUND 3
#define PROBE_COPIED 4
#define PROBE_OLD_SOURCE_JOINS 5
#define PROBE_OPENS_BESIDE_OLD_SOURCE 6
#define PROBE_LATE_ACK 7
#define PROBE_LAST_TERM_OPENS 8
#define PROBE_LEASE_RENEWED 9
#define PROBE_BINLOG_LOST 10
#define PROBE_RELAY_LOG_LOST 11
// Only where faults stop: the end that all runs must come to.
#define PROBE_CONVERGE_SETTLED 12
