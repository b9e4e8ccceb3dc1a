// The workload `lockstep`; see lockstep_workload.cc.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType lockstep_workload();

}  // namespace aftersync::faults
