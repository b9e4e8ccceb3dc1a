// Expressions as SQL.
#include "core/base/check.h"
#include "core/sql/print/print.h"
#include "core/sql/print/printer.h"

namespace aftersync::sql {

namespace {

std::string hex_digits(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string digits;
  for (const char c : bytes) {
    digits += kDigits[static_cast<uint8_t>(c) >> 4];
    digits += kDigits[static_cast<uint8_t>(c) & 0xf];
  }
  return digits;
}

std::string bit_digits(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) {
    for (int bit = 7; bit >= 0; --bit) digits += ((static_cast<uint8_t>(c) >> bit) & 1) ? '1' : '0';
  }
  return digits;
}

std::string_view scope_prefix(VariableScope scope) {
  switch (scope) {
    case VariableScope::unspecified: return "";
    case VariableScope::global: return "global.";
    case VariableScope::session: return "session.";
    case VariableScope::persist: return "persist.";
    case VariableScope::persist_only: return "persist_only.";
  }
  CHECK(false);
  return {};
}

std::string_view aggregate_name(AggregateKind kind) {
  static constexpr std::string_view kNames[] = {
      "COUNT",   "SUM",        "AVG",         "MIN",     "MAX",      "BIT_AND",     "BIT_OR",
      "BIT_XOR", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP", "GROUP_CONCAT"};
  return kNames[static_cast<size_t>(kind)];
}

// The node-by-node printer; a visitor, so that a new node cannot be forgotten.
class ExprPrinter {
 public:
  explicit ExprPrinter(Printer& printer) : p_(printer) {}

  void operator()(const Literal& n) { p_.literal(n); }
  void operator()(const ColumnRef& n) { p_.column(n.name); }
  void operator()(const UserVariable& n) { p_.raw("@").name(n.name); }
  void operator()(const SystemVariable& n) {
    p_.raw("@@").raw(scope_prefix(n.scope));
    if (!n.base.empty()) p_.name(n.base).raw(".");
    p_.name(n.name);
  }
  void operator()(const Parameter& /*n*/) { p_.raw("?"); }
  void operator()(const Assign& n) {
    p_.raw("@").name(n.name).raw(" := ");
    p_.operand(*n.value);
  }
  void operator()(const Unary& n) {
    p_.raw(to_string(n.op)).raw(" ");
    p_.operand(*n.operand);
  }
  void operator()(const Binary& n) {
    p_.operand(*n.left);
    p_.raw(" ").raw(to_string(n.op)).raw(" ");
    p_.operand(*n.right);
  }
  void operator()(const Logical& n) {
    bool first = true;
    for (const Expr& term : n.terms) {
      if (!first) p_.raw(n.is_or ? " OR " : " AND ");
      first = false;
      p_.operand(term);
    }
  }
  void operator()(const IsTest& n) {
    static constexpr std::string_view kTests[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
    p_.operand(*n.operand);
    p_.raw(n.negated ? " IS NOT " : " IS ").raw(kTests[static_cast<size_t>(n.test)]);
  }
  void operator()(const Like& n) {
    p_.operand(*n.value);
    p_.raw(n.negated ? " NOT " : " ").raw(n.is_regexp ? "REGEXP " : "LIKE ");
    p_.operand(*n.pattern);
    if (n.escape) {
      p_.raw(" ESCAPE ");
      p_.operand(*n.escape);
    }
  }
  void operator()(const Between& n) {
    p_.operand(*n.value);
    p_.raw(n.negated ? " NOT BETWEEN " : " BETWEEN ");
    p_.operand(*n.low);
    p_.raw(" AND ");
    p_.operand(*n.high);
  }
  void operator()(const In& n) {
    p_.operand(*n.value);
    p_.raw(n.negated ? " NOT IN " : " IN ");
    if (n.query) {
      p_.subquery(*n.query);
    } else {
      p_.raw("(").exprs(n.list).raw(")");
    }
  }
  void operator()(const Subquery& n) {
    if (n.exists) p_.raw("EXISTS ");
    p_.subquery(*n.query);
  }
  void operator()(const Quantified& n) {
    p_.operand(*n.left);
    p_.raw(" ").raw(to_string(n.op)).raw(n.all ? " ALL " : " ANY ");
    p_.subquery(*n.query);
  }
  void operator()(const Case& n) {
    p_.raw("CASE");
    if (n.operand) {
      p_.raw(" ");
      p_.operand(*n.operand);
    }
    for (size_t i = 0; i + 1 < n.whens.size(); i += 2) {
      p_.raw(" WHEN ");
      p_.operand(n.whens[i]);
      p_.raw(" THEN ");
      p_.operand(n.whens[i + 1]);
    }
    if (n.otherwise) {
      p_.raw(" ELSE ");
      p_.operand(*n.otherwise);
    }
    p_.raw(" END");
  }
  void operator()(const Cast& n) {
    static constexpr std::string_view kTypes[] = {"SIGNED", "UNSIGNED", "DECIMAL", "DOUBLE",
                                                  "FLOAT",  "CHAR",     "BINARY",  "DATE",
                                                  "TIME",   "DATETIME"};
    p_.raw("CAST(");
    p_.expr(*n.operand);
    p_.raw(" AS ").raw(kTypes[static_cast<size_t>(n.type)]);
    if (n.length >= 0) p_.raw("(" + std::to_string(n.length));
    if (n.scale >= 0) p_.raw(", " + std::to_string(n.scale));
    if (n.length >= 0) p_.raw(")");
    if (!n.charset.empty()) p_.raw(" CHARACTER SET ").name(n.charset);
    p_.raw(")");
  }
  void operator()(const ConvertUsing& n) {
    p_.raw("CONVERT(");
    p_.expr(*n.operand);
    p_.raw(" USING ").name(n.charset).raw(")");
  }
  void operator()(const Collate& n) {
    p_.operand(*n.operand);
    p_.raw(" COLLATE ").name(n.collation);
  }
  void operator()(const IntervalAdd& n) {
    if (n.amount_first) {
      p_.raw("(INTERVAL ");
      p_.operand(*n.amount);
      p_.raw(" ").raw(to_string(n.unit)).raw(" + ");
      p_.operand(*n.base);
      p_.raw(")");
      return;
    }
    p_.raw(n.subtract ? "DATE_SUB(" : "DATE_ADD(");
    p_.expr(*n.base);
    p_.raw(", INTERVAL ");
    p_.operand(*n.amount);
    p_.raw(" ").raw(to_string(n.unit)).raw(")");
  }
  void operator()(const Call& n) { call(n); }
  void operator()(const Aggregate& n) {
    p_.raw(aggregate_name(n.kind)).raw(n.distinct ? "(DISTINCT " : "(");
    if (n.args.empty()) p_.raw("*");
    p_.exprs(n.args);
    p_.order_by(n.order_by);
    if (n.kind == AggregateKind::group_concat) p_.raw(" SEPARATOR ").text(n.separator);
    p_.raw(")");
  }
  void operator()(const RowValue& n) { p_.raw("ROW(").exprs(n.values).raw(")"); }
  void operator()(const DefaultValue& n) {
    p_.raw("DEFAULT");
    if (n.column.column.empty()) return;
    p_.raw("(");
    p_.column(n.column);
    p_.raw(")");
  }
  void operator()(const InsertedValue& n) {
    p_.raw("VALUES(");
    p_.column(n.column);
    p_.raw(")");
  }

 private:
  void call(const Call& n) {
    if (!n.schema.empty()) {
      p_.name(n.schema).raw(".").name(n.name).raw("(").exprs(n.args).raw(")");
    } else if (n.name == "CURRENT_USER") {
      p_.raw("CURRENT_USER()");
    } else if (n.name == "EXTRACT") {
      p_.raw("EXTRACT(").raw(n.keyword).raw(" FROM ").exprs(n.args).raw(")");
    } else if (n.name == "TIMESTAMPADD" || n.name == "TIMESTAMPDIFF") {
      p_.raw(n.name).raw("(").raw(n.keyword).raw(", ").exprs(n.args).raw(")");
    } else if (n.name == "TRIM" && !n.keyword.empty()) {
      p_.raw("TRIM(").raw(n.keyword).raw(" ");
      if (n.args.size() > 1) p_.operand(n.args[1]);
      p_.raw(" FROM ");
      p_.operand(n.args[0]);
      p_.raw(")");
    } else if (n.name == "CHAR" && !n.keyword.empty()) {
      p_.raw("CHAR(").exprs(n.args).raw(" USING ").name(n.keyword).raw(")");
    } else if (is_plain(n.name)) {
      p_.raw(n.name).raw("(").exprs(n.args).raw(")");
    } else {
      p_.name(n.name).raw("(").exprs(n.args).raw(")");
    }
  }
  static bool is_plain(std::string_view name) {
    return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
           std::string_view::npos;
  }

  Printer& p_;
};

bool is_primary(const Expr& expr) {
  return std::holds_alternative<Literal>(expr.node) ||
         std::holds_alternative<ColumnRef>(expr.node) ||
         std::holds_alternative<UserVariable>(expr.node) ||
         std::holds_alternative<SystemVariable>(expr.node) ||
         std::holds_alternative<Parameter>(expr.node) || std::holds_alternative<Call>(expr.node) ||
         std::holds_alternative<Aggregate>(expr.node) || std::holds_alternative<Cast>(expr.node) ||
         std::holds_alternative<ConvertUsing>(expr.node) ||
         std::holds_alternative<IntervalAdd>(expr.node) ||
         std::holds_alternative<RowValue>(expr.node) ||
         std::holds_alternative<InsertedValue>(expr.node) ||
         std::holds_alternative<DefaultValue>(expr.node);
}

}  // namespace

void Printer::expr(const Expr& expr) { std::visit(ExprPrinter(*this), expr.node); }

void Printer::operand(const Expr& expr) {
  const auto* query = std::get_if<Subquery>(&expr.node);
  if (is_primary(expr) || (query != nullptr && !query->exists)) {
    this->expr(expr);
    return;
  }
  raw("(");
  this->expr(expr);
  raw(")");
}

void Printer::literal(const Literal& literal) {
  if (!literal.charset.empty()) raw("_" + literal.charset).raw(" ");
  switch (literal.kind) {
    case LiteralKind::null_value: raw("NULL"); return;
    case LiteralKind::boolean:
    case LiteralKind::integer:
    case LiteralKind::decimal:
    case LiteralKind::floating: raw(literal.text); return;
    case LiteralKind::string: text(literal.text); return;
    case LiteralKind::hex: raw("x'" + hex_digits(literal.text) + "'"); return;
    case LiteralKind::bit: raw("b'" + bit_digits(literal.text) + "'"); return;
    case LiteralKind::date: raw("DATE ").text(literal.text); return;
    case LiteralKind::time: raw("TIME ").text(literal.text); return;
    case LiteralKind::timestamp: raw("TIMESTAMP ").text(literal.text); return;
  }
  CHECK(false);
}

}  // namespace aftersync::sql
