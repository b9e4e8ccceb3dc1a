// How often the simulated hardware misbehaves: plain data that a plan sets and a minimiser clears.
//
// Probabilities are per operation, in [0, 1]. All zero is perfect hardware. Latencies are drawn
// uniformly from [min, max].
#pragma once

#include "core/platform/time.h"

namespace aftersync::sim {

struct DiskFaults {
  double read_error = 0;         // EIO; nothing is read
  double write_error = 0;        // EIO; part of the range may have been written
  double no_space = 0;           // ENOSPC; nothing is written
  double sync_error = 0;         // EIO from fdatasync: unsynced sectors are dropped from the cache
  double bit_rot = 0;            // a durable bit of the range read has flipped
  double misdirected_write = 0;  // a synced sector lands elsewhere in its file
  bool torn_power_loss = true;   // power loss keeps any subset of unsynced sectors (else: none)
  Duration latency_min = 10us;   // of reads and writes that reach the cache
  Duration latency_max = 100us;
  Duration sync_latency_min = 100us;
  Duration sync_latency_max = 2ms;
  double stall = 0;  // an operation takes stall_duration instead
  Duration stall_duration = 2s;
  uint64_t capacity_bytes = UINT64_MAX;  // beyond it: ENOSPC
};

struct NetworkFaults {
  Duration latency_min = 50us;
  Duration latency_max = 500us;
  double reset = 0;  // a send breaks the connection for both sides
  double stall = 0;  // a segment, and all behind it, is late by stall_duration
  Duration stall_duration = 1s;
  double short_receive = 0.1;     // receive returns fewer bytes than have arrived
  uint64_t bytes_per_second = 0;  // per link and direction; 0: unlimited
};

struct ClockFaults {
  int32_t drift_ppm = 0;    // of the monotonic and wall clocks against true time
  Duration wall_offset{0};  // of the wall clock
};

}  // namespace aftersync::sim
