// One state a kind of aggregate.
#include "core/sql/eval/aggregate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "core/base/check.h"
#include "core/sql/eval/compare.h"
#include "core/sql/eval/types.h"
#include "core/sql/exec/value_key.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

namespace {

// The arguments of a row, none of them NULL; nothing for a row that does not count.
std::optional<std::vector<Value>> arguments(const BoundAggregate& self, EvalContext& context) {
  std::vector<Value> values;
  values.reserve(self.args.size());
  for (const BoundExpr& arg : self.args) {
    values.push_back(arg.evaluate(context));
    if (is_null(values.back())) return std::nullopt;
  }
  return values;
}

// What DISTINCT has seen.
class Seen {
 public:
  // Whether these values are new.
  bool insert(const BoundAggregate& self, const std::vector<Value>& values) {
    std::string key;
    for (size_t i = 0; i < values.size(); ++i) {
      append_value_key(values[i], self.args[i].type, key);
    }
    const auto [at, is_new] = keys_.insert(std::move(key));
    if (is_new) bytes_ += at->size() + kNodeBytes;
    return is_new;
  }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  static constexpr uint64_t kNodeBytes = 80;
  std::set<std::string> keys_;
  uint64_t bytes_ = 0;
};

// Takes the rows that count, once each where that is asked for.
class Counted : public AggregateState {
 public:
  explicit Counted(const BoundAggregate& self) : self_(self) {}

  void add(EvalContext& context) final {
    const auto values = arguments(self_, context);
    if (!values || context.diagnostics.failed()) return;
    if (self_.distinct && !seen_.insert(self_, *values)) return;
    ++rows_;
    take(*values, context);
  }
  [[nodiscard]] uint64_t memory_bytes() const override {
    return AggregateState::memory_bytes() + seen_.bytes();
  }

 protected:
  virtual void take(const std::vector<Value>& values, EvalContext& context) = 0;

  const BoundAggregate& self_;
  uint64_t rows_ = 0;

 private:
  Seen seen_;
};

class Count final : public Counted {
 public:
  using Counted::Counted;
  [[nodiscard]] Value result(EvalContext& /*context*/) const override {
    return static_cast<int64_t>(rows_);
  }

 private:
  void take(const std::vector<Value>& /*values*/, EvalContext& /*context*/) override {}
};

// SUM and AVG of exact numbers. Whole numbers are summed as such, and a decimal made of them once:
// 2^63 of them fit.
class ExactSum final : public Counted {
 public:
  using Counted::Counted;
  [[nodiscard]] Value result(EvalContext& context) const override {
    if (rows_ == 0) return {};
    const std::optional<Decimal> sum = Decimal::add(decimals_, decimal_of(whole_));
    std::optional<Decimal> made = sum;
    if (sum && self_.kind == AggregateKind::avg) {
      made = Decimal::divide(*sum, Decimal::of(rows_), self_.type.decimals);
    }
    if (made) return *made;
    return out_of_range(context);
  }

 private:
  void take(const std::vector<Value>& values, EvalContext& context) override {
    if (self_.args[0].type.type == TypeClass::integer) {
      const Integer number = to_integer(values[0], context.diagnostics);
      whole_ += number.is_unsigned ? static_cast<__int128>(number.bits)
                                   : static_cast<__int128>(number.as_signed());
      return;
    }
    const auto sum = Decimal::add(decimals_, to_decimal(values[0], context.diagnostics));
    if (sum) {
      decimals_ = *sum;
    } else {
      (void)out_of_range(context);
    }
  }
  static Value out_of_range(EvalContext& context) {
    context.diagnostics.fail(ErrorName::out_of_range, {"DECIMAL", "expression"});
    return {};
  }
  // Of at most 2^127.
  static Decimal decimal_of(__int128 value) {
    constexpr int64_t kPart = 1'000'000'000'000'000'000;
    const auto low = static_cast<int64_t>(value % kPart);
    const __int128 rest = value / kPart;
    const auto middle = static_cast<int64_t>(rest % kPart);
    const auto high = static_cast<int64_t>(rest / kPart);
    const Decimal unit = Decimal::of(kPart);
    const auto upper =
        Decimal::add(*Decimal::multiply(Decimal::of(high), unit), Decimal::of(middle));
    return *Decimal::add(*Decimal::multiply(*upper, unit), Decimal::of(low));
  }

