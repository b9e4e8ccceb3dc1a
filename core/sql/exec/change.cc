// The rows are found by a locking scan, and changed as they are found. Unless the change moves them
// in the index that is scanned (they would be met again), or they are wanted in another order: then
// all are found first, within the statement's memory.
//
// Under READ COMMITTED and below an UPDATE looks at rows before it waits for their locks
// (locking_read.h), so that it does not wait for rows that do not match.
#include "core/sql/exec/change.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/sql/exec/assignments.h"
#include "core/sql/exec/join_run.h"
#include "core/sql/exec/query.h"
#include "core/sql/exec/row_sorter.h"
#include "core/sql/exec/subqueries.h"
#include "core/sql/exec/table_writer.h"
#include "core/sql/plan/index_order.h"

namespace aftersync::sql {

namespace {

struct Target {
  const NamedTable* table = nullptr;
  const Box<Expr>* where = nullptr;
  const std::vector<OrderItem>* order_by = nullptr;
  const std::optional<Limit>* limit = nullptr;
};

// Finds the rows of UPDATE and DELETE.
class ChangeRun {
 public:
  ChangeRun(StatementRun& run, const Target& target) : run_(run), target_(target) {}

  bool plan(Need need) {
    scope_.set_session(run_.session_answers());
    TableName name = target_.table->name;
    if (!run_.qualify(name)) return false;
    Source source;
    source.database = name.schema;
    source.alias = target_.table->alias.empty() ? name.table : target_.table->alias;
    source.hints = target_.table->hints;
    source.table = run_.open_table(name, need);
    if (!source.table) return false;
    source.columns = result_columns(*source.table, source.alias);
    if (!run_.check_hints(source)) return false;
    if (auto error = scope_.add(std::move(source))) return run_.fail(*std::move(error));
    return plan_rows();
  }

  [[nodiscard]] const NameScope& scope() const { return scope_; }
  [[nodiscard]] const OpenTable& table() const { return *scope_.sources()[0].table; }
  // Whether rows that are found come again once this column of them has changed.
  [[nodiscard]] bool is_read_by(const Assignments& set) const {
    const auto& schema = table().schema;
    const auto moves = [&](const Index& index) {
      return std::any_of(index.parts.begin(), index.parts.end(),
                         [&](const IndexColumn& part) { return set.assigns(part.column); });
    };
    return moves(schema.indexes[path_.index]) || moves(schema.indexes[0]);
  }

  // Calls `change` for each row, until it answers false.
  using Change = std::function<bool(const std::string& key, const storage::Row& row)>;
  void each(bool all_first, txn::OnBusy on_busy, const Change& change) {
    if (limit_ == 0) return;
    if (!order_by_.empty() && !ordered_) {
      each_sorted(change);
    } else if (all_first) {
      std::vector<std::pair<std::string, storage::Row>> found;
      uint64_t bytes = 0;
      find(on_busy, [&](const std::string& key, const storage::Row& row) {
        found.emplace_back(key, row);
        return keep(key, row, bytes);
      });
      for (const auto& [key, row] : found) {
        if (!run_.may_go_on() || !change(key, row)) return;
      }
    } else {
      find(on_busy, change);
    }
  }

 private:
  bool plan_rows() {
    if (*target_.where) {
      scope_.enter("where clause");
      auto made = conjuncts_of(**target_.where, scope_);
      if (auto* error = std::get_if<SqlError>(&made)) return run_.fail(std::move(*error));
      filters_ = std::get<std::vector<Conjunct>>(std::move(made));
    }
    std::vector<const Conjunct*> usable;
    for (const Conjunct& one : filters_) usable.push_back(&one);
    path_ = choose_access(scope_, 0, usable, 0);
    scope_.enter("order clause");
    for (const OrderItem& item : *target_.order_by) {
      auto bound = scope_.bind_here(item.expr);
      if (auto* error = std::get_if<SqlError>(&bound)) return run_.fail(std::move(*error));
      order_by_.push_back({std::get<BoundExpr>(std::move(bound)), item.descending});
    }
    ordered_ = comes_ordered(scope_, *target_.order_by, path_);
    scope_.enter("field list");
    const bool by_key = path_.kind < AccessKind::index;
    if (run_.session.settings().safe_updates && !by_key && !*target_.limit) {
      return run_.fail(ErrorName::safe_update, {""});
    }
    return !*target_.limit || run_.limit_value((*target_.limit)->count, limit_);
  }

  // The rows that match, locked; at most as many as LIMIT says.
  void find(txn::OnBusy on_busy, const Change& found) {
    const Source& source = scope_.sources()[0];
    const int32_t zone = run_.session.settings().time_zone_offset_s;
    ValueRow slots(scope_.slots());
    EvalContext context = run_.context(slots);
    TableScan scan(run_, table(), path_, ranges_of(path_, table(), context),
                   {txn::LockMode::x, on_busy});
    uint64_t left = ordered_ || order_by_.empty() ? limit_ : UINT64_MAX;
    while (left > 0 && scan.next()) {
      load_slots(source, scan.row(), zone, slots);
      bool matches = passes(run_, filters_, slots);
      if (!run_.ok()) return;
      if (matches && !scan.is_locked()) {
        if (!scan.lock_row()) {
          if (!run_.ok()) return;
          continue;
        }
        load_slots(source, scan.row(), zone, slots);
        matches = passes(run_, filters_, slots);
      }
      if (!matches) {
        scan.release_row();
        continue;
      }
      --left;
      if (!found(scan.clustered_key(), scan.row())) return;
    }
  }

