// Which statement goes where.
#include "core/sql/exec/session.h"

#include <utility>

#include "core/sql/exec/change.h"
#include "core/sql/exec/definitions.h"
#include "core/sql/exec/explain.h"
#include "core/sql/exec/insert.h"
#include "core/sql/exec/query.h"
#include "core/sql/exec/show.h"
#include "core/sql/exec/statement_run.h"
#include "core/sql/exec/transactions.h"

namespace aftersync::sql {

namespace {

// A statement that is not about tables names none.
class NoNames : public ColumnScope {
 public:
  std::optional<std::pair<uint32_t, TypeInfo>> find(const ColumnName& /*name*/) const override {
    return {};
  }
};

class Dispatch {
 public:
  explicit Dispatch(StatementRun& run) : run_(run) {}

  void operator()(const Query& s) { run_query(run_, s); }
  void operator()(const InsertStatement& s) { run_insert(run_, s); }
  void operator()(const UpdateStatement& s) { run_update(run_, s); }
  void operator()(const DeleteStatement& s) { run_delete(run_, s); }
  void operator()(const BeginStatement& s) { TransactionControl(run_).begin(s); }
  void operator()(const EndStatement& s) { TransactionControl(run_).end(s); }
  void operator()(const SavepointStatement& s) { TransactionControl(run_).savepoint(s); }
  void operator()(const SetTransaction& s) { TransactionControl(run_).set(s); }
  void operator()(const SetStatement& s) {
    for (const SetItem& item : s.items) {
      if (!std::visit([this](const auto& one) { return set(one); }, item)) return;
    }
  }
  void operator()(const UseStatement& s) {
    if (auto error = run_.session.use(s.database)) run_.fail(*std::move(error));
  }
  void operator()(const DoStatement& s) {
    for (const Expr& expr : s.values) {
      if (!value_of(expr)) return;
    }
  }
  void operator()(const ShowStatement& s) { run_show(run_, s); }
  void operator()(const ExplainStatement& s) { run_explain(run_, s); }
  template <typename Other>
  void operator()(const Other& /*statement*/) {
    run_.fail(ErrorName::not_supported_yet, {"this statement"});
  }

 private:
  std::optional<TypedValue> value_of(const Expr& expr) {
    auto bound = sql::bind(expr, NoNames(), &run_.session_answers());
    if (auto* error = std::get_if<SqlError>(&bound)) {
      run_.fail(std::move(*error));
      return {};
    }
    const auto& made = std::get<BoundExpr>(bound);
    EvalContext context = run_.context({});
    TypedValue value{made.evaluate(context), made.type};
    if (!run_.ok()) return {};
    return value;
  }

  bool set(const SetUserVariable& item) {
    auto value = value_of(item.value);
    if (!value) return false;
    run_.session_answers().set_user_variable(item.name, *std::move(value));
    return true;
  }
  // A word stands for itself (set.h).
  bool set(const SetSystemVariable& item) {
    std::optional<TypedValue> value;
    const auto* word = std::get_if<ColumnRef>(&item.value.node);
    const auto* fallback = std::get_if<DefaultValue>(&item.value.node);
    if (word != nullptr) {
      value = TypedValue{word->name.column, TypeInfo{.type = TypeClass::string}};
    } else if (fallback == nullptr) {
      value = value_of(item.value);
      if (!value) return false;
    }
    SystemVariables* variables = run_.session.services().variables;
    if (variables == nullptr) {
      return run_.fail(ErrorName::unknown_system_variable, {item.variable.name});
    }
    auto error = variables->set(item.variable, value ? &*value : nullptr);
    return error ? run_.fail(*std::move(error)) : true;
  }
  bool set(const SetCharset& item) {
    SystemVariables* variables = run_.session.services().variables;
    if (variables == nullptr) {
      return run_.fail(ErrorName::unknown_system_variable, {"character_set_client"});
    }
    auto error = variables->set_charset(item);
    return error ? run_.fail(*std::move(error)) : true;
  }

  StatementRun& run_;
};

// What looks at the warnings of the statement before.
bool is_about_warnings(const Statement& statement) {
  const auto* show = std::get_if<ShowStatement>(&statement);
  return show != nullptr && (show->kind == ShowKind::warnings || show->kind == ShowKind::errors);
}

int64_t row_count_of(const Completed& completed, const Statement& statement, bool ok) {
  if (!ok || (completed.has_rows && std::holds_alternative<Query>(statement))) return -1;
  return static_cast<int64_t>(completed.affected_rows);
}

}  // namespace

Session::Session(Dictionary& dictionary, SessionServices services)
    : dictionary_(dictionary), services_(services), answers_(*this) {}

Session::~Session() { (void)rollback(); }

std::variant<Completed, SqlError> Session::execute(const Statement& statement, RowSink& sink,
                                                   std::span<const TypedValue> parameters) {
  killed_.store(false, std::memory_order_relaxed);
  answers_.begin_statement();
  answers_.set_parameters(parameters);
  StatementRun run(*this, sink, parameters);
  if (is_definition(statement)) {
    run_definition(run, statement);
  } else {
    std::visit(Dispatch(run), statement);
  }
  // Tables that were named outside of a transaction.
  if (transaction_ == nullptr) dictionary_.locks().release(used_tables_);
  const bool ok = run.ok();
  run.completed.warnings = run.diagnostics.warning_count();
  run.completed.last_insert_id = answers_.statement_insert_id();
  answers_.end_statement(row_count_of(run.completed, statement, ok));
  if (ok && is_about_warnings(statement)) return std::move(run.completed);
  shown_ = std::move(run.diagnostics);
  if (!ok) return shown_.error();
  return std::move(run.completed);
}

std::variant<std::vector<ResultColumn>, SqlError> Session::describe(const Statement& statement) {
  class Nowhere final : public RowSink {
   public:
    Status begin(std::span<const ResultColumn> /*columns*/) override { return {}; }
    Status row(std::span<const Value> /*values*/) override { return {}; }
  };
  Nowhere sink;
  answers_.set_parameters({});
  answers_.set_describing(true);
  StatementRun run(*this, sink, {});
  run.describing = true;
  if (const auto* query = std::get_if<Query>(&statement)) run_query(run, *query);
  answers_.set_describing(false);
  if (transaction_ == nullptr) dictionary_.locks().release(used_tables_);
  if (!run.ok()) return run.diagnostics.error();
  return std::move(run.described);
}

std::optional<SqlError> Session::use(std::string_view database) {
  const bool is_virtual =
      services_.virtual_tables != nullptr && services_.virtual_tables->has_database(database);
  if (!is_virtual && !dictionary_.collation_of(database)) {
    return make_error(ErrorName::unknown_database, {database});
  }
  if (services_.privileges != nullptr) {
    if (auto error = services_.privileges->check(Need::any, database, "")) return error;
  }
  database_ = database;
  return {};
}

void Session::forget_database(std::string_view name) {
  if (database_ == name) database_.clear();
}

void Session::reset() {
  (void)rollback();
  answers_.forget();
  settings_ = SessionSettings();
  next_isolation_.reset();
  next_read_only_.reset();
  autocommit_ = true;
  shown_ = Diagnostics();
}

}  // namespace aftersync::sql
