// Who holds a record, said or unsaid.
#include "model/txn/record_lock.h"

#include <algorithm>

namespace aftersync::model::txn {

Transaction* implicit_holder(const Database& database, const Table& table, size_t index,
                             const Row& key) {
  const TransactionId writer = index == kClustered ? table.clustered().at(key).back().writer
                                                   : table.entries(index).at(key).writer;
  return database.active(writer);
}

namespace {

// See Rules::changed_row_holds_entries.
bool row_holds_entry(const Database& database, const Transaction& owner, const Table& table,
                     size_t index, const Row& key) {
  const auto row = table.clustered().find(table.clustered_key(index, key));
  if (row == table.clustered().end() || row->second.back().writer != owner.id) return false;
  return std::ranges::any_of(database.transactions, [&](const auto& active) {
    const uint64_t number = active.second->writer_number;
    return number != 0 && number <= table.last_changed_by(index);
  });
}

}  // namespace

Result<Grant> lock_to_read(Database& database, Transaction& owner, const Table& table,
                           const Wanted& wanted, bool enqueue) {
  const RecordId record = table.record(wanted.index, wanted.key);
  if (wanted.key) {
    Transaction* const holder = implicit_holder(database, table, wanted.index, *wanted.key);
    if (wanted.shape.kind == Kind::record &&
        (holder == &owner ||
         (database.rules.changed_row_holds_entries && wanted.index != kClustered &&
          row_holds_entry(database, owner, table, wanted.index, *wanted.key)))) {
      return Grant::held;
    }
    if (holder != nullptr && holder != &owner) database.locks.make_explicit(*holder, record);

    if (wanted.index == kClustered && wanted.shape.kind != Kind::gap && holder == nullptr &&
        owner.snapshot_isolation && owner.view) {
      const TransactionId writer = table.clustered().at(*wanted.key).back().writer;
      if (!database.commits.visible(writer, *owner.view)) {
        return Status(Code::conflict, "record changed since the snapshot");
      }
    }
  }
  return database.locks.request(owner, record, wanted.shape, enqueue);
}

Grant lock_to_change(Database& database, Transaction& owner, Table& table, size_t index,
                     const Row& key) {
  const RecordId record = table.record(index, key);
  // A secondary entry cannot be locked implicitly by somebody else here: its clustered record has
  // been changed first, and is ours.
  if (index == kClustered) {
    Transaction* const holder = implicit_holder(database, table, index, key);
    if (holder == &owner) return Grant::held;
    if (holder != nullptr) database.locks.make_explicit(*holder, record);
  }
  return database.locks.request_implicit(owner, record, {Mode::exclusive, Kind::record});
}

void lock_table_intention(Database& database, Transaction& owner, const Table& table, Mode mode) {
  if (mode == Mode::exclusive && owner.writer_number == 0) {
    owner.writer_number = database.next_writer++;
  }
  const Mode intention =
      mode == Mode::exclusive ? Mode::intention_exclusive : Mode::intention_shared;
  std::set<Mode>& held = owner.table_locks[table.id()];
  if (held.contains(Mode::intention_exclusive)) return;
  if (held.insert(intention).second) ++owner.lock_structures;
}

}  // namespace aftersync::model::txn
