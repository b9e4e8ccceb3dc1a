// Consistency models, what each proscribes, and which of them a set of anomalies rules out.
//
// The models form a graph: one that implies another proscribes all that the other does. The graph
// is that of jepsen.io/consistency as Elle uses it, cut down to what item operations can show
// (no predicates, hence no PL-3 beside PL-2.99). Its anchors:
//
//   read-uncommitted     PL-1 (Adya)        no G0
//   read-committed       PL-2 (Adya)        and no G1a, G1b, G1c
//   monotonic-atomic-view (Bailis et al.)   and nothing seen vanishes within a transaction
//   cursor-stability     PL-CS (Adya)       read-committed and no lost update
//   consistent-view      PL-2+ (Adya)       and no G-single
//   repeatable-read      PL-2.99 (Adya)     no circle of item dependencies at all
//   snapshot-isolation   (Cerone, Gotsman)  every circle has two adjacent anti-dependencies
//   serializable         PL-3 (Adya)        repeatable-read and snapshot-isolation
//   strong-session-X     X and the order of each client (Daudjee and Salem)
//   strong-X             X and the order of the wall clock
//   strict-serializable  strong serializable
//
// The repeatable-read here is Adya's, which locks give. What InnoDB calls REPEATABLE READ is
// weaker.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/history/anomaly.h"

namespace aftersync::model {

// From weak to strong: a model implies only models before it.
enum class ConsistencyModel : uint8_t {
  read_uncommitted,
  read_committed,
  monotonic_atomic_view,
  read_atomic,
  cursor_stability,
  consistent_view,
  repeatable_read,
  snapshot_isolation,
  serializable,
  strong_session_read_uncommitted,
  strong_session_read_committed,
  strong_session_snapshot_isolation,
  strong_session_serializable,
  strong_read_uncommitted,
  strong_read_committed,
  strong_snapshot_isolation,
  strict_serializable,
  count_
};

inline constexpr size_t kConsistencyModels = static_cast<size_t>(ConsistencyModel::count_);

[[nodiscard]] std::string_view name_of(ConsistencyModel model);
[[nodiscard]] std::string_view summary_of(ConsistencyModel model);
[[nodiscard]] std::optional<ConsistencyModel> model_of(std::string_view name);
[[nodiscard]] std::vector<ConsistencyModel> all_models();

// The models it implies directly.
[[nodiscard]] std::span<const ConsistencyModel> implied_by(ConsistencyModel model);
// Whether a history with this anomaly cannot have come from a store of that model. Anomalies of
// the other workloads (ledger, set, bank, ...) are proscribed by every model, save stale reads,
// which only models with real-time order (or with session order) exclude.
[[nodiscard]] bool proscribes(ConsistencyModel model, Anomaly anomaly);

}  // namespace aftersync::model
