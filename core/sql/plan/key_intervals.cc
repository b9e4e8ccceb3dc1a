// Sets of encodings: made from values, cut and joined.
#include "core/sql/plan/key_intervals.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/sql/eval/compare.h"

namespace aftersync::sql {

namespace {

constexpr double kExactWhole = 9007199254740992.0;  // 2^53: up to it doubles are exact

bool below(const std::string& at, const std::optional<std::string>& high) {
  return !high || at < *high;
}

// The value as it is compared with the column; nothing when that is not in the column's own order.
struct Comparand {
  Value value;
  TypeInfo type;
};

std::optional<Comparand> comparand(const TypeInfo& column, Value value, const TypeInfo& type,
                                   Diagnostics& diagnostics) {
  const CompareMode mode = compare_mode(column, type);
  switch (column.type) {
    case TypeClass::integer:
    case TypeClass::decimal: {
      if (mode == CompareMode::integer || mode == CompareMode::decimal) return {{value, type}};
      if (mode != CompareMode::real || column.type == TypeClass::decimal) return {};
      const double number = to_double(value, diagnostics);
      if (!(std::abs(number) < kExactWhole)) return {};
      return {{number, TypeInfo{.type = TypeClass::real}}};
    }
    case TypeClass::real:
      if (mode != CompareMode::real) return {};
      return {{to_double(value, diagnostics), TypeInfo{.type = TypeClass::real}}};
    case TypeClass::string:
      if (type.type != TypeClass::string || type.is_binary() != column.is_binary()) return {};
      return {{std::move(value), type}};
    case TypeClass::time: {
      if (mode != CompareMode::time) return {};
      const auto time = to_time(value, diagnostics);
      if (!time) return {};
      return {{*time, TypeInfo{.type = TypeClass::time, .decimals = 6}}};
    }
    case TypeClass::date:
    case TypeClass::datetime: {
      if (mode != CompareMode::datetime || type.type == TypeClass::time) return {};
      const auto moment = to_datetime(value, diagnostics);
      if (!moment) return {};
      return {{*moment, TypeInfo{.type = TypeClass::datetime, .decimals = 6}}};
    }
    case TypeClass::null_type: return {};
  }
  return {};
}

storage::ValueView view_of(const storage::Value& value) {
  return std::visit([](const auto& held) -> storage::ValueView { return held; }, value);
}

BinaryOp flipped(BinaryOp op) {
  switch (op) {
    case BinaryOp::less: return BinaryOp::greater;
    case BinaryOp::less_equal: return BinaryOp::greater_equal;
    case BinaryOp::greater: return BinaryOp::less;
    case BinaryOp::greater_equal: return BinaryOp::less_equal;
    default: return op;
  }
}

// What `column op value` is when the nearest that the column can hold is not the value, but above
// it (order > 0) or below. Nothing: no value of the column.
std::optional<BinaryOp> beside(BinaryOp op, int order) {
  switch (op) {
    case BinaryOp::less:
    case BinaryOp::less_equal: return order > 0 ? BinaryOp::less : BinaryOp::less_equal;
    case BinaryOp::greater:
    case BinaryOp::greater_equal: return order > 0 ? BinaryOp::greater_equal : BinaryOp::greater;
    default: return {};
  }
}

}  // namespace

bool KeyIntervals::all_points() const {
  return std::all_of(intervals_.begin(), intervals_.end(),
                     [](const KeyInterval& interval) { return interval.is_point; });
}

void KeyIntervals::restrict(const KeyCondition& condition, EvalContext& context) {
  intervals_ = intersection(intervals_, of(condition, context));
}

KeyIntervals::List KeyIntervals::of(const KeyCondition& condition, EvalContext& context) const {
  switch (condition.kind) {
    case KeyCondition::Kind::compare:
      return of_comparison(condition.op, condition.values[0], context);
    case KeyCondition::Kind::is_null: {
      std::string encoded;
      if (!part_.nullable) return {};
      if (!storage::append_key_part(part_, {}, encoded).ok()) return everything();
      return point(std::move(encoded));
    }
    case KeyCondition::Kind::not_null: return not_null();
    case KeyCondition::Kind::beginning: return of_beginning(condition.values[0], context);
    case KeyCondition::Kind::in_list: {
      List all;
      for (const BoundExpr& value : condition.values) {
        List one = of_comparison(BinaryOp::equal, value, context);
        std::move(one.begin(), one.end(), std::back_inserter(all));
      }
      return united(std::move(all));
    }
    case KeyCondition::Kind::all_of: {
      List common = everything();
      for (const KeyCondition& term : condition.terms) {
        common = intersection(common, of(term, context));
      }
      return common;
    }
    case KeyCondition::Kind::any_of: {
      List all;
      for (const KeyCondition& term : condition.terms) {
        List one = of(term, context);
        std::move(one.begin(), one.end(), std::back_inserter(all));
      }
      return united(std::move(all));
    }
  }
  return everything();
}

KeyIntervals::List KeyIntervals::of_comparison(BinaryOp op, const BoundExpr& expr,
                                               EvalContext& context) const {
  Diagnostics ignored;  // the condition itself will say it again
  EvalContext quiet{ignored, context.row, context.now, context.session};
  Value value = expr.evaluate(quiet);
  if (is_null(value)) {
    if (op != BinaryOp::null_safe_equal) return {};
    KeyCondition null;
    null.kind = KeyCondition::Kind::is_null;
    return of(null, context);
  }
  auto other = comparand(codec_.type_info(), std::move(value), expr.type, ignored);
  if (!other) return everything();
  const int32_t zone = context.session == nullptr ? 0 : context.session->zone_offset_s();
  StoreContext store{ignored, {false, false, false}, 1, zone, context.now};
  const auto stored = codec_.store(other->value, other->type, store);
  if (!stored || std::holds_alternative<std::monostate>(*stored)) return everything();
  const Value back = codec_.load(view_of(*stored), zone);
  const TypeInfo& type = codec_.type_info();
  const auto order =
      compare_values(compare_mode(type, other->type), type.collation, back, other->value, quiet);
  if (!order) return everything();
  if (*order != 0) {
    const std::optional<BinaryOp> instead = beside(op, *order);
    if (!instead) return {};
    op = *instead;
  }
  std::string encoded;
  if (!storage::append_key_part(part_, view_of(*stored), encoded).ok()) return everything();
  return side(op, encoded);
}

KeyIntervals::List KeyIntervals::side(BinaryOp op, const std::string& at) const {
  if (op == BinaryOp::equal || op == BinaryOp::null_safe_equal) return point(at);
  if (part_.descending) op = flipped(op);
  // Behind a cut value there may be longer ones on either side.
  if (part_.prefix_chars != 0 && op == BinaryOp::less) op = BinaryOp::less_equal;
  if (part_.prefix_chars != 0 && op == BinaryOp::greater) op = BinaryOp::greater_equal;
  KeyInterval made;
  switch (op) {
    case BinaryOp::less: made.high = at; break;
    case BinaryOp::less_equal: made.high = storage::key_successor(at); break;
    case BinaryOp::greater: made.low = storage::key_successor(at); break;
    default: made.low = at; break;
  }
  if (made.high && made.high->empty()) made.high.reset();  // no successor
  return intersection({std::move(made)}, not_null());
}

KeyIntervals::List KeyIntervals::of_beginning(const BoundExpr& expr, EvalContext& context) const {
  const TypeInfo& type = codec_.type_info();
  if (type.type != TypeClass::string || type.is_binary() || expr.type.is_binary()) {
    return everything();
  }
  Diagnostics ignored;
  EvalContext quiet{ignored, context.row, context.now, context.session};
  const Value value = expr.evaluate(quiet);
  if (is_null(value)) return {};
  const auto* pattern = std::get_if<std::string>(&value);
  if (pattern == nullptr) return everything();
  const std::string beginning = pattern->substr(0, pattern->find_first_of("%_\\"));
  // Other character sets would have to be converted; trailing spaces do not count in keys.
  const bool plain =
      std::all_of(beginning.begin(), beginning.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (beginning.empty() || !plain) return everything();
  std::string low;
  if (!storage::append_key_prefix(part_, beginning, low).ok()) return everything();
  KeyInterval made{low, storage::key_successor(low), false};
  if (made.high->empty()) made.high.reset();
  return {std::move(made)};
}

// NULL is the least encoding, or the greatest where the part descends.
KeyIntervals::List KeyIntervals::not_null() const {
  if (!part_.nullable) return everything();
  std::string null;
  if (!storage::append_key_part(part_, {}, null).ok()) return everything();
  if (part_.descending) return {KeyInterval{"", null, false}};
  return {KeyInterval{storage::key_successor(null), {}, false}};
}

KeyIntervals::List KeyIntervals::point(std::string encoded) {
  KeyInterval made;
  made.high = storage::key_successor(encoded);
  made.low = std::move(encoded);
  made.is_point = true;
  if (made.high->empty()) made.high.reset();
  return {std::move(made)};
}

KeyIntervals::List KeyIntervals::everything() { return {KeyInterval{}}; }

KeyIntervals::List KeyIntervals::intersection(const List& a, const List& b) {
  List common;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    const KeyInterval& later = x->low < y->low ? *y : *x;
    const bool x_ends_first = !y->high || (x->high && *x->high < *y->high);
    const KeyInterval& shorter = x_ends_first ? *x : *y;
    if (below(later.low, shorter.high)) {
      common.push_back({later.low, shorter.high, x->is_point || y->is_point});
    }
    x_ends_first ? ++x : ++y;
  }
  return common;
}

KeyIntervals::List KeyIntervals::united(List all) {
  std::sort(all.begin(), all.end(),
            [](const KeyInterval& a, const KeyInterval& b) { return a.low < b.low; });
  List made;
  for (KeyInterval& next : all) {
    if (made.empty() || (made.back().high && *made.back().high < next.low)) {
      made.push_back(std::move(next));
      continue;
    }
    KeyInterval& last = made.back();
    const bool same = last.low == next.low && last.high == next.high;
    // Neighbours that only touch stay apart if they are points.
    if (!same && last.high && *last.high == next.low && last.is_point && next.is_point) {
      made.push_back(std::move(next));
      continue;
    }
    last.is_point = last.is_point && next.is_point && same;
    if (last.high && (!next.high || *last.high < *next.high)) last.high = next.high;
  }
  return made;
}

}  // namespace aftersync::sql