  __int128 whole_ = 0;
  Decimal decimals_;
};

class RealSum final : public Counted {
 public:
  using Counted::Counted;
  [[nodiscard]] Value result(EvalContext& context) const override {
    if (rows_ == 0) return {};
    const double made = self_.kind == AggregateKind::avg ? sum_ / static_cast<double>(rows_) : sum_;
    if (std::isfinite(made)) return made;
    context.diagnostics.fail(ErrorName::out_of_range, {"DOUBLE", "expression"});
    return {};
  }

 private:
  void take(const std::vector<Value>& values, EvalContext& context) override {
    sum_ += to_double(values[0], context.diagnostics);
  }
  double sum_ = 0;
};

class Extreme final : public Counted {
 public:
  using Counted::Counted;
  [[nodiscard]] Value result(EvalContext& /*context*/) const override { return best_; }

 private:
  void take(const std::vector<Value>& values, EvalContext& context) override {
    if (rows_ > 1) {
      const TypeInfo& type = self_.args[0].type;
      const auto order =
          compare_values(compare_mode(type, type), type.collation, values[0], best_, context);
      const int wanted = self_.kind == AggregateKind::max ? 1 : -1;
      if (!order || *order * wanted <= 0) return;
    }
    best_ = values[0];
  }
  Value best_;
};

// Of no rows BIT_AND has all bits, the others none: never NULL.
class Bits final : public Counted {
 public:
  explicit Bits(const BoundAggregate& self)
      : Counted(self), bits_(self.kind == AggregateKind::bit_and ? UINT64_MAX : 0) {}
  [[nodiscard]] Value result(EvalContext& /*context*/) const override { return bits_; }

 private:
  void take(const std::vector<Value>& values, EvalContext& context) override {
    const uint64_t bits = to_integer(values[0], context.diagnostics).bits;
    switch (self_.kind) {
      case AggregateKind::bit_and: bits_ &= bits; break;
      case AggregateKind::bit_or: bits_ |= bits; break;
      default: bits_ ^= bits; break;
    }
  }
  uint64_t bits_;
};

// Welford's recurrence: no difference of large squares.
class Variance final : public Counted {
 public:
  using Counted::Counted;
  [[nodiscard]] Value result(EvalContext& /*context*/) const override {
    const bool sample =
        self_.kind == AggregateKind::var_samp || self_.kind == AggregateKind::std_samp;
    if (rows_ <= (sample ? 1u : 0u)) return {};
    const double variance = squares_ / static_cast<double>(rows_ - (sample ? 1 : 0));
    const bool root = self_.kind == AggregateKind::std_pop || self_.kind == AggregateKind::std_samp;
    return root ? std::sqrt(variance) : variance;
  }

 private:
  void take(const std::vector<Value>& values, EvalContext& context) override {
    const double value = to_double(values[0], context.diagnostics);
    const double before = value - mean_;
    mean_ += before / static_cast<double>(rows_);
    squares_ += before * (value - mean_);
  }
  double mean_ = 0;
  double squares_ = 0;
};

class GroupConcat final : public Counted {
 public:
  using Counted::Counted;

