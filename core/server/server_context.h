// ServerContext: what all sessions of a server share.
#pragma once

#include <atomic>

#include "core/platform/node.h"
#include "core/server/account_book.h"
#include "core/server/persisted_variables.h"
#include "core/server/session_registry.h"
#include "core/server/status_counters.h"
#include "core/server/variables.h"
#include "core/sql/exec/services.h"
#include "core/sql/schema/dictionary.h"
#include "core/txn/transaction.h"
#include "core/wire/accounts.h"

namespace aftersync::server {

// All of it is made before the first session and outlives the last.
struct ServerContext {
  Node& node;
  GlobalVariables& variables;
  SessionRegistry& sessions;
  StatusCounters& counters;
  MonoTime started{};
  AccountBook* accounts = nullptr;
  wire::FastAuthentication* fast = nullptr;
  txn::TransactionManager* transactions = nullptr;
  sql::Dictionary* dictionary = nullptr;
  PersistedVariables* persisted = nullptr;
  sql::ChangeLog* changes = nullptr;  // null: nobody is told of changes
};

}  // namespace aftersync::server
