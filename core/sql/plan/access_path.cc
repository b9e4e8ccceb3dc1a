// Choosing, and the product of intervals over an index's columns.
#include "core/sql/plan/access_path.h"

#include <algorithm>
#include <tuple>

#include "core/sql/plan/key_intervals.h"

namespace aftersync::sql {

namespace {

std::vector<KeyCondition> conditions_on(const NameScope& scope, uint32_t slot,
                                        const std::vector<const Conjunct*>& conjuncts,
                                        SourceSet known) {
  std::vector<KeyCondition> found;
  for (const Conjunct* conjunct : conjuncts) {
    if (auto one = key_condition(*conjunct->expr, slot, known, scope)) {
      found.push_back(*std::move(one));
    }
  }
  return found;
}

bool has_point(const std::vector<KeyCondition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [](const KeyCondition& condition) { return condition.is_point(); });
}

// Lists of points may be followed by conditions on the next part, too.
bool may_continue(const std::vector<KeyCondition>& conditions) {
  return has_point(conditions) ||
         std::any_of(conditions.begin(), conditions.end(), [](const KeyCondition& condition) {
           return condition.kind == KeyCondition::Kind::in_list;
         });
}

AccessPath path_by(const NameScope& scope, const Source& source, size_t number,
                   const std::vector<const Conjunct*>& conjuncts, SourceSet known) {
  const Index& index = source.table->schema.indexes[number];
  AccessPath path;
  path.index = number;
  path.known = known;
  size_t points = 0;
  for (const IndexColumn& part : index.parts) {
    auto conditions = conditions_on(scope, source.first_slot + part.column, conjuncts, known);
    if (conditions.empty()) break;
    const bool point = has_point(conditions);
    if (point && points == path.conditions.size()) ++points;
    const bool goes_on = may_continue(conditions) && part.prefix_chars == 0;
    path.conditions.push_back(std::move(conditions));
    if (!goes_on) break;
  }
  if (path.conditions.empty()) return path;
  const bool all_equal = points == path.conditions.size();
  if (!all_equal) {
    path.kind = AccessKind::range;
  } else {
    const auto& schema = source.table->schema;
    const bool whole = points == index.parts.size() && index.unique &&
                       std::all_of(index.parts.begin(), index.parts.end(), [&](const auto& part) {
                         return part.prefix_chars == 0 && !schema.columns[part.column].nullable;
                       });
    path.kind = whole ? AccessKind::one_row : AccessKind::ref;
  }
  return path;
}

bool is_hinted_away(const Source& source, const Index& index) {
  for (const IndexHint& hint : source.hints) {
    const bool named = std::any_of(hint.indexes.begin(), hint.indexes.end(),
                                   [&](const auto& name) { return same_name(name, index.name); });
    if (named == (hint.kind == IndexHintKind::ignore)) return true;
  }
  return false;
}

bool has_null(const AccessPath& path) {
  return std::any_of(path.conditions.begin(), path.conditions.end(), [](const auto& conditions) {
    return std::any_of(conditions.begin(), conditions.end(), [](const KeyCondition& condition) {
      return condition.kind == KeyCondition::Kind::is_null ||
             condition.op == BinaryOp::null_safe_equal;
    });
  });
}

}  // namespace

AccessPath choose_access(const NameScope& scope, size_t source,
                         const std::vector<const Conjunct*>& conjuncts, SourceSet known) {
  const Source& from = scope.sources()[source];
  AccessPath best;
  if (!from.table) return best;
  const auto cost = [](const AccessPath& path) {
    return std::tuple(path.kind, -static_cast<int64_t>(path.conditions.size()), path.index);
  };
  for (size_t i = 0; i < from.table->schema.indexes.size(); ++i) {
    const Index& index = from.table->schema.indexes[i];
    if (index.is_hidden() || is_hinted_away(from, index)) continue;
    AccessPath path = path_by(scope, from, i, conjuncts, known);
    if (cost(path) < cost(best)) best = std::move(path);
  }
  return best;
}

std::vector<KeyRange> ranges_of(const AccessPath& path, const OpenTable& table,
                                EvalContext& context) {
  std::vector<KeyRange> ranges{{"", "", true, false}};
  const storage::IndexDef& index = table.storage->def().indexes[path.index];
  for (size_t i = 0; i < path.conditions.size(); ++i) {
    const storage::KeyPart& part = index.parts[i];
    KeyIntervals values(part, table.codecs[part.column]);
    for (const KeyCondition& condition : path.conditions[i]) values.restrict(condition, context);
    if (i > 0 && ranges.size() * values.intervals().size() > kMaxRanges) break;
    std::vector<KeyRange> longer;
    for (const KeyRange& range : ranges) {
      for (const KeyInterval& interval : values.intervals()) {
        KeyRange made{range.low + interval.low, "", interval.is_point, false};
        made.high = interval.high ? range.low + *interval.high : range.high;
        longer.push_back(std::move(made));
      }
    }
    ranges = std::move(longer);
    if (!values.all_points()) break;
  }
  const bool whole_key = path.conditions.size() == index.parts.size() && index.unique;
  for (KeyRange& range : ranges) {
    range.is_one_row =
        whole_key && range.is_equal && path.kind == AccessKind::one_row && !has_null(path);
    if (path.conditions.empty()) range.is_equal = false;
  }
  return ranges;
}

}  // namespace aftersync::sql
