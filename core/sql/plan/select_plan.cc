// Clause by clause, in the order in which names become known.
#include "core/sql/plan/select_plan.h"

#include <algorithm>
#include <string>

#include "core/sql/plan/index_order.h"

namespace aftersync::sql {

namespace {

class SelectPlanner {
 public:
  SelectPlanner(const Select& select, const std::vector<OrderItem>& order_by, SelectPlan& plan)
      : select_(select), order_by_(order_by), plan_(plan), scope_(plan.scope) {}

  std::optional<SqlError> run() {
    std::optional<SqlError> error = refuse();
    if (!error) error = from();
    if (!error) error = where();
    if (!error) error = items();
    if (!error) error = having();
    if (!error) error = order();
    if (!error) use_index_order();
    return error;
  }

 private:
  std::optional<SqlError> refuse() const {
    if (select_.rollup) return make_error(ErrorName::not_supported_yet, {"WITH ROLLUP"});
    if (!select_.group_by.empty()) return make_error(ErrorName::not_supported_yet, {"GROUP BY"});
    return {};
  }

  std::optional<SqlError> from() {
    if (select_.from.empty()) return {};
    return plan_.from.add(select_.from);
  }

  std::optional<SqlError> where() {
    std::vector<Conjunct> conditions;
    if (select_.where) {
      scope_.enter("where clause");
      auto made = conjuncts_of(*select_.where, scope_);
      if (auto* error = std::get_if<SqlError>(&made)) return std::move(*error);
      conditions = std::get<std::vector<Conjunct>>(std::move(made));
    }
    if (select_.from.empty()) {
      plan_.filters = std::move(conditions);
    } else {
      plan_.join = plan_join(scope_, plan_.from.tree(), std::move(conditions),
                             select_.options.straight_join);
    }
    return {};
  }

  std::optional<SqlError> items() {
    scope_.enter("field list");
    for (const SelectItem& item : select_.items) {
      auto error = item.expr ? expression(item) : star(item);
      if (error) return error;
    }
    plan_.first_item = scope_.slots();
    for (const ResultColumn& column : plan_.columns) scope_.add_output(column.name, column.type);
    plan_.distinct = select_.options.distinct;
    return {};
  }

  std::optional<SqlError> expression(const SelectItem& item) {
    auto bound = scope_.bind_here(*item.expr);
    if (auto* error = std::get_if<SqlError>(&bound)) return std::move(*error);
    ResultColumn column;
    const auto* ref = std::get_if<ColumnRef>(&item.expr->node);
    if (ref != nullptr) {
      column = scope_.column_of(*scope_.find_column(ref->name));
      column.name = ref->name.column;
    } else {
      column.name = item.text;
    }
    if (!item.alias.empty()) column.name = item.alias;
    auto& made = std::get<BoundExpr>(bound);
    column.type = made.type;
    plan_.items.push_back(std::move(made));
    plan_.columns.push_back(std::move(column));
    return {};
  }

  std::optional<SqlError> star(const SelectItem& item) {
    if (select_.from.empty()) return make_error(ErrorName::no_tables_used, {});
    const bool qualified = !item.table.table.empty();
    std::vector<uint32_t> slots = plan_.from.star();
    if (qualified) slots = columns_of(item.table);
    if (slots.empty()) return make_error(ErrorName::unknown_tables, {item.table.table});
    for (const uint32_t slot : slots) {
      const Source& source = scope_.source_of(slot);
      const ResultColumn& column = scope_.column_of(slot);
      auto bound = scope_.bind_here(Expr(ColumnRef{{source.database, source.alias, column.name}}));
      if (auto* error = std::get_if<SqlError>(&bound)) return std::move(*error);
      plan_.items.push_back(std::get<BoundExpr>(std::move(bound)));
      plan_.columns.push_back(column);
    }
    return {};
  }

  std::vector<uint32_t> columns_of(const TableName& table) const {
    std::vector<uint32_t> slots;
    for (const Source& source : scope_.sources()) {
      if (source.alias != table.table) continue;
      if (!table.schema.empty() && table.schema != source.database) continue;
      for (uint32_t i = 0; i < source.slots(); ++i) slots.push_back(source.first_slot + i);
    }
    return slots;
  }

  std::optional<SqlError> having() {
    if (!select_.having) return {};
    scope_.enter("having clause", NameScope::Outputs::before_columns);
    auto bound = scope_.bind_here(*select_.having);
    if (auto* error = std::get_if<SqlError>(&bound)) return std::move(*error);
    plan_.having = std::get<BoundExpr>(std::move(bound));
    return {};
  }

  std::optional<SqlError> order() {
    for (const OrderItem& item : order_by_) {
      auto bound = order_expression(item.expr);
      if (auto* error = std::get_if<SqlError>(&bound)) return std::move(*error);
      plan_.order_by.push_back({std::get<BoundExpr>(std::move(bound)), item.descending});
    }
    return {};
  }

  // A whole number is the position of an item. A name alone is first looked for among the items,
  // one within an expression last.
  std::variant<BoundExpr, SqlError> order_expression(const Expr& expr) {
    scope_.enter("order clause", std::holds_alternative<ColumnRef>(expr.node)
                                     ? NameScope::Outputs::before_columns
                                     : NameScope::Outputs::after_columns);
    const auto* literal = std::get_if<Literal>(&expr.node);
    if (literal == nullptr || literal->kind != LiteralKind::integer) {
      return scope_.bind_here(expr);
    }
    const uint64_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
    if (position < 1 || position > plan_.items.size()) {
      return make_error(ErrorName::unknown_column, {literal->text, "order clause"});
    }
    return plan_.items[position - 1];
  }

  // Where the first table is read in the order that is wanted, nothing has to be sorted.
  void use_index_order() {
    if (plan_.order_by.empty() || !plan_.join || plan_.distinct || names_other_things()) return;
    JoinNode* first = plan_.join.get();
    while (!first->is_leaf()) first = first->left.get();
    plan_.order_comes_by_itself = comes_ordered(scope_, order_by_, first->path, first->source);
  }

  // An alias may be something else than the column of that name.
  bool names_other_things() const {
    return std::any_of(order_by_.begin(), order_by_.end(), [this](const OrderItem& item) {
      const auto* ref = std::get_if<ColumnRef>(&item.expr.node);
      if (ref == nullptr) return true;
      return ref->name.table.empty() &&
             std::any_of(plan_.columns.begin(), plan_.columns.end(),
                         [&](const ResultColumn& column) {
                           return same_name(column.name, ref->name.column) &&
                                  !same_name(column.original_name, column.name);
                         });
    });
  }

  const Select& select_;
  const std::vector<OrderItem>& order_by_;
  SelectPlan& plan_;
  NameScope& scope_;
};

}  // namespace

std::optional<SqlError> plan_select(const Select& select, const std::vector<OrderItem>& order_by,
                                    SelectPlan& plan) {
  return SelectPlanner(select, order_by, plan).run();
}

}  // namespace aftersync::sql
