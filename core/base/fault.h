// Fault points: named places where a test may make something go wrong.
//
//   if (AFTERSYNC_FAULT("binlog/after-sync")) return injected failure;
//
// Behind it is libfiu, so that `fiu-ctrl` can turn points on in a running server; the simulator
// turns them on by seed. A name must stand in fault_points.def: the compiler refuses others. Built
// with the CMake option AFTERSYNC_FAULTS=OFF every point is the constant false and no name remains
// in the program.
//
// A point that is off costs one relaxed load. libfiu keeps its table a process: this and the CHECK
// handler are the only process-wide state that core knows.
#pragma once

#include <atomic>
#include <span>
#include <string_view>

#include "core/base/status.h"

namespace aftersync {

struct FaultPoint {
  const char* name;
  const char* description;
};

// The registry in its own order; empty in a build without fault points.
[[nodiscard]] std::span<const FaultPoint> fault_points();

// Code::invalid_argument for a name that is not in the registry, with the nearest name if one is
// near.
[[nodiscard]] Status check_fault_name(std::string_view name);

// Decides at each visit of an enabled point. Returns true when the fault shall happen. Runs on the
// visiting task, must not block.
using FaultDecision = bool (*)(const char* name, void* context);

// Turns `name` on: with a decision, or always. Code::invalid_argument for an unknown name,
// Code::unsupported in a build without fault points. Not to be called while other tasks visit it.
[[nodiscard]] Status enable_fault(std::string_view name, FaultDecision decision = nullptr,
                                  void* context = nullptr);
void disable_fault(std::string_view name);
void disable_all_faults();

// Lets `fiu-ctrl` reach this process through the named pipes `prefix`-PID.in and .out.
[[nodiscard]] Status serve_fault_control(const char* prefix);

#if AFTERSYNC_FAULTS

namespace fault_internal {

extern constinit std::atomic<bool> armed;
[[nodiscard]] bool visit(const char* name);

struct Name {
  const char* text;
};
consteval bool is_registered(std::string_view name) {
  constexpr Name kNames[] = {
#define AFTERSYNC_FAULT_POINT(name, description) {name},
#include "core/base/fault_points.def"
#undef AFTERSYNC_FAULT_POINT
  };
  for (const Name& known : kNames) {
    if (name == known.text) return true;
  }
  return false;
}

}  // namespace fault_internal

#define AFTERSYNC_FAULT(fault_name)                                              \
  ([] {                                                                          \
    static_assert(::aftersync::fault_internal::is_registered(fault_name),        \
                  "fault point missing from core/base/fault_points.def");        \
    return ::aftersync::fault_internal::armed.load(std::memory_order_relaxed) && \
           ::aftersync::fault_internal::visit(fault_name);                       \
  }())

#else

#define AFTERSYNC_FAULT(fault_name) false

#endif

}  // namespace aftersync
