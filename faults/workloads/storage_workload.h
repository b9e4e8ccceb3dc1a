// Workload storage: random transactions on the storage engine beside the table model.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType storage_workload();

}  // namespace aftersync::faults
