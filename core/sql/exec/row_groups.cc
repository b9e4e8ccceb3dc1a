// Memory: rows and keys are counted as they come, aggregates that grow (DISTINCT, GROUP_CONCAT) by
// what they gain.
#include "core/sql/exec/row_groups.h"

#include "core/sql/exec/query.h"
#include "core/sql/exec/value_key.h"

namespace aftersync::sql {

RowGroups::Group& RowGroups::new_group(std::span<const Value> row) {
  Group& made = groups_.emplace_back();
  made.row.assign(row.begin(), row.end());
  made.states = begin_aggregates(plan_.aggregates);
  bytes_ += memory_of(row);
  return made;
}

bool RowGroups::add(std::span<const Value> row) {
  EvalContext context = run_.context(row);
  std::string key;
  for (const BoundExpr& expr : plan_.group_by) {
    append_value_key(expr.evaluate(context), expr.type, key);
  }
  const auto [it, is_new] = numbers_.try_emplace(std::move(key), groups_.size());
  if (is_new) bytes_ += it->first.size();
  Group& group = is_new ? new_group(row) : groups_[it->second];
  for (const auto& state : group.states) {
    const uint64_t before = is_new ? 0 : state->memory_bytes();
    state->add(context);
    bytes_ += state->memory_bytes() - before;
  }
  if (bytes_ > run_.session.settings().memory_bytes) {
    return run_.fail(ErrorName::out_of_sort_memory, {});
  }
  return run_.ok();
}

void RowGroups::finish(std::span<const Value> none) {
  if (plan_.group_by.empty() && groups_.empty()) (void)new_group(none);
}

}  // namespace aftersync::sql
