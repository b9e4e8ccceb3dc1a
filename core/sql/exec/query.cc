// One SELECT: joined rows, filtered, made into items, sorted, cut.
#include "core/sql/exec/query.h"

#include <algorithm>
#include <set>

#include "core/sql/exec/join_run.h"
#include "core/sql/exec/row_groups.h"
#include "core/sql/exec/row_sorter.h"
#include "core/sql/exec/subqueries.h"
#include "core/sql/exec/value_key.h"
#include "core/sql/plan/select_plan.h"

namespace aftersync::sql {

namespace {

// To the client.
class SentRows final : public RowConsumer {
 public:
  explicit SentRows(StatementRun& run) : run_(run) {}
  bool begin(const std::vector<ResultColumn>& columns) override { return run_.send(columns); }
  bool row(std::span<const Value> values) override { return run_.send_row(values); }

 private:
  StatementRun& run_;
};

class SelectRun {
 public:
  SelectRun(StatementRun& run, SelectPlan& plan, RowConsumer& consumer, RowLocking locking)
      : run_(run), plan_(plan), consumer_(consumer), locking_(locking) {}

  // LIMIT; `count_all`: goes on counting behind it.
  void limit(uint64_t offset, uint64_t count, bool count_all) {
    offset_ = offset;
    count_ = count;
    count_all_ = count_all;
  }

  bool execute() {
    row_.resize(plan_.scope.slots());
    if (!consumer_.begin(plan_.columns)) return false;
    const bool sorts = !plan_.order_by.empty() && !plan_.order_comes_by_itself;
    if (!sorts) {
      each_row([this] { return distinct(items()) ? emit(items()) : run_.ok(); });
      return run_.ok();
    }
    const uint64_t most =
        count_all_ || count_ > UINT64_MAX - offset_ ? UINT64_MAX : offset_ + count_;
    RowSorter sorter(run_, plan_.order_by, most);
    each_row([&] {
      if (!distinct(items())) return run_.ok();
      EvalContext context = here();
      return sorter.add(context, items());
    });
    if (!run_.ok()) return false;
    sorter.each([this](std::span<const Value> values) { return emit(values); });
    return run_.ok();
  }

  [[nodiscard]] uint64_t found() const { return found_; }

 private:
  // Calls `take` for each row that has been made, HAVING included.
  void each_row(const std::function<bool()>& take) {
    if (count_ == 0 && !count_all_) return;
    const auto make = [&] {
      make_items();
      if (plan_.having && !holds(*plan_.having)) return run_.ok();
      return run_.ok() && take();
    };
    if (!plan_.is_grouped()) {
      each_joined(make);
      return;
    }
    RowGroups groups(run_, plan_);
    each_joined([&] { return groups.add(row_); });
    if (!run_.ok()) return;
    groups.finish(ValueRow(row_.size()));
    for (const RowGroups::Group& group : groups.groups()) {
      row_ = group.row;
      EvalContext context = run_.context(row_);
      aggregates_ = results(group.states, context);
      if (!run_.may_go_on() || !make()) return;
    }
  }

  void each_joined(const std::function<bool()>& take) {
    if (plan_.join) {
      JoinRun(run_, plan_.scope, row_, locking_).each(*plan_.join, take);
    } else if (passes(run_, plan_.filters, row_)) {
      take();
    }
  }

  EvalContext here() {
    EvalContext context = run_.context(row_);
    context.aggregates = aggregates_;
    return context;
  }

  void make_items() {
    EvalContext context = here();
    for (size_t i = 0; i < plan_.items.size(); ++i) {
      row_[plan_.first_item + i] = plan_.items[i].evaluate(context);
    }
  }

  bool holds(const BoundExpr& condition) {
    EvalContext context = here();
    const Value value = condition.evaluate(context);
    return run_.ok() && !is_null(value) && to_truth(value, run_.diagnostics);
  }

  std::span<const Value> items() const {
    return std::span<const Value>(row_).subspan(plan_.first_item);
  }

