// Row by row: values into columns, counters, and what to do about a row that is in the way.
//
// Affected rows (MySQL manual 15.2.7, 15.2.12): an inserted row counts 1; REPLACE counts each row
// that it has deleted, too; ON DUPLICATE KEY UPDATE counts 2 for a row that it has changed and none
// for one that is as it was (1 if the client counts rows that were found).
#include "core/sql/exec/insert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/sql/exec/assignments.h"
#include "core/sql/exec/query.h"
#include "core/sql/exec/row_builder.h"
#include "core/sql/exec/subqueries.h"
#include "core/sql/exec/table_writer.h"

namespace aftersync::sql {

namespace {

class InsertRun final : public RowConsumer {
 public:
  InsertRun(StatementRun& run, const InsertStatement& statement,
            std::shared_ptr<const OpenTable> table)
      : run_(run),
        statement_(statement),
        table_(std::move(table)),
        builder_(run, *table_, statement.ignore) {}

  // Names become columns.
  bool prepare() {
    const TableSchema& schema = table_->schema;
    for (const std::string& name : statement_.columns) {
      const std::optional<uint32_t> column = schema.find_column(name);
      if (!column) return run_.fail(ErrorName::unknown_column, {name, "field list"});
      if (std::find(columns_.begin(), columns_.end(), *column) != columns_.end()) {
        return run_.fail(ErrorName::column_specified_twice, {name});
      }
      columns_.push_back(*column);
    }
    if (columns_.empty() && !takes_no_values()) {
      for (uint32_t i = 0; i < schema.columns.size(); ++i) columns_.push_back(i);
    }
    for (size_t i = 0; i < statement_.rows.size(); ++i) {
      if (statement_.rows[i].size() == columns_.size()) continue;
      return run_.fail(ErrorName::wrong_value_count, {std::to_string(i + 1)});
    }
    return prepare_scope();
  }

  void execute() {
    const bool looks_back = statement_.replace || !statement_.on_duplicate.empty();
    TableWriter writer(run_, *table_, looks_back || statement_.ignore,
                       looks_back ? txn::LockMode::x : txn::LockMode::s);
    writer_ = &writer;
    if (statement_.query) {
      insert_query();
    } else {
      for (const std::vector<Expr>& values : statement_.rows) {
        if (!insert_values(values)) return;
      }
    }
    if (run_.ok()) report();
  }

  // --- rows of INSERT ... SELECT ---

  bool begin(const std::vector<ResultColumn>& columns) override {
    if (columns.size() != columns_.size()) {
      return run_.fail(ErrorName::wrong_value_count, {"1"});
    }
    for (const ResultColumn& column : columns) types_.push_back(column.type);
    return true;
  }
  bool row(std::span<const Value> values) override {
    begin_row();
    storage::Row made(table_->schema.columns.size());
    std::vector<bool> given(made.size(), false);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!give(made, columns_[i], values[i], types_[i], given)) return false;
    }
    return finish_row(std::move(made), given);
  }

 private:
  // INSERT INTO t () VALUES ()
  bool takes_no_values() const { return !statement_.rows.empty() && statement_.rows[0].empty(); }

  bool prepare_scope() {
    scope_.set_session(run_.session_answers());
    Source source;
    source.database = table_->schema.database;
    source.alias = table_->schema.name;
    source.table = table_;
    source.columns = result_columns(*table_, source.alias);
    if (auto error = scope_.add(std::move(source))) return run_.fail(*std::move(error));
    slots_.resize(scope_.slots());
    if (statement_.on_duplicate.empty()) return true;
    return updates_.bind(run_, statement_.on_duplicate, *table_);
  }

  void begin_row() {
    ++rows_;
    builder_.set_row_number(rows_);
  }

  // What is read may be what is written: then all of it is read first.
  void insert_query() {
    const txn::Isolation isolation = run_.transaction().options().isolation;
    RowLocking lock;
    if (isolation >= txn::Isolation::repeatable_read) lock.mode = txn::LockMode::s;
    CollectedRows read(run_);
    if (!run_query_into(run_, *statement_.query, read, lock) || !begin(read.columns)) return;
    for (const ValueRow& values : read.rows) {
      if (!row(values)) return;
    }
  }

