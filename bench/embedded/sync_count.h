// Counts and times what a program asks the device to make durable, whichever library asks.
//
// The program defines fdatasync and fsync itself, in front of the C library's; each call is counted
// and handed to the kernel. So every figure about durable work stands beside the number of syncs it
// took, and a store that forgot to sync, or a setting that turned it off, shows at once. The time
// they took tells a slow store from a device that others kept busy.
//
// Not seen: writes through a descriptor opened with O_DSYNC. LMDB writes its meta page so: it has
// one more flush a commit than is counted here.
#pragma once

#include <cstdint>

namespace aftersync::bench {

struct Syncs {
  uint64_t count = 0;
  uint64_t nanoseconds = 0;  // added up over threads
};

// Calls of fdatasync and fsync by this process that have returned success so far.
[[nodiscard]] Syncs syncs_so_far();

[[nodiscard]] inline Syncs operator-(const Syncs& a, const Syncs& b) {
  return {a.count - b.count, a.nanoseconds - b.nanoseconds};
}
inline Syncs& operator+=(Syncs& a, const Syncs& b) {
  a.count += b.count;
  a.nanoseconds += b.nanoseconds;
  return a;
}

}  // namespace aftersync::bench
