// BEGIN, COMMIT, ROLLBACK, SAVEPOINT, SET TRANSACTION.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

class TransactionControl {
 public:
  explicit TransactionControl(StatementRun& run) : run_(run), session_(run.session) {}

  void begin(const BeginStatement& statement);
  void end(const EndStatement& statement);
  void savepoint(const SavepointStatement& statement);
  void set(const SetTransaction& statement);
  // What definitions do before and after.
  [[nodiscard]] bool commit_implicitly();

 private:
  StatementRun& run_;
  Session& session_;
};

}  // namespace aftersync::sql