  // Values may name columns that stand before them.
  bool insert_values(const std::vector<Expr>& values) {
    begin_row();
    storage::Row made(table_->schema.columns.size());
    std::vector<bool> given(made.size(), false);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto* fallback = std::get_if<DefaultValue>(&values[i].node);
      if (fallback != nullptr && fallback->column.column.empty()) continue;
      auto bound = scope_.bind_here(values[i]);
      if (auto* error = std::get_if<SqlError>(&bound)) return run_.fail(std::move(*error));
      const auto& expr = std::get<BoundExpr>(bound);
      EvalContext context = run_.context(slots_);
      const Value value = expr.evaluate(context);
      if (!run_.ok() || !give(made, columns_[i], value, expr.type, given)) return false;
      slots_[columns_[i]] = builder_.load(made, columns_[i]);
    }
    return finish_row(std::move(made), given);
  }

  bool give(storage::Row& made, uint32_t column, const Value& value, const TypeInfo& type,
            std::vector<bool>& given) {
    const Column& definition = table_->schema.columns[column];
    if (is_null(value) && definition.auto_increment) return true;  // as if it were left out
    const bool alone = statement_.rows.size() == 1;
    if (is_null(value) && !definition.nullable && alone && !statement_.ignore) {
      return run_.fail(ErrorName::bad_null, {definition.name});
    }
    given[column] = true;
    return builder_.assign(made, column, value, type);
  }

  bool finish_row(storage::Row made, const std::vector<bool>& given) {
    for (uint32_t i = 0; i < made.size(); ++i) {
      if (!given[i] && !builder_.assign_default(made, i)) return false;
    }
    const std::optional<uint32_t> counter = table_->schema.auto_increment_column();
    if (counter && !count(made, *counter, given[*counter])) return false;
    return write(made);
  }

  // The AUTO_INCREMENT column: a value of the counter's, or one that the counter has to know of.
  bool count(storage::Row& made, uint32_t column, bool given) {
    const SessionSettings& settings = run_.session.settings();
    const Value value = builder_.load(made, column);
    const Integer number = to_integer(value, run_.diagnostics);
    if (given && (number.bits != 0 || settings.no_auto_value_on_zero)) {
      if (!number.negative()) table_->counter->note_used(number.bits);
      return true;
    }
    const uint64_t largest = largest_of(table_->schema.columns[column].type);
    const auto next = table_->counter->take(settings.auto_increment_increment,
                                            settings.auto_increment_offset, largest);
    if (!next && largest >= INT64_MAX) return run_.fail(ErrorName::auto_increment_failed, {});
    // Without any left it is the last one, which will be found to be taken (manual 5.6.9).
    const uint64_t taken = next.value_or(largest);
    if (run_.session_answers().statement_insert_id() == 0) {
      run_.session_answers().note_insert_id(taken);
    }
    return builder_.assign(made, column, taken,
                           TypeInfo{.type = TypeClass::integer, .is_unsigned = true});
  }

  static uint64_t largest_of(const ColumnTypeSpec& type) {
    constexpr unsigned kBits[] = {8, 16, 24, 32, 64};
    constexpr uint64_t kExactDouble = uint64_t{1} << 53;
    if (type.name > TypeName::bigint) return kExactDouble;
    const unsigned bits = kBits[static_cast<size_t>(type.name)] - (type.is_unsigned ? 0 : 1);
    return bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  }

  bool write(const storage::Row& made) {
    while (true) {
      switch (writer_->insert(made)) {
        case TableWriter::Outcome::failed: return false;
        case TableWriter::Outcome::done: ++run_.completed.affected_rows; return true;
        case TableWriter::Outcome::duplicate: break;
      }
      ++duplicates_;
      if (statement_.on_duplicate.empty() && !statement_.replace) {
        run_.diagnostics.warn(writer_->error());
        return true;
      }
      const auto found = writer_->row_in_the_way(made);
      if (!run_.ok()) return false;
      if (!found) continue;  // it has gone meanwhile
      if (!statement_.replace) return update(made, *found);
      if (!writer_->remove(found->first, found->second)) return false;
      ++run_.completed.affected_rows;
    }
  }

  bool update(const storage::Row& made, const TableWriter::Found& found) {
    storage::Row after = found.second;
    if (!updates_.apply(run_, builder_, found.second, &made, after)) return false;
    if (after == found.second) {
      if (run_.session.settings().found_rows) ++run_.completed.affected_rows;
      return true;
    }
    switch (writer_->update(found.first, found.second, after)) {
      case TableWriter::Outcome::failed: return false;
      case TableWriter::Outcome::done: run_.completed.affected_rows += 2; return true;
      case TableWriter::Outcome::duplicate: break;
    }
    if (!statement_.ignore) return run_.fail(writer_->error());
    run_.diagnostics.warn(writer_->error());
    return true;
  }

  void report() {
    if (rows_ <= 1 && !statement_.query) return;
    run_.completed.info = "Records: " + std::to_string(rows_) +
                          "  Duplicates: " + std::to_string(duplicates_) +
                          "  Warnings: " + std::to_string(run_.diagnostics.warning_count());
  }

  StatementRun& run_;
  const InsertStatement& statement_;
  const std::shared_ptr<const OpenTable> table_;
  RowBuilder builder_;
  NameScope scope_;
  ValueRow slots_;
  std::vector<uint32_t> columns_;  // of the values, in their order
  std::vector<TypeInfo> types_;    // of a query's columns
  Assignments updates_;
  TableWriter* writer_ = nullptr;
  uint64_t rows_ = 0;
  uint64_t duplicates_ = 0;
};

}  // namespace

void run_insert(StatementRun& run, const InsertStatement& statement) {
  TableName name = statement.table;
  if (!run.qualify(name) || !run.check_writable()) return;
  if (statement.replace && !run.check(Need::remove, name)) return;
  if (!statement.on_duplicate.empty() && !run.check(Need::update, name)) return;
  run.in_transaction([&] {
    auto table = run.open_table(name, Need::insert);
    if (!table) return;
    const auto replaced = without_subqueries(run, statement);
    if (!run.ok()) return;
    InsertRun insert(run, replaced ? *replaced : statement, std::move(table));
    if (insert.prepare()) insert.execute();
  });
}

}  // namespace aftersync::sql