  // Whether this row is the first of its kind.
  bool distinct(std::span<const Value> values) {
    if (!plan_.distinct) return true;
    std::string key;
    for (size_t i = 0; i < values.size(); ++i) {
      append_value_key(values[i], plan_.columns[i].type, key);
    }
    kept_bytes_ += key.size() + kKeptOverhead;
    if (kept_bytes_ > run_.session.settings().memory_bytes) {
      return run_.fail(ErrorName::out_of_sort_memory, {});
    }
    return seen_.insert(std::move(key)).second;
  }

  bool emit(std::span<const Value> values) {
    ++found_;
    if (found_ <= offset_) return true;
    if (found_ - offset_ <= count_ && !consumer_.row(values)) return false;
    return count_all_ || found_ - offset_ < count_;
  }

  static constexpr uint64_t kKeptOverhead = 80;  // of a node of the set

  StatementRun& run_;
  SelectPlan& plan_;
  RowConsumer& consumer_;
  const RowLocking locking_;
  ValueRow row_;
  std::vector<Value> aggregates_;  // of the group that the row stands for
  uint64_t offset_ = 0;
  uint64_t count_ = UINT64_MAX;
  bool count_all_ = false;
  uint64_t found_ = 0;
  std::set<std::string> seen_;
  uint64_t kept_bytes_ = 0;
};

bool locking_of(StatementRun& run, const Query& query, RowLocking& locking) {
  for (const LockingClause& clause : query.locking) {
    if (!clause.tables.empty()) return run.fail(ErrorName::not_supported_yet, {"FOR ... OF"});
    locking.mode =
        clause.strength == LockStrength::for_update ? txn::LockMode::x : txn::LockMode::s;
    locking.on_busy = clause.wait == LockWait::nowait        ? txn::OnBusy::fail
                      : clause.wait == LockWait::skip_locked ? txn::OnBusy::skip
                                                             : txn::OnBusy::wait;
  }
  return true;
}

// A table in it may be read; the parser has counted how deep queries nest.
bool names_tables(const Query& query) {
  return std::any_of(query.terms.begin(), query.terms.end(), [](const QueryTerm& term) {
    if (const auto* inner = std::get_if<Box<Query>>(&term.body)) return names_tables(**inner);
    const auto& select = std::get<Select>(term.body);
    return !select.from.empty() || has_subqueries(select);
  });
}

// The select of a query that has only one.
const Select* single_select(StatementRun& run, const Query& query) {
  if (query.terms.size() != 1) {
    run.fail(ErrorName::not_supported_yet, {"UNION"});
    return nullptr;
  }
  const auto* select = std::get_if<Select>(&query.terms[0].body);
  if (select != nullptr) return select;
  run.fail(ErrorName::not_supported_yet, {"queries in parentheses"});
  return nullptr;
}

// Plans and executes. `own_statement`: not part of another one.
bool execute(StatementRun& run, const Query& written, RowConsumer& consumer, RowLocking locking,
             bool own_statement) {
  const std::optional<Query> replaced = without_subqueries(run, written);
  if (!run.ok()) return false;
  const Query& query = replaced ? *replaced : written;
  const Select* select = single_select(run, query);
  if (select == nullptr || !locking_of(run, query, locking)) return false;
  SelectPlan plan(run);
  const PlanOptions options{run.session_answers(), run.session.settings().only_full_group_by};
  if (auto error = plan_select(*select, query.order_by, options, plan)) {
    return run.fail(*std::move(error));
  }
  if (!run.ok()) return false;
  if (run.describing) return consumer.begin(plan.columns);
  SelectRun select_run(run, plan, consumer, locking);
  uint64_t count = own_statement ? run.session.settings().select_limit : UINT64_MAX;
  uint64_t offset = 0;
  if (query.limit) {
    if (!run.limit_value(query.limit->count, count)) return false;
    if (query.limit->offset && !run.limit_value(*query.limit->offset, offset)) return false;
  }
  select_run.limit(offset, count, select->options.calc_found_rows);
  select_run.execute();
  if (own_statement && run.ok()) {
    const uint64_t sent = select_run.found() - std::min(select_run.found(), offset);
    run.session_answers().set_found_rows(select->options.calc_found_rows ? select_run.found()
                                                                         : std::min(sent, count));
  }
  return run.ok();
}

// A statement of its own, in a transaction if it reads tables.
bool execute_statement(StatementRun& run, const Query& query, RowConsumer& consumer) {
  const auto body = [&] { (void)execute(run, query, consumer, {}, true); };
  if (names_tables(query) && !run.describing) {
    run.in_transaction(body);
  } else {
    body();
  }
  return run.ok();
}

void query_into_variables(StatementRun& run, const Query& query) {
  CollectedRows taken(run);
  if (!execute_statement(run, query, taken) || run.describing) return;
  if (taken.columns.size() != query.into.size()) {
    run.fail(ErrorName::different_column_counts, {});
    return;
  }
  if (taken.rows.size() > 1) {
    run.fail(ErrorName::more_than_one_row, {});
    return;
  }
  if (taken.rows.empty()) {
    run.diagnostics.warn(ErrorName::no_data, {});
    return;
  }
  for (size_t i = 0; i < query.into.size(); ++i) {
    run.session_answers().set_user_variable(query.into[i],
                                            {taken.rows[0][i], taken.columns[i].type});
  }
  run.completed.affected_rows = 1;
}

}  // namespace

uint64_t memory_of(std::span<const Value> values) {
  uint64_t bytes = sizeof(ValueRow) + values.size() * sizeof(Value);
  for (const Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

bool CollectedRows::row(std::span<const Value> values) {
  bytes_ += memory_of(values);
  if (bytes_ > run_.session.settings().memory_bytes) {
    return run_.fail(ErrorName::out_of_sort_memory, {});
  }
  rows.emplace_back(values.begin(), values.end());
  return true;
}

void run_query(StatementRun& run, const Query& query) {
  if (!query.into.empty()) {
    query_into_variables(run, query);
    return;
  }
  if (run.describing) {
    CollectedRows columns(run);
    if (execute_statement(run, query, columns)) run.described = std::move(columns.columns);
    return;
  }
  SentRows sent(run);
  (void)execute_statement(run, query, sent);
}

bool run_query_into(StatementRun& run, const Query& query, RowConsumer& consumer, RowLocking lock) {
  return execute(run, query, consumer, lock, false);
}

void with_plan(StatementRun& run, const Query& query,
               const std::function<void(const SelectPlan&)>& use) {
  const auto body = [&] {
    const Select* select = single_select(run, query);
    if (select == nullptr) return;
    SelectPlan plan(run);
    const PlanOptions options{run.session_answers(), run.session.settings().only_full_group_by};
    if (auto error = plan_select(*select, query.order_by, options, plan)) {
      run.fail(*std::move(error));
    } else {
      use(plan);
    }
  };
  if (names_tables(query)) {
    run.in_transaction(body);
  } else {
    body();
  }
}

std::variant<Source, SqlError> derived_table(StatementRun& run, const DerivedTable& table) {
  CollectedRows made(run);
  (void)run_query_into(run, *table.query, made);
  if (!run.ok()) return run.diagnostics.error();
  if (!table.columns.empty() && table.columns.size() != made.columns.size()) {
    return make_error(ErrorName::view_columns, {});
  }
  Source source;
  source.alias = table.alias;
  source.columns = std::move(made.columns);
  for (size_t i = 0; i < source.columns.size(); ++i) {
    ResultColumn& column = source.columns[i];
    column.schema.clear();
    column.table = table.alias;
    if (!table.columns.empty()) column.name = table.columns[i];
  }
  source.rows = std::make_shared<std::vector<ValueRow>>(std::move(made.rows));
  return source;
}

}  // namespace aftersync::sql
