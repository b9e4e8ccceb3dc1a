// See btree_race_workload.cc.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType btree_race_workload();

}  // namespace aftersync::faults
