// Equalities on leading columns, then one range or list: what a B-tree can be asked.
#include "model/txn/where.h"

#include <algorithm>
#include <set>

namespace aftersync::model::txn {
namespace {

using Op = Condition::Op;

bool is_null(const Value& value) { return std::holds_alternative<Null>(value); }

bool holds(Order order, const Condition& condition, const Value& value) {
  const Value& first = condition.values.at(0);
  if (is_null(value) || is_null(first)) {
    return condition.op == Op::equal && is_null(value) && is_null(first);
  }
  const auto same = [&](const Value& other) {
    return !is_null(other) && compare(order, value, other) == 0;
  };
  switch (condition.op) {
    case Op::equal: return same(first);
    case Op::not_equal: return !same(first);
    case Op::less: return compare(order, value, first) < 0;
    case Op::at_most: return compare(order, value, first) <= 0;
    case Op::greater: return compare(order, value, first) > 0;
    case Op::at_least: return compare(order, value, first) >= 0;
    case Op::in: return std::ranges::any_of(condition.values, same);
    case Op::modulo:
      return std::get<int64_t>(value) % std::get<int64_t>(first) ==
             std::get<int64_t>(condition.values.at(1));
  }
  CHECK(false);
  return false;
}

const Condition* find(const Where& where, size_t column, std::initializer_list<Op> ops) {
  for (const Condition& condition : where) {
    if (condition.column == column && std::ranges::find(ops, condition.op) != ops.end()) {
      return &condition;
    }
  }
  return nullptr;
}

// The tighter of two bounds is not sought: the first condition of each direction counts.
void bound_by_conditions(const Where& where, size_t column, const Row& prefix, Range& range) {
  const Condition* low = find(where, column, {Op::greater, Op::at_least});
  const Condition* high = find(where, column, {Op::less, Op::at_most});
  if (low == nullptr && high == nullptr) return;
  range.exact = false;
  if (low != nullptr) {
    range.low.push_back(low->values[0]);
    range.low_inclusive = low->op == Op::at_least;
  } else {  // NULL sorts first and is never less than anything
    range.low.emplace_back(Null());
    range.low_inclusive = false;
  }
  if (high != nullptr) {
    range.high = prefix;
    range.high.push_back(high->values[0]);
    range.high_inclusive = high->op == Op::at_most;
  }
}

std::vector<Range> equal_to_each(const Table& table, size_t index, const Row& prefix,
                                 const std::vector<Value>& values) {
  const Order order = table.schema().def.columns[table.parts(index)[prefix.size()].column];
  const auto less = [order](const Value& a, const Value& b) { return compare(order, a, b) < 0; };
  const std::set<Value, decltype(less)> sorted(values.begin(), values.end(), less);
  std::vector<Range> ranges;
  for (const Value& value : sorted) {
    Row key = prefix;
    key.push_back(value);
    ranges.push_back({key, true, key, true, true});
  }
  return ranges;
}

std::vector<Range> ranges_of(const Table& table, size_t index, const Where& where) {
  Range range;
  for (size_t i = 0; i < table.own_parts(index); ++i) {
    const size_t column = table.parts(index)[i].column;
    if (const Condition* equal = find(where, column, {Op::equal})) {
      range.low.push_back(equal->values[0]);
      continue;
    }
    if (const Condition* in = find(where, column, {Op::in})) {
      return equal_to_each(table, index, range.low, in->values);
    }
    range.high = range.low;
    range.exact = !range.low.empty();
    const Row prefix = range.low;
    bound_by_conditions(where, column, prefix, range);
    return {range};
  }
  range.high = range.low;
  range.exact = true;
  return {range};
}

bool constrains_first(const Table& table, size_t index, const Where& where) {
  return find(where, table.parts(index)[0].column,
              {Op::equal, Op::less, Op::at_most, Op::greater, Op::at_least, Op::in}) != nullptr;
}

}  // namespace

bool matches(const Table& table, const Where& where, const Row& row) {
  return std::ranges::all_of(where, [&](const Condition& condition) {
    return holds(table.schema().def.columns[condition.column], condition, row[condition.column]);
  });
}

Access choose_access(const Table& table, const Where& where, std::optional<size_t> forced,
                     bool descending) {
  Access access;
  if (forced) {
    access.index = *forced;
  } else {
    for (size_t index = 0; index < table.index_count(); ++index) {
      if (constrains_first(table, index, where)) {
        access.index = index;
        break;
      }
    }
  }
  access.ranges = ranges_of(table, access.index, where);
  if (descending) std::reverse(access.ranges.begin(), access.ranges.end());
  return access;
}

}  // namespace aftersync::model::txn
