// Binding: one method a kind of node. The first error ends it.
#include "core/sql/eval/bind.h"

#include <algorithm>
#include <utility>

#include "core/sql/eval/aggregate.h"
#include "core/sql/eval/function_table.h"
#include "core/sql/eval/operators.h"
#include "core/sql/eval/types.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

const FunctionSpec* find_function(std::string_view name) {
  for (const auto family :
       {string_functions(), numeric_functions(), temporal_functions(), control_functions(),
        session_functions(), calendar_functions(), encoding_functions()}) {
    for (const FunctionSpec& spec : family) {
      if (spec.name == name) return &spec;
    }
  }
  return nullptr;
}

namespace {

Value constant(const BoundExpr& self, EvalContext& /*context*/) { return self.constant; }

Value column(const BoundExpr& self, EvalContext& context) {
  return context.row[static_cast<size_t>(self.option)];
}

Value aggregate_slot(const BoundExpr& self, EvalContext& context) {
  return context.aggregates[static_cast<size_t>(self.option)];
}

// Its name is the node's constant. What it is may have changed since it was bound, but not its
// type.
Value user_variable(const BoundExpr& self, EvalContext& context) {
  TypedValue held = context.session->user_variable(std::get<std::string>(self.constant));
  return converted(std::move(held.value), held.type, self.type, context);
}

Value assign_variable(const BoundExpr& self, EvalContext& context) {
  Value value = self.arg(0, context);
  if (context.diagnostics.failed()) return {};
  context.session->set_user_variable(std::get<std::string>(self.constant),
                                     {value, self.args[0].type});
  return value;
}

BoundExpr column_slot(const std::pair<uint32_t, TypeInfo>& found) {
  BoundExpr made;
  made.function = column;
  made.option = found.first;
  made.type = found.second;
  return made;
}

class Binder {
 public:
  Binder(const ColumnScope& scope, SessionState* session, std::vector<BoundAggregate>* aggregates)
      : scope_(scope), session_(session), aggregates_(aggregates) {}

  BoundExpr bind(const Expr& expr) {
    if (error.number != 0) return {};
    return std::visit(*this, expr.node);
  }

  BoundExpr operator()(const Literal& n);
  BoundExpr operator()(const ColumnRef& n) {
    const auto found = scope_.find(n.name);
    if (!found) return fail(ErrorName::unknown_column, {n.name.column, "field list"});
    return column_slot(*found);
  }
  BoundExpr operator()(const Unary& n) { return bound_unary(n.op, bind(*n.operand)); }
  BoundExpr operator()(const Binary& n) {
    BoundExpr left = bind(*n.left);
    BoundExpr right = bind(*n.right);
    return error.number != 0 ? BoundExpr{} : bound_binary(n.op, std::move(left), std::move(right));
  }
  BoundExpr operator()(const Logical& n) { return bound_logical(n.is_or, all(n.terms)); }
  BoundExpr operator()(const IsTest& n) { return bound_test(n.test, n.negated, bind(*n.operand)); }
  BoundExpr operator()(const Like& n) {
    if (n.is_regexp) return unsupported("REGEXP");
    std::vector<BoundExpr> operands = several({&*n.value, &*n.pattern});
    if (n.escape) operands.push_back(bind(*n.escape));
    return bound_like(n.negated, std::move(operands));
  }
  BoundExpr operator()(const Between& n) {
    return bound_between(n.negated, several({&*n.value, &*n.low, &*n.high}));
  }
  BoundExpr operator()(const In& n) {
    if (n.query) return unsupported("IN (subquery)");
    std::vector<BoundExpr> operands;
    operands.push_back(bind(*n.value));
    for (const Expr& one : n.list) operands.push_back(bind(one));
    return bound_in(n.negated, std::move(operands));
  }
  BoundExpr operator()(const Case& n) {
    std::vector<BoundExpr> parts;
    if (n.operand) parts.push_back(bind(*n.operand));
    for (const Expr& one : n.whens) parts.push_back(bind(one));
    if (n.otherwise) parts.push_back(bind(*n.otherwise));
    if (error.number != 0) return {};
    return bound_case(bool{n.operand}, bool{n.otherwise}, std::move(parts));
  }
  BoundExpr operator()(const Cast& n) {
    const bool known = n.charset.empty() || n.charset == "utf8mb4" || n.charset == "binary";
    if (!known) return unsupported("CHARACTER SET " + n.charset);
    return bound_cast(n, bind(*n.operand));
  }
  BoundExpr operator()(const ConvertUsing& n) {
    Cast cast;
    cast.type = n.charset == "binary" ? CastType::binary : CastType::character;
    if (n.charset != "binary" && n.charset != "utf8mb4") {
      return unsupported("CONVERT USING " + n.charset);
    }
    return bound_cast(cast, bind(*n.operand));
  }
  BoundExpr operator()(const Collate& n);
  BoundExpr operator()(const IntervalAdd& n) {
    BoundExpr base = bind(*n.base);
    BoundExpr amount = bind(*n.amount);
    if (error.number != 0) return {};
    return bound_interval(n.unit, n.subtract, std::move(base), std::move(amount));
  }
  BoundExpr operator()(const Call& n);

