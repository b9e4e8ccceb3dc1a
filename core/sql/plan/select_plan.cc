// Clause by clause, in the order in which names become known.
#include "core/sql/plan/select_plan.h"

#include <algorithm>
#include <string>

#include "core/sql/plan/index_order.h"
#include "core/sql/print/print.h"

namespace aftersync::sql {

namespace {

class SelectPlanner {
 public:
  SelectPlanner(const Select& select, const std::vector<OrderItem>& order_by,
                const PlanOptions& options, SelectPlan& plan)
      : select_(select), order_by_(order_by), options_(options), plan_(plan), scope_(plan.scope) {
    scope_.set_session(options.session);
  }

  std::optional<SqlError> run() {
    std::optional<SqlError> error = refuse();
    if (!error) error = from();
    if (!error) error = where();
    if (!error) error = group();
    if (!error) error = items();
    if (!error) error = having();
    if (!error) error = order();
    if (!error) error = check_groups();
    if (!error) use_index_order();
    return error;
  }

 private:
  std::optional<SqlError> refuse() const {
    if (select_.rollup) return make_error(ErrorName::not_supported_yet, {"WITH ROLLUP"});
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

  std::optional<SqlError> group() {
    scope_.enter("group statement");
    for (const Expr& expr : select_.group_by) {
      const Expr* grouped = grouped_expression(expr);
      if (grouped == nullptr) {
        return make_error(ErrorName::unknown_column,
                          {std::get<Literal>(expr.node).text, "group statement"});
      }
      auto bound = scope_.bind_here(*grouped);
      if (auto* error = std::get_if<SqlError>(&bound)) {
        const bool named = grouped != &expr;  // by position or alias
        if (error->number != 1111 || !named) return std::move(*error);
        return make_error(ErrorName::wrong_group_field, {to_sql(*grouped)});
      }
      plan_.group_by.push_back(std::get<BoundExpr>(std::move(bound)));
      grouped_.push_back(grouped);
    }
    return {};
  }

  // A whole number is the position of an item; a name is that of an item if no table has it. Null:
  // no such position.
  const Expr* grouped_expression(const Expr& expr) const {
    const auto* literal = std::get_if<Literal>(&expr.node);
    if (literal != nullptr && literal->kind == LiteralKind::integer) {
      const uint64_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
      const bool exists = position >= 1 && position <= select_.items.size();
      return exists && select_.items[position - 1].expr ? &*select_.items[position - 1].expr
                                                        : nullptr;
    }
    const auto* ref = std::get_if<ColumnRef>(&expr.node);
    if (ref == nullptr || !ref->name.table.empty() || scope_.find_column(ref->name)) return &expr;
    for (const SelectItem& item : select_.items) {
      if (item.expr && same_name(item.alias, ref->name.column)) return &*item.expr;
    }
    return &expr;
  }

  // ONLY_FULL_GROUP_BY: what is shown must be the same for all rows of a group.
  std::optional<SqlError> check_groups() const {
    if (!options_.only_full_group_by || !plan_.is_grouped()) return {};
    for (size_t i = 0; i < select_.items.size(); ++i) {
      const SelectItem& item = select_.items[i];
      const auto loose = item.expr ? loose_column(*item.expr) : loose_star();
      if (loose) return loose_error(i, "SELECT list", *loose);
    }
    for (size_t i = 0; i < order_by_.size(); ++i) {
      const auto loose = loose_column(order_by_[i].expr);
      if (loose && !is_item(order_by_[i].expr)) return loose_error(i, "ORDER BY clause", *loose);
    }
    return {};
  }

  SqlError loose_error(size_t item, std::string_view clause, uint32_t slot) const {
    const Source& source = scope_.source_of(slot);
    const std::string column =
        source.database + "." + source.alias + "." + scope_.column_of(slot).name;
    const std::string number = std::to_string(item + 1);
    if (select_.group_by.empty()) return make_error(ErrorName::mixed_aggregates, {number, column});
    return make_error(ErrorName::not_in_group_by, {number, clause, column});
  }

  bool is_item(const Expr& expr) const {
    const auto* ref = std::get_if<ColumnRef>(&expr.node);
    return ref != nullptr && ref->name.table.empty() &&
           std::any_of(plan_.columns.begin(), plan_.columns.end(), [&](const ResultColumn& one) {
             return same_name(one.name, ref->name.column);
           });
  }

  // A column that may differ between the rows of a group.
  std::optional<uint32_t> loose_column(const Expr& expr) const {
    if (std::holds_alternative<Aggregate>(expr.node)) return {};
    for (const Expr* grouped : grouped_) {
      if (*grouped == expr) return {};
    }
    if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
      const auto slot = scope_.find_column(ref->name);
      return slot && !is_determined(*slot) ? slot : std::nullopt;
    }
    for (const Expr* operand : operands_of(expr)) {
      if (const auto loose = loose_column(*operand)) return loose;
    }
    return {};
  }

  std::optional<uint32_t> loose_star() const {
    for (const uint32_t slot : plan_.from.star()) {
      if (!is_determined(slot)) return slot;
    }
    return {};
  }

  bool is_grouped_slot(uint32_t slot) const {
    return std::any_of(grouped_.begin(), grouped_.end(), [&](const Expr* grouped) {
      const auto* ref = std::get_if<ColumnRef>(&grouped->node);
      return ref != nullptr && scope_.find_column(ref->name) == slot;
    });
  }

  // It is grouped by, or all of its table's primary key is.
  bool is_determined(uint32_t slot) const {
    if (is_grouped_slot(slot)) return true;
    const Source& source = scope_.source_of(slot);
    if (!source.table) return false;
    const auto& indexes = source.table->schema.indexes;
    return std::any_of(indexes.begin(), indexes.end(), [&](const Index& index) {
      return index.is_primary() &&
             std::all_of(index.parts.begin(), index.parts.end(), [&](const IndexColumn& part) {
               return is_grouped_slot(source.first_slot + part.column);
             });
    });
  }

  std::optional<SqlError> expression(const SelectItem& item) {
    auto bound = scope_.bind_here(*item.expr, &plan_.aggregates);
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
    auto bound = scope_.bind_here(*select_.having, &plan_.aggregates);
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
      return scope_.bind_here(expr, &plan_.aggregates);
    }
    const uint64_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
    if (position < 1 || position > plan_.items.size()) {
      return make_error(ErrorName::unknown_column, {literal->text, "order clause"});
    }
    return plan_.items[position - 1];
  }

  // Where the first table is read in the order that is wanted, nothing has to be sorted.
  void use_index_order() {
    if (plan_.order_by.empty() || !plan_.join || plan_.distinct || plan_.is_grouped()) return;
    if (names_other_things()) return;
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
  const PlanOptions& options_;
  SelectPlan& plan_;
  NameScope& scope_;
  std::vector<const Expr*> grouped_;
};

}  // namespace

std::optional<SqlError> plan_select(const Select& select, const std::vector<OrderItem>& order_by,
                                    const PlanOptions& options, SelectPlan& plan) {
  return SelectPlanner(select, order_by, options, plan).run();
}

}  // namespace aftersync::sql
