// Values that only grow: counters that are incremented and read, auto-increment keys.
//
// Two increments never make the same value. One client never sees the value shrink (session).
// Nobody sees less than had been answered before he asked (real time; stores that answer from
// replicas do not promise that, and only models with real-time order hold it against them).
#include <algorithm>
#include <map>

#include "model/history/call_value.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

struct Observation {
  const Call* call;
  int64_t value;
  bool is_increment;
};

using Observations = std::map<std::string, std::vector<Observation>>;  // by key

Status collect(const History& history, std::string_view f, Observations& observations) {
  for (const Call* call : calls_of(history, f)) {
    if (call->outcome != Completion::ok) continue;
    ASSIGN_OR_RETURN(const nlohmann::json value, result_of(*call));
    ASSIGN_OR_RETURN(KeyValue pair, key_value_of(value, call->complete_line));
    if (pair.value == kNil) return call_error(call->complete_line, "expected [key, integer]");
    observations[pair.key].push_back({call, pair.value, f == "monotonic/inc"});
  }
  return Status();
}

// An increment makes a new value, a read may repeat the old one.
bool shrinks(const Observation& later, int64_t before) {
  return later.is_increment ? later.value <= before : later.value < before;
}

std::string text_of(const std::string& key, const Observation& observation, int64_t before) {
  return "Key " + key + " was " + std::to_string(before) + ", and then " +
         (observation.is_increment ? "incremented to " : "read as ") +
         std::to_string(observation.value) + " (" + call_place(*observation.call) + ")";
}

void check_key(const std::string& key, std::vector<Observation>& all, Findings& findings) {
  std::map<int64_t, const Call*> made;
  std::map<int64_t, int64_t> last_of_process;
  std::ranges::sort(all, {}, [](const Observation& o) { return o.call->invoke; });
  std::vector<const Observation*> answered;
  for (const Observation& o : all) answered.push_back(&o);
  std::ranges::sort(answered, {}, [](const Observation* o) { return o->call->complete; });
  size_t next = 0;
  int64_t greatest = kNil;  // of what had been answered before the current one was asked
  for (const Observation& o : all) {
    for (; next < answered.size() && answered[next]->call->complete < o.call->invoke; ++next) {
      greatest = std::max(greatest, answered[next]->value);
    }
    if (o.is_increment && !made.emplace(o.value, o.call).second) {
      findings.add_text(Anomaly::monotonic_duplicate, "Key " + key + " was incremented to " +
                                                          std::to_string(o.value) +
                                                          " twice: " + call_place(*made[o.value]) +
                                                          "; " + call_place(*o.call) + ".");
    }
    const auto [last, is_first] = last_of_process.emplace(o.call->process, o.value);
    if (!is_first && shrinks(o, last->second)) {
      findings.add_text(Anomaly::monotonic_session,
                        text_of(key, o, last->second) + ", by one client.");
    } else if (greatest != kNil && shrinks(o, greatest)) {
      findings.add_text(Anomaly::monotonic_realtime, text_of(key, o, greatest) + ", in real time.");
    }
    last->second = std::max(last->second, o.value);
  }
}

}  // namespace

Status check_monotonic(const History& history, Findings& findings) {
  Observations observations;
  RETURN_IF_ERROR(collect(history, "monotonic/inc", observations));
  RETURN_IF_ERROR(collect(history, "monotonic/read", observations));
  for (auto& [key, all] : observations) check_key(key, all, findings);
  return Status();
}

}  // namespace aftersync::model
