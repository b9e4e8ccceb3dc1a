// Recovery from the binlog: what it has and the engine lacks is done again.
//
// The binlog decides what has happened, and the engine's log is not forced at commit: after a crash
// the engine has a prefix of the binlog, up to its newest commit note (commit_note.h), and has
// rolled back what came after. So the rest is applied from the row events, one transaction after
// the other, each with its own note: a crash in the middle leaves a longer prefix, and the next
// start goes on from there.
//
// Why the rows are found as they were: conflicting transactions are ordered by locks that are held
// until the engine commits, so what the engine has of a row is of some transaction in the prefix,
// and everything later is applied here in order. A row that is not what its event says is damage,
// and so is a binlog that ends before the engine does: it has lost what somebody may have seen.
// Binlog::open refuses such files before it changes them, if it is told where the engine ends.
//
//   ASSIGN_OR_RETURN(auto engine, Engine::open(...));
//   ASSIGN_OR_RETURN(options.reaches, end_in_engine(*engine));
//   ASSIGN_OR_RETURN(auto binlog, Binlog::open(node, options));
//   ASSIGN_OR_RETURN(auto report, recover_from_binlog(node, *engine, *binlog, tables, define));
//   BinlogCoordinator coordinator(node, *engine, *binlog, {...});
//
// Nothing else runs meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/binlog.h"
#include "core/binlog/transaction_events.h"
#include "core/storage/engine.h"
#include "core/txn/commit_note.h"
#include "core/txn/logged_table.h"

namespace aftersync::txn {

// The place up to which the engine has the binlog; file 0: it has no part of any.
[[nodiscard]] Result<binlog::BinlogPlace> end_in_engine(storage::Engine& engine);

// Executes a definition statement again, with the note for its commit record. It may have been
// executed in part, never in whole.
using DefineAgain =
    std::function<Status(const binlog::QueryEvent& statement, std::string_view note)>;

struct BinlogRecovery {
  uint64_t transactions = 0;  // that were applied
  uint64_t rows_events = 0;
  binlog::BinlogPlace from;
};

// Code::corruption: the binlog lacks what the engine has, or rows are not what it says; messages
// name file, position and GTID. Errors of the engine (Code::no_space): may be tried again.
[[nodiscard]] Result<BinlogRecovery> recover_from_binlog(Node& node, storage::Engine& engine,
                                                         binlog::Binlog& binlog,
                                                         LoggedTables& tables,
                                                         const DefineAgain& define);

}  // namespace aftersync::txn
