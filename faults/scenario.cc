// Parameters, and drawing them.
#include "faults/scenario.h"

#include <algorithm>

#include "core/base/prng.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

constexpr uint64_t kParameterStream = 0x9a7a;

}  // namespace

const ParameterValue& Parameters::at(std::string_view name) const {
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.name == name; });
  CHECK(it != entries_.end());
  return it->value;
}

int64_t Parameters::integer(std::string_view name) const {
  const auto* const value = std::get_if<int64_t>(&at(name));
  CHECK(value != nullptr);
  return *value;
}

bool Parameters::flag(std::string_view name) const {
  const auto* const value = std::get_if<bool>(&at(name));
  CHECK(value != nullptr);
  return *value;
}

const std::string& Parameters::text(std::string_view name) const {
  const auto* const value = std::get_if<std::string>(&at(name));
  CHECK(value != nullptr);
  return *value;
}

void Parameters::set(std::string_view name, ParameterValue value) {
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.name == name; });
  if (it == entries_.end()) {
    entries_.push_back({std::string(name), std::move(value)});
  } else {
    it->value = std::move(value);
  }
}

void RunContext::wait_for_quiet(Node& node) {
  while (world_.now() < quiet_at()) {
    if (!node.tasks().sleep_for(quiet_at() - world_.now() + 1ms).ok()) return;
  }
}

uint64_t RunContext::draw_seed() { return world_.workload_prng().next(); }

void RunContext::violate(std::string what) {
  const sim::HostScope host;
  if (violation_.empty()) violation_ = std::move(what);
  world_.violate(violation_);
}

bool Workload::permits_crash(const RunContext& run, const sim::Machine&,
                             std::string_view reason) const {
  const bool corrupt = reason.find("corruption: ") != std::string_view::npos;
  return corrupt ? run.plan().has_lying_disks() : run.plan().has_disk_faults();
}

const WorkloadType* find_workload(std::string_view name) {
  const auto& types = workload_types();
  const auto it = std::find_if(types.begin(), types.end(),
                               [&](const WorkloadType& type) { return type.name == name; });
  return it == types.end() ? nullptr : &*it;
}

Parameters Scenario::draw_parameters(uint64_t seed) const {
  Prng prng(seed, kParameterStream);
  Parameters drawn;
  for (const ParameterRange& range : parameters) {
    if (range.low <= range.high) {
      const auto span = static_cast<uint64_t>(range.high - range.low);
      drawn.set(range.name, range.low + static_cast<int64_t>(prng.between(0, span)));
    } else {
      drawn.set(range.name, range.choices[prng.below(range.choices.size())]);
    }
  }
  return drawn;
}

}  // namespace aftersync::faults
