// The graph of consistency models.
#include "model/history/consistency_model.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

using M = ConsistencyModel;
using A = Anomaly;

// At most this many implied models and own anomalies a row; the rest is filled with count_.
constexpr size_t kWidth = 5;

struct Row {
  M model;
  std::string_view name;
  std::string_view summary;
  std::array<M, kWidth> implies;
  size_t implied;
  std::array<A, kWidth> proscribes;  // beyond what the implied models do
  size_t proscribed;
};

constexpr std::array<Row, kConsistencyModels> kRows{{
    {M::read_uncommitted,
     "read-uncommitted",
     "no dirty writes (PL-1)",
     {},
     0,
     {A::g0, A::duplicate_elements, A::unwritten_read, A::cyclic_versions},
     4},
    {M::read_committed,
     "read-committed",
     "no dirty reads (PL-2)",
     {M::read_uncommitted},
     1,
     {A::g1a, A::g1b, A::g1c, A::dirty_update, A::incompatible_order},
     5},
    {M::monotonic_atomic_view,
     "monotonic-atomic-view",
     "what was seen does not vanish",
     {M::read_committed},
     1,
     {A::vanished, A::future_read},
     2},
    {M::read_atomic,
     "read-atomic",
     "own reads and writes hold",
     {M::monotonic_atomic_view},
     1,
     {A::internal, A::future_read},
     2},
    {M::cursor_stability,
     "cursor-stability",
     "no lost updates (PL-CS)",
     {M::read_committed},
     1,
     {A::lost_update},
     1},
    {M::consistent_view,
     "consistent-view",
     "no read skew (PL-2+)",
     {M::cursor_stability},
     1,
     {A::g_single},
     1},
    {M::repeatable_read,
     "repeatable-read",
     "no circles over items (PL-2.99)",
     {M::cursor_stability, M::monotonic_atomic_view},
     2,
     {A::g_single, A::g_nonadjacent, A::g2_item},
     3},
    {M::snapshot_isolation,
     "snapshot-isolation",
     "reads from a snapshot, first committer wins",
     {M::consistent_view, M::read_atomic},
     2,
     {A::g_nonadjacent},
     1},
    {M::serializable,
     "serializable",
     "as if one after the other (PL-3)",
     {M::repeatable_read, M::snapshot_isolation},
     2,
     {},
     0},
    {M::strong_session_read_uncommitted,
     "strong-session-read-uncommitted",
     "read-uncommitted in each client's order",
     {M::read_uncommitted},
     1,
     {A::g0_process},
     1},
    {M::strong_session_read_committed,
     "strong-session-read-committed",
     "read-committed in each client's order",
     {M::read_committed, M::strong_session_read_uncommitted},
     2,
     {A::g1c_process},
     1},
    {M::strong_session_snapshot_isolation,
     "strong-session-snapshot-isolation",
     "snapshot-isolation in each client's order",
     {M::snapshot_isolation, M::strong_session_read_committed},
     2,
     {A::g_single_process, A::g_nonadjacent_process},
     2},
    {M::strong_session_serializable,
     "strong-session-serializable",
     "serializable in each client's order",
     {M::serializable, M::strong_session_snapshot_isolation},
     2,
     {A::g2_item_process},
     1},
    {M::strong_read_uncommitted,
     "strong-read-uncommitted",
     "read-uncommitted in real time",
     {M::strong_session_read_uncommitted},
     1,
     {A::g0_realtime},
     1},
    {M::strong_read_committed,
     "strong-read-committed",
     "read-committed in real time",
     {M::strong_session_read_committed, M::strong_read_uncommitted},
     2,
     {A::g1c_realtime},
     1},
    {M::strong_snapshot_isolation,
     "strong-snapshot-isolation",
     "snapshot-isolation in real time",
     {M::strong_session_snapshot_isolation, M::strong_read_committed},
     2,
     {A::g_single_realtime, A::g_nonadjacent_realtime},
     2},
    {M::strict_serializable,
     "strict-serializable",
     "serializable in real time",
     {M::strong_session_serializable, M::strong_snapshot_isolation},
     2,
     {A::g2_item_realtime},
     1},
}};

const Row& row(ConsistencyModel model) {
  const Row& found = kRows[static_cast<size_t>(model)];
  CHECK(found.model == model);
  return found;
}

bool implies(ConsistencyModel strong, ConsistencyModel weak) {
  if (strong == weak) return true;
  return std::ranges::any_of(implied_by(strong), [weak](M next) { return implies(next, weak); });
}

}  // namespace

std::string_view name_of(ConsistencyModel model) { return row(model).name; }

std::string_view summary_of(ConsistencyModel model) { return row(model).summary; }

std::optional<ConsistencyModel> model_of(std::string_view name) {
  for (const Row& candidate : kRows) {
    if (candidate.name == name) return candidate.model;
  }
  return std::nullopt;
}

std::vector<ConsistencyModel> all_models() {
  std::vector<ConsistencyModel> models;
  for (const Row& each : kRows) models.push_back(each.model);
  return models;
}

std::span<const ConsistencyModel> implied_by(ConsistencyModel model) {
  return std::span(row(model).implies).first(row(model).implied);
}

bool proscribes(ConsistencyModel model, Anomaly anomaly) {
  if (anomaly == A::set_stale || anomaly == A::monotonic_realtime) {
    return implies(model, M::strong_read_uncommitted);
  }
  if (anomaly == A::monotonic_session) return implies(model, M::strong_session_read_uncommitted);
  if (anomaly >= A::lost_commit) return true;
  const auto own = std::span(row(model).proscribes).first(row(model).proscribed);
  if (std::ranges::find(own, anomaly) != own.end()) return true;
  return std::ranges::any_of(implied_by(model), [anomaly](M m) { return proscribes(m, anomaly); });
}

}  // namespace aftersync::model
