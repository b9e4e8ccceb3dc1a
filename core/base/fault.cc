// Fault points: the registry, and the thin layer over libfiu.
//
// libfiu asks a callback about each enabled point; ours forwards to the FaultDecision that the
// point was enabled with. `armed` spares the common case, nothing enabled, libfiu's lock and hash.
#include "core/base/fault.h"

#if AFTERSYNC_FAULTS
#include <fiu-control.h>
#include <fiu.h>
#endif

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/nearest.h"

namespace aftersync {

#if AFTERSYNC_FAULTS

namespace {

constexpr FaultPoint kFaultPoints[] = {
#define AFTERSYNC_FAULT_POINT(name, description) {name, description},
#include "core/base/fault_points.def"
#undef AFTERSYNC_FAULT_POINT
};

// Where enable_fault keeps what the callback needs: one slot a registered point, never moved.
struct Enabled {
  bool on = false;
  FaultDecision decision = nullptr;
  void* context = nullptr;
};
constinit std::array<Enabled, std::size(kFaultPoints)> enabled_slots{};

size_t slot_of(std::string_view name) {
  const auto* it = std::find_if(std::begin(kFaultPoints), std::end(kFaultPoints),
                                [&](const FaultPoint& p) { return name == p.name; });
  return static_cast<size_t>(it - std::begin(kFaultPoints));
}

int decide(const char* name, int* failnum, void** /*failinfo*/, unsigned int* /*flags*/) {
  const Enabled& slot = enabled_slots[slot_of(name)];
  *failnum = slot.decision == nullptr || slot.decision(name, slot.context) ? 1 : 0;
  return *failnum;
}

}  // namespace

constinit std::atomic<bool> fault_internal::armed{false};

bool fault_internal::visit(const char* name) { return fiu_fail(name) != 0; }

std::span<const FaultPoint> fault_points() { return kFaultPoints; }

Status check_fault_name(std::string_view name) {
  if (slot_of(name) < std::size(kFaultPoints)) return {};
  std::vector<std::string_view> known;
  for (const FaultPoint& point : kFaultPoints) known.emplace_back(point.name);
  return {Code::invalid_argument,
          "unknown fault point '" + std::string(name) + "'" + did_you_mean(name, known)};
}

Status enable_fault(std::string_view name, FaultDecision decision, void* context) {
  RETURN_IF_ERROR(check_fault_name(name));
  const size_t slot = slot_of(name);
  enabled_slots[slot] = {true, decision, context};
  fiu_init(0);
  const char* const registered = kFaultPoints[slot].name;
  fiu_disable(registered);
  if (fiu_enable_external(registered, 1, nullptr, 0, decide) != 0) {
    return {Code::internal, "libfiu refused to enable '" + std::string(name) + "'"};
  }
  fault_internal::armed.store(true);
  return {};
}

void disable_fault(std::string_view name) {
  const size_t slot = slot_of(name);
  if (slot == std::size(kFaultPoints) || !enabled_slots[slot].on) return;
  fiu_disable(kFaultPoints[slot].name);
  enabled_slots[slot] = {};
}

void disable_all_faults() {
  fault_internal::armed.store(false);
  for (const FaultPoint& point : kFaultPoints) disable_fault(point.name);
}

Status serve_fault_control(const char* prefix) {
  fiu_init(0);
  if (fiu_rc_fifo(prefix) != 0) {
    return {Code::unavailable, "cannot serve fault control at '" + std::string(prefix) + "'"};
  }
  fault_internal::armed.store(true);
  return {};
}

#else

std::span<const FaultPoint> fault_points() { return {}; }

Status check_fault_name(std::string_view name) {
  return {Code::unsupported,
          "fault point '" + std::string(name) + "': this build has none (AFTERSYNC_FAULTS=OFF)"};
}

Status enable_fault(std::string_view name, FaultDecision, void*) { return check_fault_name(name); }
void disable_fault(std::string_view) {}
void disable_all_faults() {}
Status serve_fault_control(const char* prefix) {
  return Status(Code::unsupported, "this build has no fault points (AFTERSYNC_FAULTS=OFF)")
      .in(prefix);
}

#endif

}  // namespace aftersync
