// Session: executes one client's statements, one after another.
//
//   sql::Dictionary dictionary(node, engine, transactions);       // shared by all sessions
//   sql::Session session(dictionary, {.variables = &variables});
//   auto answer = session.execute(parsed.statement, sink);        // Completed or SqlError
//
// The transaction. Without BEGIN, and with autocommit, each statement is a transaction of its own.
// Otherwise one begins with the first statement that reads or writes a table and lasts until COMMIT
// or ROLLBACK, or a statement that commits implicitly (MySQL manual 15.3.3: definitions, BEGIN,
// LOCK TABLES). Each statement is atomic: if it fails, what it did is taken back, and the
// transaction goes on; after 1213 the whole transaction is gone.
//
// Rows are handed to the sink as they are found; only sorting and grouping keep them, with a limit
// (SessionSettings::memory_bytes).
//
// What it executes: queries, INSERT, REPLACE, UPDATE, DELETE; databases, tables and indexes; BEGIN,
// COMMIT, ROLLBACK, SAVEPOINT, SET TRANSACTION, SET, USE, DO; EXPLAIN; SHOW of what the dictionary
// knows (DATABASES, TABLES, COLUMNS, INDEX, CREATE TABLE, CREATE DATABASE, WARNINGS, ERRORS). Other
// statements are refused with 1235 by name: the server answers them before they come here.
//
// Used by one task at a time; kill_query() by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/platform/time.h"
#include "core/sql/ast/statement.h"
#include "core/sql/exec/row_sink.h"
#include "core/sql/exec/services.h"
#include "core/sql/exec/session_answers.h"
#include "core/sql/schema/dictionary.h"
#include "core/sql/sql_error.h"
#include "core/sql/value/diagnostics.h"
#include "core/txn/transaction.h"

namespace aftersync::sql {

class StatementRun;

// What the session's system variables mean to execution. The owner of the variables writes here
// whenever one of them is set, between statements or in SystemVariables::set(); `autocommit` by
// Session::set_autocommit().
struct SessionSettings {
  txn::Isolation isolation = txn::Isolation::repeatable_read;  // transaction_isolation
  bool read_only_transactions = false;                         // transaction_read_only
  bool snapshot_isolation = false;                             // innodb_snapshot_isolation
  Duration row_lock_timeout = 50s;                             // innodb_lock_wait_timeout
  Duration definition_lock_timeout = 31536000s;                // lock_wait_timeout
  // sql_mode
  bool strict = true;  // STRICT_TRANS_TABLES or STRICT_ALL_TABLES
  bool no_zero_dates = true;
  bool only_full_group_by = true;
  bool no_auto_value_on_zero = false;
  bool no_backslash_escapes = false;
  bool ansi_quotes = false;
  uint64_t auto_increment_increment = 1;
  uint64_t auto_increment_offset = 1;
  uint64_t insert_id = 0;              // SET insert_id: of the next insert; 0: none
  uint64_t select_limit = UINT64_MAX;  // sql_select_limit
  bool safe_updates = false;           // sql_safe_updates
  int32_t time_zone_offset_s = 0;      // time_zone, east of UTC
  std::optional<int64_t> timestamp;    // SET timestamp: microseconds since 1970 UTC
  uint64_t memory_bytes = 64 << 20;    // of one statement's sorts and groups
  // CLIENT_FOUND_ROWS: affected rows are those found, changed or not.
  bool found_rows = false;
};

// Who the session belongs to: USER(), CURRENT_USER(), CONNECTION_ID().
struct SessionIdentity {
  uint64_t connection_id = 0;
  std::string user{};     // 'name@host' as the client came
  std::string account{};  // 'name@host' as privileges know it
};

// How a statement ended that did not fail.
struct Completed {
  bool has_rows = false;  // RowSink::begin was called
  uint64_t affected_rows = 0;
  uint64_t last_insert_id = 0;
  uint64_t warnings = 0;
  std::string info{};  // "Rows matched: 1  Changed: 1  Warnings: 0"
};

// Null pointers: there are no variables; everything is allowed; no virtual tables; nobody listens.
struct SessionServices {
  SystemVariables* variables = nullptr;
  Privileges* privileges = nullptr;
  VirtualTables* virtual_tables = nullptr;
  ChangeLog* changes = nullptr;
};

class Session {
 public:
  // All outlive the session.
  Session(Dictionary& dictionary, SessionServices services);
  // Rolls back.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `parameters`: of the question marks, in their order; 1210 for a wrong number of them.
  [[nodiscard]] std::variant<Completed, SqlError> execute(
      const Statement& statement, RowSink& sink, std::span<const TypedValue> parameters = {});
  // The columns of the result that it would have; none for a statement without one. For
  // COM_STMT_PREPARE: parameters have no type yet.
  [[nodiscard]] std::variant<std::vector<ResultColumn>, SqlError> describe(
      const Statement& statement);

  // --- state that clients see ---

  // 1049.
  [[nodiscard]] std::optional<SqlError> use(std::string_view database);
  [[nodiscard]] const std::string& database() const { return database_; }
  // That database is no more: if it was in use, none is now.
  void forget_database(std::string_view name);
  [[nodiscard]] bool in_transaction() const { return transaction_ != nullptr; }
  // The running transaction, or nullptr.
  [[nodiscard]] txn::Transaction* transaction() { return transaction_.get(); }
  [[nodiscard]] bool autocommit() const { return autocommit_; }
  // Commits what runs when it becomes true.
  [[nodiscard]] std::optional<SqlError> set_autocommit(bool on);
  // COM_RESET_CONNECTION: rolls back, forgets variables and settings of the session; keeps the
  // database.
  void reset();
  [[nodiscard]] SessionSettings& settings() { return settings_; }
  [[nodiscard]] SessionIdentity& identity() { return identity_; }
  [[nodiscard]] const SessionServices& services() const { return services_; }
  [[nodiscard]] Dictionary& dictionary() { return dictionary_; }
  // Warnings and error of the last statement that was not about them; errors come last.
  [[nodiscard]] const Diagnostics& diagnostics() const { return shown_; }

  // What runs ends with 1317 at its next row. A wait for a lock is not cut short.
  void kill_query() { killed_.store(true, std::memory_order_relaxed); }

 private:
  friend class StatementRun;
  friend class SessionAnswers;
  friend class TransactionControl;

  struct Savepoint {
    std::string name;       // in lower case
    uint64_t position = 0;  // in the log of changes
  };

  // --- the transaction (transaction_control.cc) ---
  [[nodiscard]] txn::TransactionOptions transaction_options() const;
  void begin(const txn::TransactionOptions& options);
  // These end it, if there is one, and let definitions change.
  [[nodiscard]] std::optional<SqlError> commit();
  [[nodiscard]] std::optional<SqlError> rollback();
  void forget_transaction();

  Dictionary& dictionary_;
  const SessionServices services_;
  SessionSettings settings_;
  SessionIdentity identity_;
  std::string database_;
  std::unique_ptr<txn::Transaction> transaction_;
  std::vector<Savepoint> savepoints_;
  MetadataLocks::Held used_tables_;
  // SET TRANSACTION without a scope: of the next transaction.
  std::optional<txn::Isolation> next_isolation_;
  std::optional<bool> next_read_only_;
  bool autocommit_ = true;
  std::atomic<bool> killed_{false};
  Diagnostics shown_;
  SessionAnswers answers_;
};

}  // namespace aftersync::sql
