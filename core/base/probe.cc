// PROBE: reads the linker section in which every probe of the program lies.
#include "core/base/probe.h"

#include <map>

// The linker defines these around a section whose name is an identifier; weak, so that a program
// without any probe still links. hidden, so that no shared library answers for us.
extern "C" {
[[gnu::weak, gnu::visibility("hidden")]] extern aftersync::Probe __start_aftersync_probes[];
[[gnu::weak, gnu::visibility("hidden")]] extern aftersync::Probe __stop_aftersync_probes[];
}

namespace aftersync {

std::vector<ProbeReading> read_probes() {
  std::map<std::string_view, ProbeReading> by_name;
  for (Probe* p = __start_aftersync_probes; p != __stop_aftersync_probes; ++p) {
    const uint64_t visits = p->visits.load(std::memory_order_relaxed);
    const auto it = by_name.try_emplace(p->name, ProbeReading{p->name, p->file, p->line, 0}).first;
    it->second.visits += visits;
  }
  std::vector<ProbeReading> readings;
  readings.reserve(by_name.size());
  for (const auto& [name, reading] : by_name) readings.push_back(reading);
  return readings;
}

void reset_probes() {
  for (Probe* p = __start_aftersync_probes; p != __stop_aftersync_probes; ++p) {
    p->visits.store(0, std::memory_order_relaxed);
  }
}

}  // namespace aftersync
