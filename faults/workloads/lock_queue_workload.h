// Workload lock-queue: producers and consumers on the bounded queue of demo/bounded_queue.h.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType lock_queue_workload();

}  // namespace aftersync::faults
