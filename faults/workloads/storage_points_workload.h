// Workload storage-points: one fixed course of a storage engine, with a fault at chosen operations.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType storage_points_workload();

}  // namespace aftersync::faults