  BoundExpr operator()(const UserVariable& n);
  BoundExpr operator()(const SystemVariable& n);
  BoundExpr operator()(const Parameter& n);
  BoundExpr operator()(const Assign& n);
  BoundExpr operator()(const Subquery& /*n*/) { return unsupported("subqueries"); }
  BoundExpr operator()(const Quantified& /*n*/) { return unsupported("ALL and ANY"); }
  BoundExpr operator()(const DefaultValue& /*n*/) { return unsupported("DEFAULT()"); }
  BoundExpr operator()(const InsertedValue& n) {
    const auto found = scope_.find_inserted(n.column);
    return found ? column_slot(*found) : unsupported("VALUES()");
  }
  BoundExpr operator()(const Aggregate& n);
  BoundExpr operator()(const RowValue& /*n*/) { return fail(ErrorName::operand_columns, {"1"}); }

  SqlError error;

 private:
  BoundExpr fail(ErrorName name, std::initializer_list<std::string_view> args) {
    if (error.number == 0) error = make_error(name, args);
    return {};
  }
  BoundExpr unsupported(std::string_view what) {
    return fail(ErrorName::not_supported_yet, {what});
  }
  std::vector<BoundExpr> several(std::initializer_list<const Expr*> exprs) {
    std::vector<BoundExpr> made;
    for (const Expr* expr : exprs) made.push_back(bind(*expr));
    return made;
  }
  std::vector<BoundExpr> all(const std::vector<Expr>& exprs) {
    std::vector<BoundExpr> made;
    for (const Expr& expr : exprs) made.push_back(bind(expr));
    return made;
  }

  [[nodiscard]] uint64_t group_concat_bytes() const;
  // What is bound without a session knows nothing of it.
  bool without_session(std::string_view what) {
    if (session_ == nullptr) (void)unsupported(what);
    return session_ == nullptr;
  }

