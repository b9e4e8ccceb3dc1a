// What all statements need.
#include "core/sql/exec/statement_run.h"

#include <utility>

#include "core/base/check.h"
#include "core/sql/exec/query.h"
#include "core/sql/schema/storage_error.h"

namespace aftersync::sql {

namespace {

// The statement's time, in the session's zone.
Temporal time_of(SessionState& answers, const SessionSettings& settings) {
  const int64_t micros = settings.timestamp ? *settings.timestamp : answers.wall_micros();
  constexpr int64_t kMicros = 1000000;
  const int64_t local = micros + settings.time_zone_offset_s * kMicros;
  Temporal epoch;
  epoch.year = 1970;
  epoch.month = 1;
  epoch.day = 1;
  Temporal now = datetime_of_ordinal(epoch.ordinal() + local);
  now.decimals = 6;
  return now;
}

}  // namespace

StatementRun::StatementRun(Session& of, RowSink& to, std::span<const TypedValue> given)
    : session(of), sink(to), parameters(given), now(time_of(of.answers_, of.settings_)) {}

// --- errors ---

bool StatementRun::fail(SqlError error) {
  diagnostics.fail(std::move(error));
  return false;
}

bool StatementRun::fail(const Status& status, std::string_view table) {
  const txn::Transaction* transaction = session.transaction_.get();
  const bool gone =
      transaction != nullptr && transaction->state() != txn::Transaction::State::active;
  if (status.code() == Code::too_large && gone) return fail(ErrorName::lock_table_full, {});
  return fail(storage_error(status, table));
}

bool StatementRun::fail_sink(const Status& status) {
  return fail(ErrorName::engine_error, {status.to_string()});
}

bool StatementRun::may_go_on() {
  if (!ok()) return false;
  if (!session.killed_.load(std::memory_order_relaxed)) return true;
  return fail(ErrorName::interrupted, {});
}

// --- tables ---

bool StatementRun::qualify(TableName& name) {
  if (!name.schema.empty()) return true;
  if (session.database_.empty()) return fail(ErrorName::no_database, {});
  name.schema = session.database_;
  return true;
}

bool StatementRun::check(Need need, const TableName& name) {
  Privileges* privileges = session.services_.privileges;
  if (privileges == nullptr) return true;
  auto error = privileges->check(need, name.schema, name.table);
  return error ? fail(*std::move(error)) : true;
}

bool StatementRun::lock_definitions(const std::vector<std::string>& names) {
  const MetadataLock locked = session.dictionary_.locks().lock_exclusive(
      names, session.settings_.definition_lock_timeout, session.killed_);
  if (locked == MetadataLock::timed_out) return fail(ErrorName::lock_wait_timeout, {});
  if (locked == MetadataLock::interrupted) return fail(ErrorName::interrupted, {});
  return true;
}

bool StatementRun::check_writable() {
  const txn::Transaction* running = session.transaction_.get();
  const bool read_only =
      running != nullptr ? running->options().read_only : session.transaction_options().read_only;
  return !read_only || fail(ErrorName::read_only_transaction, {});
}

std::shared_ptr<const OpenTable> StatementRun::open_table(const TableName& name, Need need) {
  if (!check(need, name)) return nullptr;
  Dictionary& dictionary = session.dictionary_;
  const MetadataLock locked =
      dictionary.locks().lock_shared(session.used_tables_, storage_name(name.schema, name.table),
                                     session.settings_.definition_lock_timeout, session.killed_);
  if (locked == MetadataLock::timed_out) fail(ErrorName::lock_wait_timeout, {});
  if (locked == MetadataLock::interrupted) fail(ErrorName::interrupted, {});
  if (!ok()) return nullptr;
  if (!dictionary.collation_of(name.schema)) {
    fail(ErrorName::unknown_database, {name.schema});
    return nullptr;
  }
  auto opened = dictionary.open_table(name.schema, name.table);
  if (auto* error = std::get_if<SqlError>(&opened)) {
    fail(std::move(*error));
    return nullptr;
  }
  return std::get<std::shared_ptr<const OpenTable>>(std::move(opened));
}

std::variant<Source, SqlError> StatementRun::open(const NamedTable& table) {
  TableName name = table.name;
  if (!qualify(name)) return diagnostics.error();
  Source source;
  source.database = name.schema;
  source.alias = table.alias.empty() ? name.table : table.alias;
  source.hints = table.hints;
  VirtualTables* computed = session.services_.virtual_tables;
  if (VirtualTable* found = computed ? computed->find(name.schema, name.table) : nullptr) {
    for (const VirtualTable::Column& column : found->columns()) {
      ResultColumn made;
      made.schema = name.schema;
      made.table = source.alias;
      made.original_table = name.table;
      made.name = column.name;
      made.original_name = column.name;
      made.type = ColumnCodec(column.name, column.type, true).type_info();
      made.declared = column.type;
      source.columns.push_back(std::move(made));
    }
    auto rows = found->rows();
    if (auto* error = std::get_if<SqlError>(&rows)) return std::move(*error);
    source.rows =
        std::make_shared<std::vector<ValueRow>>(std::get<std::vector<ValueRow>>(std::move(rows)));
    return source;
  }
  source.table = open_table(name, Need::select);
  if (!source.table) return diagnostics.error();
  source.columns = result_columns(*source.table, source.alias);
  if (!check_hints(source)) return diagnostics.error();
  return source;
}

bool StatementRun::check_hints(const Source& source) {
  for (const IndexHint& hint : source.hints) {
    for (const std::string& index : hint.indexes) {
      if (!source.table->schema.find_index(index)) {
        return fail(ErrorName::no_such_index, {index, source.alias});
      }
    }
  }
  return true;
}

std::variant<Source, SqlError> StatementRun::derive(const DerivedTable& table) {
  return derived_table(*this, table);
}

void StatementRun::in_transaction(const std::function<void()>& body) {
  Session& s = session;
  const bool own = s.transaction_ == nullptr && s.autocommit_;
  if (s.transaction_ == nullptr) {
    txn::TransactionOptions options = s.transaction_options();
    options.autocommit = own;
    s.begin(options);
  }
  ChangeLog* changes = s.services_.changes;
  {
    txn::Statement statement(*s.transaction_);
    const uint64_t position = changes == nullptr ? 0 : changes->position();
    body();
    if (ok()) {
      statement.end();
    } else if (changes != nullptr) {
      changes->truncate(position);
    }
  }
  if (s.transaction_->state() != txn::Transaction::State::active) {
    if (changes != nullptr) changes->truncate(0);
    s.forget_transaction();
  } else if (own) {
    auto error = ok() ? s.commit() : s.rollback();
    if (error) fail(*std::move(error));
  }
}

// --- evaluation ---

StoreContext StatementRun::store_context(bool ignore) {
  const SessionSettings& settings = session.settings_;
  StoreContext made{diagnostics};
  made.mode.strict = settings.strict && !ignore;
  made.mode.no_zero_date = settings.no_zero_dates;
  made.mode.no_zero_in_date = settings.no_zero_dates;
  made.zone_offset_s = settings.time_zone_offset_s;
  made.now = now;
  return made;
}

bool StatementRun::limit_value(const Expr& expr, uint64_t& value) {
  if (const auto* literal = std::get_if<Literal>(&expr.node)) {
    const std::optional<Decimal> number = Decimal::parse(literal->text);
    const auto fits = number ? number->to_unsigned() : std::nullopt;
    value = fits.value_or(UINT64_MAX);
    return true;
  }
  const auto* parameter = std::get_if<Parameter>(&expr.node);
  CHECK(parameter != nullptr);
  if (parameter->index >= parameters.size()) {
    value = 0;
    return describing || fail(ErrorName::wrong_arguments, {"EXECUTE"});
  }
  const Integer number = to_integer(parameters[parameter->index].value, diagnostics);
  if (number.negative()) return fail(ErrorName::wrong_arguments, {"LIMIT"});
  value = number.bits;
  return ok();
}

bool StatementRun::send(std::vector<ResultColumn> columns) {
  completed.has_rows = true;
  sent_ = std::move(columns);
  const Status sent = sink.begin(sent_);
  return sent.ok() ? ok() : fail_sink(sent);
}

bool StatementRun::send_row(std::span<const Value> row) {
  const Status sent = sink.row(row);
  return sent.ok() ? ok() : fail_sink(sent);
}

bool StatementRun::log(const OpenTable& table, const storage::Row* before,
                       const storage::Row* after) {
  ChangeLog* changes = session.services_.changes;
  if (changes == nullptr) return true;
  auto error = changes->row(transaction(), table.schema, before, after);
  return error ? fail(*std::move(error)) : true;
}

}  // namespace aftersync::sql