  [[nodiscard]] Value result(EvalContext& context) const override {
    if (rows_ == 0) return {};
    std::vector<const Piece*> order;
    for (const Piece& piece : pieces_) order.push_back(&piece);
    if (!self_.order_by.empty()) {
      std::stable_sort(order.begin(), order.end(),
                       [&](const Piece* a, const Piece* b) { return before(*a, *b, context); });
    }
    std::string text;
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0) text += self_.separator;
      text += order[i]->text;
      if (text.size() <= self_.most_bytes) continue;
      cut(text);
      context.diagnostics.warn(ErrorName::cut_by_group_concat, {std::to_string(i + 1)});
      break;
    }
    return text;
  }
  [[nodiscard]] uint64_t memory_bytes() const override { return Counted::memory_bytes() + bytes_; }

 private:
  struct Piece {
    std::string text;
    std::vector<Value> keys;
  };

  void take(const std::vector<Value>& values, EvalContext& context) override {
    // Without an order what comes behind the limit changes nothing but the warning.
    if (self_.order_by.empty() && text_bytes_ > self_.most_bytes) return;
    Piece piece;
    for (size_t i = 0; i < values.size(); ++i) {
      piece.text += to_text(values[i], self_.args[i].type);
    }
    for (const BoundExpr& key : self_.order_by) piece.keys.push_back(key.evaluate(context));
    text_bytes_ += piece.text.size();
    bytes_ += sizeof(Piece) + piece.text.size() + piece.keys.size() * sizeof(Value);
    pieces_.push_back(std::move(piece));
  }

  bool before(const Piece& a, const Piece& b, EvalContext& context) const {
    for (size_t i = 0; i < self_.order_by.size(); ++i) {
      const TypeInfo& type = self_.order_by[i].type;
      int order = int{is_null(b.keys[i])} - int{is_null(a.keys[i])};
      if (!is_null(a.keys[i]) && !is_null(b.keys[i])) {
        order =
            compare_values(compare_mode(type, type), type.collation, a.keys[i], b.keys[i], context)
                .value_or(0);
      }
      if (order != 0) return (order < 0) != self_.descending[i];
    }
    return false;
  }

  // To whole characters.
  void cut(std::string& text) const {
    size_t kept = 0;
    while (kept < text.size()) {
      const size_t bytes = self_.type.is_binary() ? 1 : utf8_char_bytes(text.substr(kept, 4));
      if (kept + std::max<size_t>(bytes, 1) > self_.most_bytes) break;
      kept += std::max<size_t>(bytes, 1);
    }
    text.resize(kept);
  }

  std::vector<Piece> pieces_;
  uint64_t text_bytes_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

TypeInfo aggregate_type(AggregateKind kind, const std::vector<BoundExpr>& args) {
  switch (kind) {
    case AggregateKind::count: return integer_type();
    case AggregateKind::sum:
    case AggregateKind::avg: {
      const TypeInfo type = numeric_type(args[0].type);
      const unsigned more = kind == AggregateKind::avg ? kDivisionScale : 0;
      if (type.type != TypeClass::real) return decimal_type(type.decimals + more);
      return real_type(type.decimals == TypeInfo::kNotFixed ? TypeInfo::kNotFixed
                                                            : type.decimals + more);
    }
    case AggregateKind::min:
    case AggregateKind::max: return args[0].type;
    case AggregateKind::bit_and:
    case AggregateKind::bit_or:
    case AggregateKind::bit_xor: return integer_type(true);
    case AggregateKind::group_concat: return text_of(args);
    default: return real_type();
  }
}

std::unique_ptr<AggregateState> begin_aggregate(const BoundAggregate& self) {
  switch (self.kind) {
    case AggregateKind::count: return std::make_unique<Count>(self);
    case AggregateKind::sum:
    case AggregateKind::avg:
      if (self.type.type == TypeClass::real) return std::make_unique<RealSum>(self);
      return std::make_unique<ExactSum>(self);
    case AggregateKind::min:
    case AggregateKind::max: return std::make_unique<Extreme>(self);
    case AggregateKind::bit_and:
    case AggregateKind::bit_or:
    case AggregateKind::bit_xor: return std::make_unique<Bits>(self);
    case AggregateKind::std_pop:
    case AggregateKind::std_samp:
    case AggregateKind::var_pop:
    case AggregateKind::var_samp: return std::make_unique<Variance>(self);
    case AggregateKind::group_concat: return std::make_unique<GroupConcat>(self);
  }
  CHECK(false);
  return nullptr;
}

std::vector<std::unique_ptr<AggregateState>> begin_aggregates(
    std::span<const BoundAggregate> aggregates) {
  std::vector<std::unique_ptr<AggregateState>> states;
  for (const BoundAggregate& one : aggregates) states.push_back(begin_aggregate(one));
  return states;
}

std::vector<Value> results(std::span<const std::unique_ptr<AggregateState>> states,
                           EvalContext& context) {
  std::vector<Value> values;
  for (const auto& state : states) values.push_back(state->result(context));
  return values;
}

}  // namespace aftersync::sql
