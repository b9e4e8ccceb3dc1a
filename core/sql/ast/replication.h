// Replication as an operator drives it. Old names (MASTER, SLAVE) and new ones parse to the same.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/ast/expr.h"

namespace aftersync::sql {

// CHANGE MASTER TO MASTER_HOST = ..., CHANGE REPLICATION SOURCE TO SOURCE_HOST = ...: option names
// in upper case, with SOURCE_ for MASTER_; values are literals.
struct ChangeSource {
  std::vector<std::pair<std::string, Literal>> options;
  std::string channel;
  bool operator==(const ChangeSource&) const = default;
};

// START or STOP SLAVE; neither thread named means both.
struct ReplicaThreads {
  bool start = true;
  bool io_thread = false;
  bool sql_thread = false;
  std::string channel;
  bool operator==(const ReplicaThreads&) const = default;
};

enum class ResetWhat : uint8_t { source, replica, replica_all };

struct ResetStatement {
  ResetWhat what = ResetWhat::source;
  std::string channel;
  bool operator==(const ResetStatement&) const = default;
};

// PURGE BINARY LOGS TO 'log', or BEFORE a time.
struct PurgeLogs {
  std::string to;
  Box<Expr> before;
  bool operator==(const PurgeLogs&) const = default;
};

}  // namespace aftersync::sql
