// From limits and a seed to a plan: a pure function.
//
// Swarm testing (Groce and others, "Swarm testing", ISSTA 2012): a run with every fault on spends
// itself on the commonest ones, and some faults hide others (a machine that is forever down never
// meets a full disk). So each seed first draws which kinds and settings are on at all.
#pragma once

#include <cstdint>

#include "core/base/status.h"
#include "faults/plan/limits.h"
#include "faults/plan/plan.h"

namespace aftersync::faults {

// The plan of `seed` for these machines. Code::invalid_argument when the limits name a group that
// `topology` lacks, or a shape that needs more machines.
[[nodiscard]] Result<Plan> draw_plan(const Limits& limits, const Topology& topology, uint64_t seed);

}  // namespace aftersync::faults
