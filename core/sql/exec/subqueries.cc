// Every expression of a copy of the statement is walked, and what is a query becomes what it
// yields.
#include "core/sql/exec/subqueries.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/exec/query.h"

namespace aftersync::sql {

namespace {

bool has_subquery(const Expr& expr) {
  if (std::holds_alternative<Subquery>(expr.node)) return true;
  if (std::holds_alternative<Quantified>(expr.node)) return true;
  const auto* in = std::get_if<In>(&expr.node);
  if (in != nullptr && in->query) return true;
  const auto operands = operands_of(expr);
  return std::any_of(operands.begin(), operands.end(),
                     [](const Expr* operand) { return has_subquery(*operand); });
}

Expr literal(LiteralKind kind, std::string text, std::string charset = {}) {
  return Expr(Literal{kind, std::move(text), std::move(charset)});
}

Expr negated(Expr expr) { return Expr(Unary{UnaryOp::minus, Box<Expr>(std::move(expr))}); }

// A literal of the same value and class of type.
class LiteralMaker {
 public:
  explicit LiteralMaker(const TypeInfo& type) : type_(type) {}

  Expr operator()(std::monostate /*null*/) const { return literal(LiteralKind::null_value, ""); }
  Expr operator()(int64_t value) const {
    const std::string digits = std::to_string(value);
    if (value >= 0) return literal(LiteralKind::integer, digits);
    return negated(literal(LiteralKind::integer, digits.substr(1)));
  }
  Expr operator()(uint64_t value) const {
    return literal(LiteralKind::integer, std::to_string(value));
  }
  Expr operator()(const Decimal& value) const {
    const bool minus = value.negative();
    std::string digits = (minus ? value.negated() : value).to_string();
    if (digits.find('.') == std::string::npos) digits += '.';
    Expr made = literal(LiteralKind::decimal, std::move(digits));
    return minus ? negated(std::move(made)) : made;
  }
  Expr operator()(double value) const {
    std::string text = double_text(value < 0 ? -value : value);
    if (text.find('e') == std::string::npos) text += "e0";
    Expr made = literal(LiteralKind::floating, std::move(text));
    return value < 0 ? negated(std::move(made)) : made;
  }
  Expr operator()(const std::string& value) const {
    return literal(LiteralKind::string, value, type_.is_binary() ? "binary" : "");
  }
  Expr operator()(const Temporal& value) const {
    const LiteralKind kind = value.kind == TemporalKind::date   ? LiteralKind::date
                             : value.kind == TemporalKind::time ? LiteralKind::time
                                                                : LiteralKind::timestamp;
    return literal(kind, value.to_string());
  }

 private:
  const TypeInfo& type_;
};

class Replacer {
 public:
  explicit Replacer(StatementRun& run) : run_(run) {}

  void replace(Box<Expr>& expr) {
    if (expr) replace(*expr);
  }
  void replace(std::vector<Expr>& exprs) {
    for (Expr& expr : exprs) replace(expr);
  }
  void replace(std::vector<OrderItem>& items) {
    for (OrderItem& item : items) replace(item.expr);
  }
  void replace(std::vector<Assignment>& set) {
    for (Assignment& one : set) replace(one.value);
  }
  void replace(Expr& expr) {
    if (!run_.ok() || !has_subquery(expr)) return;
    if (auto* subquery = std::get_if<Subquery>(&expr.node)) {
      Expr made = subquery->exists ? exists(*subquery->query) : scalar(*subquery->query);
      expr = std::move(made);
      return;
    }
    if (std::holds_alternative<Quantified>(expr.node)) {
      run_.fail(ErrorName::not_supported_yet, {"ALL and ANY"});
      return;
    }
    std::visit([this](auto& node) { operands(node); }, expr.node);
    auto* in = std::get_if<In>(&expr.node);
    if (in != nullptr && in->query) {
      Expr made = list(*in);
      expr = std::move(made);
    }
  }

 private:
  // Whatever members of a node are expressions.
  template <typename Node>
  void operands(Node& n) {
    if constexpr (requires { n.operand; }) replace(n.operand);
    if constexpr (requires { n.left; }) replace(n.left);
    if constexpr (requires { n.right; }) replace(n.right);
    if constexpr (requires { n.terms; }) replace(n.terms);
    if constexpr (requires { n.value; }) replace(n.value);
    if constexpr (requires { n.pattern; }) replace(n.pattern);
    if constexpr (requires { n.escape; }) replace(n.escape);
    if constexpr (requires { n.low; }) replace(n.low);
    if constexpr (requires { n.high; }) replace(n.high);
    if constexpr (requires { n.list; }) replace(n.list);
    if constexpr (requires { n.whens; }) replace(n.whens);
    if constexpr (requires { n.otherwise; }) replace(n.otherwise);
    if constexpr (requires { n.base.depth; }) replace(n.base);
    if constexpr (requires { n.base->depth; }) replace(n.base);
    if constexpr (requires { n.amount; }) replace(n.amount);
    if constexpr (requires { n.args; }) replace(n.args);
    if constexpr (requires { n.values; }) replace(n.values);
  }

