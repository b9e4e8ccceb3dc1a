// Columns that are wanted against columns that an index has.
#include "core/sql/plan/index_order.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace aftersync::sql {

namespace {

struct Wanted {
  uint32_t column = 0;
  bool descending = false;
};

std::optional<std::vector<Wanted>> wanted_columns(const NameScope& scope, const Source& source,
                                                  const std::vector<OrderItem>& order_by) {
  std::vector<Wanted> wanted;
  for (const OrderItem& item : order_by) {
    const auto* ref = std::get_if<ColumnRef>(&item.expr.node);
    const auto slot = ref == nullptr ? std::nullopt : scope.find_column(ref->name);
    if (!slot || !source.has_slot(*slot)) return {};
    wanted.push_back({*slot - source.first_slot, item.descending});
  }
  return wanted;
}

// Whether to go backwards, if the index has the order; its first `fixed` parts have one value.
std::optional<bool> direction(const Index& index, size_t fixed, const std::vector<Wanted>& wanted) {
  const auto first_free = index.parts.begin() + static_cast<std::ptrdiff_t>(fixed);
  std::optional<bool> backward;
  auto part = first_free;
  for (const Wanted& one : wanted) {
    const bool is_fixed =
        std::any_of(index.parts.begin(), first_free,
                    [&](const IndexColumn& other) { return other.column == one.column; });
    if (is_fixed) continue;
    if (part == index.parts.end() || part->prefix_chars != 0 || part->column != one.column) {
      return {};
    }
    const bool against = part->descending != one.descending;
    if (backward && *backward != against) return {};
    backward = against;
    ++part;
  }
  return backward.value_or(false);
}

}  // namespace

bool comes_ordered(const NameScope& scope, const std::vector<OrderItem>& order_by, AccessPath& path,
                   size_t source) {
  const Source& from = scope.sources()[source];
  if (!from.table || order_by.empty()) return false;
  const auto wanted = wanted_columns(scope, from, order_by);
  if (!wanted) return false;
  const std::vector<Index>& indexes = from.table->schema.indexes;
  if (path.kind != AccessKind::all) {
    const size_t fixed = path.is_equal() ? path.conditions.size() : 0;
    const auto backward = direction(indexes[path.index], fixed, *wanted);
    if (backward) path.backward = *backward;
    return backward.has_value();
  }
  for (size_t i = 0; i < indexes.size(); ++i) {
    const auto backward = indexes[i].is_hidden() ? std::nullopt : direction(indexes[i], 0, *wanted);
    if (!backward) continue;
    path.index = i;
    path.kind = AccessKind::index;
    path.backward = *backward;
    return true;
  }
  return false;
}

}  // namespace aftersync::sql
