// Transactions, the order in which they commit, and what a read view makes of it.
//
// A read view is the number of the last commit it sees. That is all of "consistent nonlocking
// reads" (manual 17.7.2.3): a version is visible to its own writer, and to views opened after its
// writer committed.
#pragma once

#include <coroutine>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/status.h"
#include "model/table/value.h"
#include "model/txn/lock_mode.h"

namespace aftersync::model::txn {

using SessionId = uint32_t;      // as in scripts: 1 is T1
using TransactionId = uint64_t;  // in the order of their begin
using IndexId = uint32_t;        // of all tables, in the order of their definition
using TableId = uint32_t;

enum class Isolation : uint8_t { read_uncommitted, read_committed, repeatable_read, serializable };

// "read uncommitted", ...
[[nodiscard]] std::string_view to_string(Isolation isolation);

// A record of an index, or its supremum (no key).
struct RecordId {
  IndexId index = 0;
  std::optional<Row> key;
  friend bool operator==(const RecordId&, const RecordId&) = default;
};

struct Wait {
  RecordId record;
  std::coroutine_handle<> resume;   // of the innermost coroutine
  TransactionId first_blocker = 0;  // when a deadlock was last looked for
  bool over = false;
  Status result;  // ok: the lock was granted, or the record has gone: look again
};

struct SecondaryEntry {
  bool delete_marked = false;
  TransactionId writer = 0;  // who last inserted, marked or unmarked it
};

// One change to one index, with what it takes to undo it.
struct Change {
  TableId table = 0;
  std::optional<size_t> secondary;  // none: a version was added to the clustered record
  Row key;
  std::optional<SecondaryEntry> before;  // of a secondary entry; none: it was not there
};

struct Savepoint {
  std::string name;
  size_t changes = 0;
  bool before_start = false;  // the transaction had not started
};

struct Transaction {
  TransactionId id = 0;
  SessionId session = 0;
  Isolation isolation = Isolation::repeatable_read;
  bool snapshot_isolation = false;

  uint64_t writer_number = 0;    // in the order of first writes; 0: it has not written
  bool started = false;          // it has read or changed something, or opened its view
  std::optional<uint64_t> view;  // the last commit it sees
  std::vector<Change> changes;   // oldest first
  std::vector<Savepoint> savepoints;
  std::optional<Wait> wait;

  std::map<TableId, std::set<Mode>> table_locks;
  // What MariaDB calls lock structures: one for all locks of a shape in an index (of one page).
  std::set<std::tuple<IndexId, Mode, Kind>> lock_shapes;
  size_t lock_structures = 0;

  // Manual 17.7.2.1: gap locking is disabled below REPEATABLE READ, save for duplicate checks.
  [[nodiscard]] bool locks_gaps() const { return isolation > Isolation::read_committed; }
  // Rows inserted, updated or deleted: what a rollback would cost (manual 17.7.5.2).
  [[nodiscard]] size_t rows_changed() const;
};

// Which transactions have committed, and in which order.
class Commits {
 public:
  [[nodiscard]] uint64_t last() const { return last_; }
  void add(TransactionId id) { numbers_[id] = ++last_; }
  [[nodiscard]] bool committed(TransactionId id) const { return numbers_.contains(id); }
  // Whether a view that sees commits up to `view` sees what `writer` wrote.
  [[nodiscard]] bool visible(TransactionId writer, uint64_t view) const {
    const auto found = numbers_.find(writer);
    return found != numbers_.end() && found->second <= view;
  }

 private:
  std::map<TransactionId, uint64_t> numbers_;
  uint64_t last_ = 0;
};

}  // namespace aftersync::model::txn