  void each_sorted(const Change& change) {
    std::vector<std::pair<std::string, storage::Row>> rows;
    uint64_t bytes = 0;
    RowSorter sorter(run_, order_by_, limit_);
    const Source& source = scope_.sources()[0];
    ValueRow slots(scope_.slots());
    find(txn::OnBusy::wait, [&](const std::string& key, const storage::Row& row) {
      load_slots(source, row, run_.session.settings().time_zone_offset_s, slots);
      const Value number = static_cast<uint64_t>(rows.size());
      rows.emplace_back(key, row);
      EvalContext context = run_.context(slots);
      return keep(key, row, bytes) && sorter.add(context, {&number, 1});
    });
    if (!run_.ok()) return;
    sorter.each([&](std::span<const Value> values) {
      const auto& [key, row] = rows[std::get<uint64_t>(values[0])];
      return run_.may_go_on() && change(key, row);
    });
  }

  bool keep(const std::string& key, const storage::Row& row, uint64_t& bytes) {
    bytes += key.size() + row.size() * sizeof(storage::Value);
    for (const storage::Value& value : row) {
      if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
    }
    if (bytes <= run_.session.settings().memory_bytes) return true;
    return run_.fail(ErrorName::out_of_sort_memory, {});
  }

  StatementRun& run_;
  const Target target_;
  NameScope scope_;
  std::vector<Conjunct> filters_;
  AccessPath path_;
  std::vector<SortKey> order_by_;
  bool ordered_ = false;
  uint64_t limit_ = UINT64_MAX;
};

void update_rows(StatementRun& run, const UpdateStatement& statement, const NamedTable& table) {
  ChangeRun change(run, {&table, &statement.where, &statement.order_by, &statement.limit});
  if (!change.plan(Need::update)) return;
  Assignments set;
  if (!set.bind(run, statement.set, change.scope())) return;
  TableWriter writer(run, change.table(), statement.ignore);
  RowBuilder builder(run, change.table(), statement.ignore);
  uint64_t matched = 0;
  uint64_t changed = 0;
  const auto update = [&](const std::string& key, const storage::Row& before) {
    builder.set_row_number(++matched);
    storage::Row after = before;
    if (!set.apply(run, builder, before, nullptr, after)) return false;
    if (after == before) return true;
    switch (writer.update(key, before, after)) {
      case TableWriter::Outcome::failed: return false;
      case TableWriter::Outcome::duplicate: run.diagnostics.warn(writer.error()); break;
      case TableWriter::Outcome::done: ++changed; break;
    }
    return true;
  };
  const bool looks = run.transaction().options().isolation <= txn::Isolation::read_committed;
  change.each(change.is_read_by(set), looks ? txn::OnBusy::look : txn::OnBusy::wait, update);
  run.completed.affected_rows = run.session.settings().found_rows ? matched : changed;
  run.completed.info = "Rows matched: " + std::to_string(matched) +
                       "  Changed: " + std::to_string(changed) +
                       "  Warnings: " + std::to_string(run.diagnostics.warning_count());
}

void delete_rows(StatementRun& run, const DeleteStatement& statement, const NamedTable& table) {
  ChangeRun change(run, {&table, &statement.where, &statement.order_by, &statement.limit});
  if (!change.plan(Need::remove)) return;
  TableWriter writer(run, change.table(), statement.ignore);
  change.each(false, txn::OnBusy::wait, [&](const std::string& key, const storage::Row& row) {
    if (!writer.remove(key, row)) return false;
    ++run.completed.affected_rows;
    return true;
  });
}

}  // namespace

void run_update(StatementRun& run, const UpdateStatement& statement) {
  const auto* table =
      statement.tables.size() == 1 ? std::get_if<NamedTable>(&statement.tables[0].node) : nullptr;
  if (table == nullptr) {
    run.fail(ErrorName::not_supported_yet, {"UPDATE of several tables"});
    return;
  }
  if (!run.check_writable()) return;
  run.in_transaction([&] {
    const auto replaced = without_subqueries(run, statement);
    if (run.ok()) update_rows(run, replaced ? *replaced : statement, *table);
  });
}

void run_delete(StatementRun& run, const DeleteStatement& statement) {
  if (!statement.from.empty() || statement.tables.size() != 1) {
    run.fail(ErrorName::not_supported_yet, {"DELETE of several tables"});
    return;
  }
  if (!run.check_writable()) return;
  const NamedTable table{statement.tables[0], statement.alias, {}};
  run.in_transaction([&] {
    const auto replaced = without_subqueries(run, statement);
    if (run.ok()) delete_rows(run, replaced ? *replaced : statement, table);
  });
}

}  // namespace aftersync::sql
