// Rollback and purge: the two ways in which records leave an index.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "model/txn/change.h"

namespace aftersync::model::txn {
namespace {

// A deleted row and its entries. Purge has passed it by, and nobody else will.
void remove_row(Database& database, Table& table, const Row& key) {
  const Row row = table.versions(key)->back().row;
  for (size_t index = 1; index < table.index_count(); ++index) {
    const Row entry = table.key_of(index, row);
    if (table.contains(index, entry)) table.remove(index, entry, database.locks);
  }
  table.remove(kClustered, key, database.locks);
}

void undo(Database& database, Table& table, const Change& change) {
  if (change.secondary) {
    if (change.before) {
      *table.entry(*change.secondary, change.key) = *change.before;
    } else {
      table.remove(*change.secondary, change.key, database.locks);
    }
    return;
  }
  Versions& versions = *table.versions(change.key);
  if (versions.size() == 1) {
    table.remove(kClustered, change.key, database.locks);
  } else {
    versions.pop_back();
    if (versions.back().passed_by) remove_row(database, table, change.key);
  }
}

// The last commit that every open view sees.
uint64_t oldest_view(const Database& database) {
  uint64_t oldest = database.commits.last();
  for (const auto& [id, transaction] : database.transactions) {
    if (transaction->view) oldest = std::min(oldest, *transaction->view);
  }
  return oldest;
}

// Whether what replaced the last version with this entry is history for everybody.
bool has_history(const Database& database, Table& table, size_t index, const Row& key,
                 uint64_t view) {
  const Versions* const versions = table.versions(table.clustered_key(index, key));
  if (versions == nullptr || database.rules.purges_entries_of_taken_records) return true;
  const auto last = std::find_if(versions->rbegin(), versions->rend(), [&](const Version& one) {
    return table.key_of(index, one.row) == key;
  });
  if (last == versions->rend() || last == versions->rbegin()) return true;
  return database.commits.visible(std::prev(last)->writer, view);
}

void purge_entries(Database& database, Table& table, size_t index, uint64_t view) {
  std::vector<Row> gone;
  for (const auto& [key, entry] : table.entries(index)) {
    if (!entry.delete_marked || !database.commits.visible(entry.writer, view)) continue;
    if (has_history(database, table, index, key, view)) gone.push_back(key);
  }
  for (const Row& key : gone) table.remove(index, key, database.locks);
}

void purge_clustered(Database& database, Table& table, uint64_t view) {
  std::vector<Row> gone;
  std::vector<Row> keys;
  for (const auto& [key, versions] : table.clustered()) keys.push_back(key);
  for (const Row& key : keys) {
    Versions& versions = *table.versions(key);
    const auto seen = std::find_if(versions.rbegin(), versions.rend(), [&](const Version& one) {
      return database.commits.visible(one.writer, view);
    });
    if (seen == versions.rend()) continue;
    seen->passed_by = seen->deleted;
    if (seen == versions.rbegin() && seen->deleted) {
      gone.push_back(key);
    } else {
      versions.erase(versions.begin(), std::prev(seen.base()));
    }
  }
  for (const Row& key : gone) table.remove(kClustered, key, database.locks);
}

}  // namespace

void roll_back(Database& database, Transaction& owner, size_t keep) {
  while (owner.changes.size() > keep) {
    const Change change = std::move(owner.changes.back());
    owner.changes.pop_back();
    undo(database, *database.tables[change.table], change);
  }
}

void purge(Database& database) {
  const uint64_t view = oldest_view(database);
  for (const auto& table : database.tables) {
    for (size_t index = 1; index < table->index_count(); ++index) {
      purge_entries(database, *table, index, view);
    }
    purge_clustered(database, *table, view);
  }
}

}  // namespace aftersync::model::txn
