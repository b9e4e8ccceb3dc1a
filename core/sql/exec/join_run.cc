// Nested loops as nested calls: as deep as there are tables (at most 61).
#include "core/sql/exec/join_run.h"

#include <algorithm>

namespace aftersync::sql {

void load_slots(const Source& source, const storage::Row& stored, int32_t zone_offset_s,
                std::span<Value> slots) {
  for (size_t i = 0; i < source.columns.size(); ++i) {
    if (!source.needed[i]) continue;
    const storage::ValueView view =
        std::visit([](const auto& held) -> storage::ValueView { return held; }, stored[i]);
    slots[source.first_slot + i] = source.table->codecs[i].load(view, zone_offset_s);
  }
}

bool passes(StatementRun& run, const std::vector<Conjunct>& filters, std::span<const Value> row) {
  EvalContext context = run.context(row);
  for (const Conjunct& filter : filters) {
    const Value value = filter.bound.evaluate(context);
    if (!run.ok() || is_null(value) || !to_truth(value, run.diagnostics)) return false;
  }
  return run.ok();
}

bool JoinRun::each(const JoinNode& node, const Emit& emit) {
  return node.is_leaf() ? each_of_leaf(node, emit) : each_of_join(node, emit);
}

bool JoinRun::each_of_leaf(const JoinNode& node, const Emit& emit) {
  const Source& source = scope_.sources()[node.source];
  return source.table ? each_stored(node, source, emit) : each_computed(node, source, emit);
}

bool JoinRun::each_stored(const JoinNode& node, const Source& source, const Emit& emit) {
  EvalContext context = run_.context(row_);
  TableScan scan(run_, *source.table, node.path, ranges_of(node.path, *source.table, context),
                 locking_);
  const int32_t zone = run_.session.settings().time_zone_offset_s;
  while (scan.next()) {
    load_slots(source, scan.row(), zone, row_);
    if (passes(run_, node.filters, row_)) {
      if (!emit()) return false;
    } else {
      scan.release_row();
    }
  }
  return run_.ok();
}

bool JoinRun::each_computed(const JoinNode& node, const Source& source, const Emit& emit) {
  for (const ValueRow& computed : *source.rows) {
    if (!run_.may_go_on()) return false;
    std::copy(computed.begin(), computed.end(), row_.begin() + source.first_slot);
    if (passes(run_, node.filters, row_) && !emit()) return false;
  }
  return run_.ok();
}

bool JoinRun::each_of_join(const JoinNode& node, const Emit& emit) {
  const auto matched = [&] { return passes(run_, node.filters, row_) ? emit() : run_.ok(); };
  return each(*node.left, [&] {
    bool found = false;
    const bool all = each(*node.right, [&] {
      found = true;
      return matched();
    });
    if (!all) return false;
    if (found || !node.outer) return true;
    set_null(*node.right);
    return matched();
  });
}

void JoinRun::set_null(const JoinNode& node) {
  if (!node.is_leaf()) {
    set_null(*node.left);
    set_null(*node.right);
    return;
  }
  const Source& source = scope_.sources()[node.source];
  const auto first = row_.begin() + source.first_slot;
  std::fill(first, first + source.slots(), Value());
}

}  // namespace aftersync::sql
