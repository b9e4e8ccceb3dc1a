// StatementRun: one statement while it runs: its session, its errors, its parameters, its time.
//
// Errors. A statement fails once; the first error stays (Diagnostics). What executes says whether
// to go on by a bool, and at the end it is the diagnostics that count, so that an answer which
// somebody forgot to look at cannot make a failed statement succeed.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/sql/exec/session.h"
#include "core/sql/plan/from_clause.h"
#include "core/sql/schema/dictionary.h"
#include "core/sql/value/column_codec.h"

namespace aftersync::sql {

class StatementRun final : public TableOpener {
 public:
  StatementRun(Session& of, RowSink& to, std::span<const TypedValue> given);

  // --- errors: all return false, to be returned ---

  bool fail(SqlError error);
  bool fail(ErrorName name, std::initializer_list<std::string_view> args) {
    return fail(make_error(name, args));
  }
  // As storage_error(), but 1206 when the lock table was full.
  bool fail(const Status& status, std::string_view table);
  // The client is told nothing any more: it has gone.
  bool fail_sink(const Status& status);
  // No error so far, and nobody wants it to stop: 1317.
  [[nodiscard]] bool may_go_on();
  [[nodiscard]] bool ok() const { return !diagnostics.failed(); }

  // --- tables ---

  // With the database that is in use, where none is named. 1046.
  [[nodiscard]] bool qualify(TableName& name);
  // Locks its definition for the transaction. Null: failed.
  [[nodiscard]] std::shared_ptr<const OpenTable> open_table(const TableName& name, Need need);
  [[nodiscard]] bool check(Need need, const TableName& name);
  // Exclusively, for a definition; to be given back by the caller. 1205, 1317.
  [[nodiscard]] bool lock_definitions(const std::vector<std::string>& names);
  // 1792 in a read-only transaction.
  [[nodiscard]] bool check_writable();
  [[nodiscard]] std::variant<Source, SqlError> open(const NamedTable& table) override;
  [[nodiscard]] std::variant<Source, SqlError> derive(const DerivedTable& table) override;
  // 1176 for an index that it does not have.
  [[nodiscard]] bool check_hints(const Source& source);

  // Runs `body` as a statement of the session's transaction, or of one of its own.
  void in_transaction(const std::function<void()>& body);
  // Within in_transaction().
  [[nodiscard]] txn::Transaction& transaction() { return *session.transaction_; }

  // --- evaluation ---

  [[nodiscard]] EvalContext context(std::span<const Value> row) {
    return {diagnostics, row, now, &session.answers_};
  }
  [[nodiscard]] StoreContext store_context(bool ignore);
  [[nodiscard]] SessionAnswers& session_answers() { return session.answers_; }
  // LIMIT: a literal, or a parameter. 1210.
  [[nodiscard]] bool limit_value(const Expr& expr, uint64_t& value);

  [[nodiscard]] bool send(std::vector<ResultColumn> columns);
  [[nodiscard]] bool send_row(std::span<const Value> row);
  // Tells the log of changes.
  [[nodiscard]] bool log(const OpenTable& table, const storage::Row* before,
                         const storage::Row* after);

  Session& session;
  RowSink& sink;
  const std::span<const TypedValue> parameters;
  const Temporal now;
  Diagnostics diagnostics;
  Completed completed;
  bool describing = false;  // only the columns of the result are wanted
  std::vector<ResultColumn> described;

 private:
  std::vector<ResultColumn> sent_;  // the sink's, until the end
};

}  // namespace aftersync::sql
