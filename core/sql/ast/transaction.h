// Transactions and table locks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/sql/ast/names.h"

namespace aftersync::sql {

enum class AccessMode : uint8_t { unspecified, read_only, read_write };

struct BeginStatement {
  bool consistent_snapshot = false;
  AccessMode access = AccessMode::unspecified;
  bool operator==(const BeginStatement&) const = default;
};

// What follows a COMMIT or ROLLBACK; `unspecified` leaves it to @@completion_type.
enum class Completion : uint8_t { unspecified, no, yes };

struct EndStatement {
  bool commit = true;
  Completion chain = Completion::unspecified;
  Completion release = Completion::unspecified;
  bool operator==(const EndStatement&) const = default;
};

enum class SavepointAction : uint8_t { set, rollback_to, release };

struct SavepointStatement {
  SavepointAction action = SavepointAction::set;
  std::string name;
  bool operator==(const SavepointStatement&) const = default;
};

enum class IsolationName : uint8_t {
  unspecified,
  read_uncommitted,
  read_committed,
  repeatable_read,
  serializable,
};

// SET [GLOBAL | SESSION] TRANSACTION; without a scope for the next transaction only.
struct SetTransaction {
  VariableScope scope = VariableScope::unspecified;
  IsolationName isolation = IsolationName::unspecified;
  AccessMode access = AccessMode::unspecified;
  bool operator==(const SetTransaction&) const = default;
};

struct TableLock {
  TableName table;
  std::string alias;
  bool write = false;
  bool local = false;  // READ LOCAL
  bool operator==(const TableLock&) const = default;
};

struct LockTables {
  std::vector<TableLock> locks;
  bool operator==(const LockTables&) const = default;
};

struct UnlockTables {
  bool operator==(const UnlockTables&) const = default;
};

}  // namespace aftersync::sql
