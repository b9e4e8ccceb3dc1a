// Workload commits: see commits_workload.cc.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType commits_workload();

}  // namespace aftersync::faults
