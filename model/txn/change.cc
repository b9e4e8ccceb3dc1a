// Inserts, updates and deletes of one row in all its indexes.
#include "model/txn/change.h"

#include <algorithm>

namespace aftersync::model::txn {
namespace {

struct Target {
  Database& database;
  Transaction& owner;
  Table& table;
  size_t index;
};

// Asks for the gap in which `key` will be.
Grant lock_gap_to_insert(const Target& target, const Row& key) {
  const std::optional<Row> successor = target.table.first(target.index, key, false);
  return target.database.locks.request_implicit(target.owner,
                                                target.table.record(target.index, successor),
                                                {Mode::exclusive, Kind::insert_intention});
}

void add_version(const Target& target, const Row& key, Version version) {
  Versions* const versions = target.table.versions(key);
  if (versions == nullptr) {
    target.table.insert_record(key, std::move(version), target.database.locks);
  } else {
    versions->push_back(std::move(version));
  }
  target.owner.changes.push_back({target.table.id(), std::nullopt, key, std::nullopt});
}

void put_entry(const Target& target, const Row& key, bool delete_marked) {
  SecondaryEntry* const entry = target.table.entry(target.index, key);
  const SecondaryEntry after = {delete_marked, target.owner.id};
  Change change = {target.table.id(), target.index, key, std::nullopt};
  if (entry == nullptr) {
    target.table.insert_entry(target.index, key, after, target.database.locks);
  } else {
    change.before = *entry;
    *entry = after;
  }
  target.table.set_changed_by(target.index, target.owner.writer_number);
  target.owner.changes.push_back(std::move(change));
}

Status duplicate(const Target& target) {
  return {Code::duplicate_key, target.table.index_name(target.index)};
}

// Waits until nobody else has the record locked.
Task change_lock(Target target, Row key) {
  while (lock_to_change(target.database, target.owner, target.table, target.index, key) ==
         Grant::waiting) {
    const Status waited = co_await UntilGranted{target.owner};
    if (!waited.ok()) co_return waited;
  }
  co_return Status();
}

Task insert_clustered(Target target, Row row) {
  const Row key = target.table.key_of(kClustered, row);
  while (true) {
    Grant grant = Grant::fresh;
    if (const Versions* versions = target.table.versions(key)) {
      const Result<Grant> shared =
          lock_to_read(target.database, target.owner, target.table,
                       {kClustered, key, {Mode::shared, Kind::record}}, true);
      if (!shared.ok()) co_return shared.status();
      grant = *shared;
      if (grant != Grant::waiting) {
        if (!versions->back().deleted) co_return duplicate(target);
        grant = lock_to_change(target.database, target.owner, target.table, kClustered, key);
      }
    } else {
      grant = lock_gap_to_insert(target, key);
    }
    if (grant != Grant::waiting) break;
    const Status waited = co_await UntilGranted{target.owner};
    if (!waited.ok()) co_return waited;
  }
  add_version(target, key, {target.owner.id, false, row});
  co_return Status();
}

// Rule 1 for a unique secondary index. `waiting` when a lock on the way is not free.
Result<Grant> lock_duplicates(const Target& target, const Row& unique_key) {
  Row from = unique_key;
  bool inclusive = true;
  while (true) {
    const std::optional<Row> at = target.table.first(target.index, from, inclusive);
    ASSIGN_OR_RETURN(const Grant grant,
                     lock_to_read(target.database, target.owner, target.table,
                                  {target.index, at, {Mode::shared, Kind::next_key}}, true));
    if (grant == Grant::waiting) return grant;
    if (!at || target.table.compare_prefix(target.index, *at, unique_key) != 0) {
      return Grant::held;
    }
    if (!target.table.entry(target.index, *at)->delete_marked) return duplicate(target);
    from = *at;
    inclusive = false;
  }
}

// Rule 1 only applies if some entry has the key, and no part of it is NULL.
bool may_be_duplicate(const Target& target, const Row& unique_key) {
  if (!target.table.unique(target.index)) return false;
  for (const Value& value : unique_key) {
    if (std::holds_alternative<Null>(value)) return false;
  }
  const std::optional<Row> at = target.table.first(target.index, unique_key, true);
  return at && target.table.compare_prefix(target.index, *at, unique_key) == 0;
}

Task insert_secondary(Target target, Row row) {
  const Row key = target.table.key_of(target.index, row);
  const auto own_parts = static_cast<std::ptrdiff_t>(target.table.own_parts(target.index));
  const Row unique_key(key.begin(), key.begin() + own_parts);
  while (true) {
    Grant grant = Grant::held;
    if (may_be_duplicate(target, unique_key)) {
      const Result<Grant> checked = lock_duplicates(target, unique_key);
      if (!checked.ok()) co_return checked.status();
      grant = *checked;
    }
    if (grant != Grant::waiting) {
      grant = target.table.contains(target.index, key)
                  ? lock_to_change(target.database, target.owner, target.table, target.index, key)
                  : lock_gap_to_insert(target, key);
    }
    if (grant != Grant::waiting) break;
    const Status waited = co_await UntilGranted{target.owner};
    if (!waited.ok()) co_return waited;
  }
  put_entry(target, key, false);
  co_return Status();
}

// NULL takes no room, and a text as much as it is long.
bool resizes(const Row& old_row, const Row& new_row) {
  const auto size = [](const Value& value) {
    const auto* const text = std::get_if<std::string>(&value);
    return text != nullptr ? text->size() : std::holds_alternative<Null>(value) ? 0 : 1;
  };
  return !std::ranges::equal(old_row, new_row, {}, size, size);
}

Task mark_secondary(Target target, Row row) {
  const Row key = target.table.key_of(target.index, row);
  CO_RETURN_IF_ERROR(change_lock(target, key));
  put_entry(target, key, true);
  co_return Status();
}

}  // namespace

Task insert_row(Database& database, Transaction& owner, Table& table, Row row) {
  CO_RETURN_IF_ERROR(insert_clustered({database, owner, table, kClustered}, row));
  for (size_t index = 1; index < table.index_count(); ++index) {
    CO_RETURN_IF_ERROR(insert_secondary({database, owner, table, index}, row));
  }
  co_return Status();
}

Task update_row(Database& database, Transaction& owner, Table& table, Row old_row, Row new_row) {
  const Target clustered = {database, owner, table, kClustered};
  const Row key = table.key_of(kClustered, old_row);
  CO_RETURN_IF_ERROR(change_lock(clustered, key));
  const bool moves = table.key_of(kClustered, new_row) != key;
  if (moves) {
    add_version(clustered, key, {owner.id, true, old_row});
    CO_RETURN_IF_ERROR(insert_clustered(clustered, new_row));
  } else {
    if (resizes(old_row, new_row)) database.locks.record_resized(table.record(kClustered, key));
    add_version(clustered, key, {owner.id, false, new_row});
  }
  for (size_t index = 1; index < table.index_count(); ++index) {
    if (table.key_of(index, old_row) == table.key_of(index, new_row)) continue;
    CO_RETURN_IF_ERROR(mark_secondary({database, owner, table, index}, old_row));
    CO_RETURN_IF_ERROR(insert_secondary({database, owner, table, index}, new_row));
  }
  co_return Status();
}

Task delete_row(Database& database, Transaction& owner, Table& table, Row row) {
  const Target clustered = {database, owner, table, kClustered};
  const Row key = table.key_of(kClustered, row);
  CO_RETURN_IF_ERROR(change_lock(clustered, key));
  add_version(clustered, key, {owner.id, true, row});
  for (size_t index = 1; index < table.index_count(); ++index) {
    CO_RETURN_IF_ERROR(mark_secondary({database, owner, table, index}, row));
  }
  co_return Status();
}

}  // namespace aftersync::model::txn