  const ColumnScope& scope_;
  SessionState* session_;
  std::vector<BoundAggregate>* aggregates_;
};

BoundExpr literal_of(Value value, TypeInfo type) {
  BoundExpr made;
  made.function = constant;
  made.constant = std::move(value);
  made.type = type;
  return made;
}

// Digits: a BIGINT, a BIGINT UNSIGNED where it needs one, else a decimal.
BoundExpr number_literal(const std::string& digits) {
  const std::optional<Decimal> number = Decimal::parse(digits);
  if (!number) {
    size_t used = 0;
    return literal_of(double_prefix(digits, used), real_type());
  }
  if (const auto fits = number->to_signed()) return literal_of(*fits, integer_type());
  if (const auto fits = number->to_unsigned()) return literal_of(*fits, integer_type(true));
  return literal_of(*number, decimal_type(0));
}

BoundExpr Binder::operator()(const Literal& n) {
  const bool binary = n.charset == "binary";
  switch (n.kind) {
    case LiteralKind::null_value: return literal_of({}, TypeInfo{});
    case LiteralKind::boolean: return literal_of(int64_t{n.text == "TRUE"}, boolean_type());
    case LiteralKind::integer: return number_literal(n.text);
    case LiteralKind::decimal: {
      const std::optional<Decimal> number = Decimal::parse(n.text);
      if (!number) return fail(ErrorName::out_of_range, {"DECIMAL", n.text});
      return literal_of(*number, decimal_type(number->scale()));
    }
    case LiteralKind::floating: {
      size_t used = 0;
      return literal_of(double_prefix(n.text, used), real_type());
    }
    case LiteralKind::string:
      if (!n.charset.empty() && !binary && n.charset != "utf8mb4") {
        return unsupported("character set " + n.charset);
      }
      if (!binary && !utf8_length(n.text)) {
        return fail(ErrorName::invalid_string, {"utf8mb4", hex_text(n.text)});
      }
      return literal_of(n.text, text_type(binary));
    case LiteralKind::hex:
    case LiteralKind::bit: {
      BoundExpr made = literal_of(n.text, text_type(true));
      made.type.is_hex_literal = true;
      return made;
    }
    case LiteralKind::date:
    case LiteralKind::timestamp: {
      const auto parsed = parse_datetime(n.text);
      const bool date = n.kind == LiteralKind::date;
      if (!parsed || !parsed->exact || !is_valid_date(parsed->value, true) ||
          (parsed->value.kind == TemporalKind::datetime) == date) {
        return fail(ErrorName::wrong_value, {date ? "DATE" : "DATETIME", n.text});
      }
      const TypeClass type = date ? TypeClass::date : TypeClass::datetime;
      return literal_of(parsed->value, temporal_type(type, parsed->value.decimals));
    }
    case LiteralKind::time: {
      const auto parsed = parse_time(n.text);
      if (!parsed || !parsed->exact) return fail(ErrorName::wrong_value, {"TIME", n.text});
      return literal_of(parsed->value, temporal_type(TypeClass::time, parsed->value.decimals));
    }
  }
  return {};
}

BoundExpr Binder::operator()(const Collate& n) {
  static constexpr std::pair<std::string_view, storage::Collation> kCollations[] = {
      {"utf8mb4_general_ci", storage::Collation::utf8mb4_general_ci},
      {"utf8mb4_bin", storage::Collation::utf8mb4_bin},
      {"binary", storage::Collation::binary}};
  for (const auto& [name, collation] : kCollations) {
    if (n.collation != name) continue;
    Cast cast;
    cast.type = CastType::character;
    BoundExpr made = bound_cast(cast, bind(*n.operand));
    made.type.collation = collation;
    return made;
  }
  return fail(ErrorName::unknown_collation, {n.collation});
}

// The unit that a call names beside its arguments.
int64_t unit_of(const std::string& keyword) {
  for (int i = 0; i < kIntervalUnits; ++i) {
    if (to_string(static_cast<IntervalUnit>(i)) == keyword) return i;
  }
  return -1;
}

BoundExpr Binder::operator()(const Call& n) {
  if (n.name == "MOD" && n.args.size() == 2) {
    return (*this)(Binary{BinaryOp::modulo, Box<Expr>(n.args[0]), Box<Expr>(n.args[1])});
  }
  if (n.name == "TIMESTAMPADD" && n.args.size() == 2) {
    return bound_interval(static_cast<IntervalUnit>(unit_of(n.keyword)), false, bind(n.args[1]),
                          bind(n.args[0]));
  }
  if (n.name == "EXTRACT" && n.keyword == "WEEK") return unsupported("EXTRACT(WEEK)");
  const FunctionSpec* spec = n.schema.empty() ? find_function(n.name) : nullptr;
  if (spec == nullptr) return fail(ErrorName::no_such_function, {"FUNCTION", n.name});
  if (n.args.size() < spec->least || n.args.size() > spec->most) {
    return fail(ErrorName::wrong_parameter_count, {n.name});
  }
  if (spec->of_session && without_session(n.name)) return {};
  BoundExpr made;
  made.args = all(n.args);
  if (error.number != 0) return {};
  if (spec->memory != nullptr) made.memory = spec->memory();
  made.type = spec->type(made.args);
  made.function = spec->function;
  if (n.name == "TRIM") {
    made.option = n.keyword == "LEADING" ? 1 : n.keyword == "TRAILING" ? 2 : 3;
  } else if (n.name == "CHAR") {
    if (n.keyword == "utf8mb4") made.type = text_type();
  } else if (!n.keyword.empty()) {
    made.option = unit_of(n.keyword);
  }
  return made;
}

BoundExpr Binder::operator()(const UserVariable& n) {
  if (without_session("user variables")) return {};
  BoundExpr made;
  made.function = user_variable;
  made.type = session_->user_variable(n.name).type;
  made.type.is_hex_literal = false;  // only the literal itself is a number
  made.constant = n.name;
  return made;
}

BoundExpr Binder::operator()(const Assign& n) {
  if (without_session("user variables")) return {};
  BoundExpr made;
  made.function = assign_variable;
  made.constant = n.name;
  made.args.push_back(bind(*n.value));
  made.type = made.args[0].type;
  return made;
}

BoundExpr Binder::operator()(const SystemVariable& n) {
  if (without_session("system variables")) return {};
  auto found = session_->system_variable(n);
  if (auto* missing = std::get_if<SqlError>(&found)) {
    if (error.number == 0) error = std::move(*missing);
    return {};
  }
  auto& value = std::get<TypedValue>(found);
  return literal_of(std::move(value.value), value.type);
}

BoundExpr Binder::operator()(const Parameter& n) {
  if (without_session("parameters")) return {};
  const TypedValue* value = session_->parameter(n.index);
  if (value == nullptr) return fail(ErrorName::wrong_arguments, {"EXECUTE"});
  return literal_of(value->value, value->type);
}

BoundExpr Binder::operator()(const Aggregate& n) {
  if (aggregates_ == nullptr) return fail(ErrorName::invalid_group_function, {});
  auto* const outer = std::exchange(aggregates_, nullptr);
  BoundAggregate made;
  made.kind = n.kind;
  made.distinct = n.distinct;
  made.args = all(n.args);
  for (const OrderItem& item : n.order_by) {
    made.order_by.push_back(bind(item.expr));
    made.descending.push_back(item.descending);
  }
  aggregates_ = outer;
  if (error.number != 0) return {};
  made.type = aggregate_type(n.kind, made.args);
  made.separator = n.separator;
  if (n.kind == AggregateKind::group_concat) made.most_bytes = group_concat_bytes();
  BoundExpr slot;
  slot.function = aggregate_slot;
  slot.type = made.type;
  slot.option = static_cast<int64_t>(aggregates_->size());
  aggregates_->push_back(std::move(made));
  return slot;
}

uint64_t Binder::group_concat_bytes() const {
  constexpr uint64_t kDefault = 1024;
  if (session_ == nullptr) return kDefault;
  SystemVariable name;
  name.name = "group_concat_max_len";
  const auto found = session_->system_variable(name);
  const auto* value = std::get_if<TypedValue>(&found);
  if (value == nullptr) return kDefault;
  Diagnostics ignored;
  return to_integer(value->value, ignored).bits;
}

}  // namespace

std::variant<BoundExpr, SqlError> bind(const Expr& expr, const ColumnScope& scope,
                                       SessionState* session,
                                       std::vector<BoundAggregate>* aggregates) {
  Binder binder(scope, session, aggregates);
  BoundExpr bound = binder.bind(expr);
  if (binder.error.number != 0) return binder.error;
  return bound;
}

}  // namespace aftersync::sql
