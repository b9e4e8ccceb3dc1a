// PROBE: "some test must reach here".
//
// Rare branches (a torn page repaired, a split of the root, a retry after a reset) are where bugs
// live, and a suite that never enters them proves nothing about them. PROBE("name") counts its
// visits. A report after a campaign lists the probes that stayed at zero, which are the holes in
// the campaign. Probes observe; no behaviour may depend on one.
//
// Each PROBE is one constant-initialised object in its own linker section, so that those never
// reached are known without having run. Counting is a relaxed increment, safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

namespace aftersync {

struct Probe {
  const char* name;
  const char* file;
  int line;
  std::atomic<uint64_t> visits;
};

struct ProbeReading {
  std::string_view name;
  std::string_view file;
  int line;
  uint64_t visits;
};

// All probes linked into this program, ordered by name; sites that share a name are added up
// (file and line are those of the first).
[[nodiscard]] std::vector<ProbeReading> read_probes();

// Sets every count to zero.
void reset_probes();

}  // namespace aftersync

#define PROBE(probe_name)                                                                        \
  do {                                                                                           \
    [[gnu::section("aftersync_probes"),                                                          \
      gnu::used]] static constinit ::aftersync::Probe probe_here{probe_name, __FILE__, __LINE__, \
                                                                 0};                             \
    probe_here.visits.fetch_add(1, std::memory_order_relaxed);                                   \
  } while (false)
