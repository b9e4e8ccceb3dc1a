// The table of workloads: the one place that names them all. A scenario file's `workload` is one of
// these names.
#include "faults/scenario.h"
#include "faults/workloads/btree_race_workload.h"
#include "faults/workloads/commits_workload.h"
#include "faults/workloads/lock_queue_workload.h"
#include "faults/workloads/lockstep_workload.h"
#include "faults/workloads/req_ack_workload.h"
#include "faults/workloads/storage_points_workload.h"
#include "faults/workloads/storage_workload.h"
#include "faults/workloads/txn_lists_workload.h"
#include "faults/workloads/wal_kv_workload.h"

namespace aftersync::faults {

const std::vector<WorkloadType>& workload_types() {
  static const std::vector<WorkloadType> kTypes = {
      btree_race_workload(), commits_workload(),   lock_queue_workload(),
      lockstep_workload(),   req_ack_workload(),   storage_points_workload(),
      storage_workload(),    txn_lists_workload(), wal_kv_workload(),
  };
  return kTypes;
}

}  // namespace aftersync::faults
