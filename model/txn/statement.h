// Statements: what a session asks for, already understood. parser.h makes them from text, a harness
// makes them itself.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/table/value.h"
#include "model/txn/table.h"
#include "model/txn/transaction.h"

namespace aftersync::model::txn {

// column OP values. `modulo`: column % values[0] = values[1].
struct Condition {
  enum class Op : uint8_t { equal, not_equal, less, at_most, greater, at_least, in, modulo };
  size_t column = 0;
  Op op = Op::equal;
  std::vector<Value> values;
};

// All must hold; NULL satisfies only `equal NULL`, which is IS NULL.
using Where = std::vector<Condition>;

// column = value, or column = other_column + value (integers).
struct Assignment {
  size_t column = 0;
  std::optional<size_t> plus;
  Value value;
};

enum class LockingRead : uint8_t { none, share, update };
enum class OnConflict : uint8_t { wait, nowait, skip_locked };

struct CreateTable {
  Schema schema;
};
struct Begin {
  bool consistent_snapshot = false;
};
struct Commit {};
struct Rollback {};
struct SetSavepoint {
  std::string name;
};
struct RollbackTo {
  std::string name;
};
struct ReleaseSavepoint {
  std::string name;
};
// For the session's next transaction, or for all from now on.
struct SetIsolation {
  Isolation isolation = Isolation::repeatable_read;
  bool session = false;
};
struct SetSnapshotIsolation {
  bool on = false;
};
struct Select {
  TableId table = 0;
  std::optional<size_t> index;  // FORCE INDEX
  Where where;
  bool descending = false;  // in the order of the index
  std::optional<size_t> limit;
  LockingRead lock = LockingRead::none;
  OnConflict on_conflict = OnConflict::wait;
};
struct Insert {
  TableId table = 0;
  std::vector<Row> rows;
};
struct Update {
  TableId table = 0;
  std::optional<size_t> index;
  std::vector<Assignment> assignments;
  Where where;
};
struct Delete {
  TableId table = 0;
  Where where;
};
// Removes what no read view can need any more.
struct Purge {};

using Statement =
    std::variant<CreateTable, Begin, Commit, Rollback, SetSavepoint, RollbackTo, ReleaseSavepoint,
                 SetIsolation, SetSnapshotIsolation, Select, Insert, Update, Delete, Purge>;

}  // namespace aftersync::model::txn
