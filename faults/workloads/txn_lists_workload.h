// See txn_lists_workload.cc.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType txn_lists_workload();

}  // namespace aftersync::faults
