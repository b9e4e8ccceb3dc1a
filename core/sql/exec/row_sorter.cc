// A vector that is sorted at the end, or a heap of the best so far.
#include "core/sql/exec/row_sorter.h"

#include <algorithm>

#include "core/sql/eval/compare.h"
#include "core/sql/exec/query.h"

namespace aftersync::sql {

RowSorter::RowSorter(StatementRun& run, const std::vector<SortKey>& keys, uint64_t most)
    : run_(run), keys_(keys), most_(most) {}

// NULL comes first, and last where the order descends.
bool RowSorter::before(const Entry& a, const Entry& b) {
  for (size_t i = 0; i < keys_.size(); ++i) {
    const Value& x = a.keys[i];
    const Value& y = b.keys[i];
    int order = 0;
    if (is_null(x) || is_null(y)) {
      order = static_cast<int>(is_null(y)) - static_cast<int>(is_null(x));
    } else {
      const TypeInfo& type = keys_[i].expr.type;
      EvalContext context = run_.context({});
      order = compare_values(compare_mode(type, type), type.collation, x, y, context).value_or(0);
    }
    if (order != 0) return keys_[i].descending ? order > 0 : order < 0;
  }
  return a.number < b.number;
}

bool RowSorter::add(EvalContext& context, std::span<const Value> values) {
  if (most_ == 0) return run_.ok();
  Entry entry;
  for (const SortKey& key : keys_) entry.keys.push_back(key.expr.evaluate(context));
  entry.number = arrived_++;
  const auto order = [this](const Entry& a, const Entry& b) { return before(a, b); };
  if (entries_.size() == most_) {
    if (!before(entry, entries_.front())) return run_.ok();
    std::pop_heap(entries_.begin(), entries_.end(), order);
    bytes_ -= memory_of(entries_.back().keys) + memory_of(entries_.back().values);
    entries_.pop_back();
  }
  entry.values.assign(values.begin(), values.end());
  bytes_ += memory_of(entry.keys) + memory_of(entry.values);
  entries_.push_back(std::move(entry));
  if (most_ != UINT64_MAX) std::push_heap(entries_.begin(), entries_.end(), order);
  if (bytes_ > run_.session.settings().memory_bytes) {
    return run_.fail(ErrorName::out_of_sort_memory, {});
  }
  return run_.ok();
}

bool RowSorter::each(const std::function<bool(std::span<const Value>)>& emit) {
  std::sort(entries_.begin(), entries_.end(),
            [this](const Entry& a, const Entry& b) { return before(a, b); });
  for (const Entry& entry : entries_) {
    if (!emit(entry.values)) return false;
  }
  return run_.ok();
}

}  // namespace aftersync::sql
