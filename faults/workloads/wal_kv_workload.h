// Workload wal-kv: clients of the write-ahead-logged key-value toy of demo/wal_kv.h.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType wal_kv_workload();

}  // namespace aftersync::faults