  // Its rows; false: failed.
  bool execute(const Query& query, CollectedRows& rows) {
    if (run_query_into(run_, query, rows)) return true;
    if (run_.diagnostics.error().number == 1054) {
      const std::string why = run_.diagnostics.error().message;
      run_.diagnostics.clear();
      run_.fail(ErrorName::not_supported_yet, {"correlated subqueries: " + why});
    }
    return false;
  }

  Expr exists(const Query& query) {
    CollectedRows rows(run_);
    const bool any = execute(query, rows) && !rows.rows.empty();
    return literal(LiteralKind::boolean, any ? "TRUE" : "FALSE");
  }

  Expr scalar(const Query& query) {
    CollectedRows rows(run_);
    if (!execute(query, rows) || !one_column(rows)) return literal(LiteralKind::null_value, "");
    if (rows.rows.size() > 1) run_.fail(ErrorName::subquery_rows, {});
    if (rows.rows.size() != 1) return literal(LiteralKind::null_value, "");
    return std::visit(LiteralMaker(rows.columns[0].type), rows.rows[0][0]);
  }

  // Without rows nothing is in the list, not even NULL.
  Expr list(In& in) {
    CollectedRows rows(run_);
    if (!execute(*in.query, rows) || !one_column(rows)) return {};
    if (rows.rows.empty()) {
      return literal(LiteralKind::boolean, in.negated ? "TRUE" : "FALSE");
    }
    In made;
    made.value = std::move(in.value);
    made.negated = in.negated;
    for (const ValueRow& row : rows.rows) {
      made.list.push_back(std::visit(LiteralMaker(rows.columns[0].type), row[0]));
    }
    return Expr(std::move(made));
  }

  bool one_column(const CollectedRows& rows) {
    return rows.columns.size() == 1 || run_.fail(ErrorName::operand_columns, {"1"});
  }

  StatementRun& run_;
};

bool in_any(const std::vector<Expr>& exprs) {
  return std::any_of(exprs.begin(), exprs.end(), has_subquery);
}
bool in_it(const Box<Expr>& expr) { return expr && has_subquery(*expr); }
bool in_any(const std::vector<OrderItem>& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const OrderItem& item) { return has_subquery(item.expr); });
}
bool in_any(const std::vector<Assignment>& set) {
  return std::any_of(set.begin(), set.end(),
                     [](const Assignment& one) { return has_subquery(one.value); });
}
bool in_select(const Select& select) {
  return in_it(select.where) || in_it(select.having) || in_any(select.group_by) ||
         std::any_of(select.items.begin(), select.items.end(),
                     [](const SelectItem& item) { return in_it(item.expr); });
}

}  // namespace

bool has_subqueries(const Select& select) { return in_select(select); }

std::optional<Query> without_subqueries(StatementRun& run, const Query& query) {
  const bool any = std::any_of(query.terms.begin(), query.terms.end(), [](const QueryTerm& term) {
    const auto* select = std::get_if<Select>(&term.body);
    return select != nullptr && in_select(*select);
  });
  if (!any && !in_any(query.order_by)) return {};
  Query made = query;
  Replacer replacer(run);
  for (QueryTerm& term : made.terms) {
    auto* select = std::get_if<Select>(&term.body);
    if (select == nullptr) continue;
    for (SelectItem& item : select->items) replacer.replace(item.expr);
    replacer.replace(select->where);
    replacer.replace(select->group_by);
    replacer.replace(select->having);
  }
  replacer.replace(made.order_by);
  return made;
}

std::optional<UpdateStatement> without_subqueries(StatementRun& run,
                                                  const UpdateStatement& statement) {
  if (!in_any(statement.set) && !in_it(statement.where) && !in_any(statement.order_by)) return {};
  UpdateStatement made = statement;
  Replacer replacer(run);
  replacer.replace(made.set);
  replacer.replace(made.where);
  replacer.replace(made.order_by);
  return made;
}

std::optional<DeleteStatement> without_subqueries(StatementRun& run,
                                                  const DeleteStatement& statement) {
  if (!in_it(statement.where) && !in_any(statement.order_by)) return {};
  DeleteStatement made = statement;
  Replacer replacer(run);
  replacer.replace(made.where);
  replacer.replace(made.order_by);
  return made;
}

std::optional<InsertStatement> without_subqueries(StatementRun& run,
                                                  const InsertStatement& statement) {
  const bool in_rows = std::any_of(statement.rows.begin(), statement.rows.end(),
                                   [](const std::vector<Expr>& row) { return in_any(row); });
  if (!in_rows && !in_any(statement.on_duplicate)) return {};
  InsertStatement made = statement;
  Replacer replacer(run);
  for (std::vector<Expr>& row : made.rows) replacer.replace(row);
  replacer.replace(made.on_duplicate);
  return made;
}

}  // namespace aftersync::sql
