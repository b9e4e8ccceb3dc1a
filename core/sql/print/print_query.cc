// Queries and row changes as SQL.
#include "core/sql/print/printer.h"

namespace aftersync::sql {

namespace {

void print_select(Printer& p, const Select& select) {
  p.word("SELECT");
  if (select.options.distinct) p.word("DISTINCT");
  if (select.options.straight_join) p.word("STRAIGHT_JOIN");
  if (select.options.calc_found_rows) p.word("SQL_CALC_FOUND_ROWS");
  p.raw(" ").list(select.items, [&p](const SelectItem& item) {
    if (item.expr) {
      p.expr(*item.expr);
      if (!item.alias.empty()) p.raw(" AS ").name(item.alias);
      return;
    }
    if (!item.table.table.empty()) {
      p.table(item.table);
      p.raw(".");
    }
    p.raw("*");
  });
  if (!select.from.empty()) {
    p.word("FROM ");
    p.table_refs(select.from);
  }
  p.where(select.where);
  if (!select.group_by.empty()) {
    p.word("GROUP BY ").exprs(select.group_by);
    if (select.rollup) p.word("WITH ROLLUP");
  }
  if (select.having) {
    p.word("HAVING ");
    p.expr(*select.having);
  }
}

std::string_view join_words(JoinKind kind) {
  static constexpr std::string_view kWords[] = {
      "JOIN",         "STRAIGHT_JOIN",     "LEFT JOIN",         "RIGHT JOIN",
      "NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL RIGHT JOIN"};
  return kWords[static_cast<size_t>(kind)];
}

void print_hints(Printer& p, const std::vector<IndexHint>& hints) {
  static constexpr std::string_view kKinds[] = {"USE INDEX (", "IGNORE INDEX (", "FORCE INDEX ("};
  for (const IndexHint& hint : hints) {
    p.word(kKinds[static_cast<size_t>(hint.kind)]).names(hint.indexes).raw(")");
  }
}

// A joined side in parentheses, so that the tree is what it was.
void print_side(Printer& p, const TableRef& ref) {
  const bool join = std::holds_alternative<Join>(ref.node);
  if (join) p.raw("(");
  p.table_ref(ref);
  if (join) p.raw(")");
}

void print_locking(Printer& p, const std::vector<LockingClause>& clauses) {
  for (const LockingClause& clause : clauses) {
    p.word(clause.strength == LockStrength::for_update ? "FOR UPDATE" : "FOR SHARE");
    if (!clause.tables.empty()) {
      p.word("OF ").list(clause.tables, [&p](const TableName& name) { p.table(name); });
    }
    if (clause.wait == LockWait::nowait) p.word("NOWAIT");
    if (clause.wait == LockWait::skip_locked) p.word("SKIP LOCKED");
  }
}

}  // namespace

void Printer::table_ref(const TableRef& ref) {
  if (const auto* named = std::get_if<NamedTable>(&ref.node)) {
    table(named->name);
    if (!named->alias.empty()) word("AS ").name(named->alias);
    print_hints(*this, named->hints);
  } else if (const auto* derived = std::get_if<DerivedTable>(&ref.node)) {
    subquery(*derived->query);
    word("AS ").name(derived->alias);
    if (!derived->columns.empty()) raw(" (").names(derived->columns).raw(")");
  } else {
    const auto& join = std::get<Join>(ref.node);
    print_side(*this, *join.left);
    word(join_words(join.kind)).raw(" ");
    print_side(*this, *join.right);
    if (join.on) {
      word("ON ");
      expr(*join.on);
    }
    if (!join.using_columns.empty()) word("USING (").names(join.using_columns).raw(")");
  }
}

void Printer::table_refs(const std::vector<TableRef>& refs) {
  list(refs, [this](const TableRef& ref) { table_ref(ref); });
}

void Printer::subquery(const Query& query) {
  raw("(");
  this->query(query);
  raw(")");
}

void Printer::query(const Query& query) {
  for (const QueryTerm& term : query.terms) {
    if (term.op == SetOperator::union_all) word("UNION ALL ");
    if (term.op == SetOperator::union_distinct) word("UNION ");
    if (const auto* select = std::get_if<Select>(&term.body)) {
      print_select(*this, *select);
    } else {
      subquery(*std::get<Box<Query>>(term.body));
    }
  }
  order_by(query.order_by);
  limit(query.limit);
  if (!query.into.empty()) word("INTO ").variables(query.into);
  print_locking(*this, query.locking);
}

void Printer::assignments(const std::vector<Assignment>& assignments) {
  list(assignments, [this](const Assignment& one) {
    column(one.column);
    raw(" = ");
    expr(one.value);
  });
}

void Printer::statement(const InsertStatement& s) {
  word(s.replace ? "REPLACE" : "INSERT");
  if (s.ignore) word("IGNORE");
  word("INTO ");
  table(s.table);
  if (!s.columns.empty()) raw(" (").names(s.columns).raw(")");
  if (s.query) {
    raw(" ");
    query(*s.query);
  } else {
    word("VALUES ").list(s.rows,
                         [this](const std::vector<Expr>& row) { raw("(").exprs(row).raw(")"); });
  }
  if (!s.on_duplicate.empty()) {
    word("ON DUPLICATE KEY UPDATE ");
    assignments(s.on_duplicate);
  }
}

void Printer::statement(const UpdateStatement& s) {
  word(s.ignore ? "UPDATE IGNORE " : "UPDATE ");
  table_refs(s.tables);
  word("SET ");
  assignments(s.set);
  where(s.where);
  order_by(s.order_by);
  limit(s.limit);
}

void Printer::statement(const DeleteStatement& s) {
  word(s.ignore ? "DELETE IGNORE" : "DELETE");
  if (s.from.empty()) word("FROM ");
  word("").list(s.tables, [this](const TableName& name) { table(name); });
  if (!s.alias.empty()) word("AS ").name(s.alias);
  if (!s.from.empty()) {
    word("FROM ");
    table_refs(s.from);
  }
  where(s.where);
  order_by(s.order_by);
  limit(s.limit);
}

}  // namespace aftersync::sql
