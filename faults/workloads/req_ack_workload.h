// Workload req-ack: clients of the two-node counter of demo/req_ack.h.
#pragma once

#include "faults/scenario.h"

namespace aftersync::faults {

[[nodiscard]] WorkloadType req_ack_workload();

}  // namespace aftersync::faults
