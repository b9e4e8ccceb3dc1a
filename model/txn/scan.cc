// The visit of one record, and what a lock that is not free means for it.
#include "model/txn/scan.h"

#include <algorithm>

namespace aftersync::model::txn {

LockingScan::LockingScan(Database& database, Transaction& owner, Table& table, Range range,
                         ScanOptions options)
    : database_(database),
      owner_(owner),
      table_(table),
      range_(std::move(range)),
      options_(options) {}

Task LockingScan::next() {
  row_.reset();
  semi_ = false;
  if (!begun_) {
    begin();
  } else if (!again_) {
    inclusive_ = false;
  }
  while (!ended_) {
    const std::optional<Row> key = current();
    if (!key) {
      if (ascending()) lock_gap(std::nullopt, Kind::next_key);
      break;
    }
    position_ = *key;
    inclusive_ = true;
    const Visit visited = visit(*key);
    if (visited == Visit::failed) co_return failure_;
    if (visited == Visit::wait) {
      const Status waited = co_await UntilGranted{owner_};
      if (!waited.ok()) co_return waited;
      if (looks_anew()) position_ = range_.low;
      continue;
    }
    again_ = false;
    if (visited == Visit::found) {
      first_fetch_ = false;
      ended_ = unique_search();  // there can be no other
      co_return Status();
    }
    if (visited == Visit::end) break;
    inclusive_ = false;
  }
  ended_ = true;
  row_.reset();
  co_return Status();
}

void LockingScan::begin() {
  begun_ = true;
  if (ascending()) {
    position_ = range_.low;
    inclusive_ = range_.low_inclusive;
    return;
  }
  position_ = range_.high;
  inclusive_ = range_.high_inclusive;
  if (range_.high.empty()) {
    lock_gap(std::nullopt, Kind::next_key);
  } else {
    lock_gap(table_.first(options_.index, range_.high, !range_.high_inclusive), Kind::gap);
  }
}

std::optional<Row> LockingScan::current() const {
  return ascending() ? table_.first(options_.index, position_, inclusive_)
                     : table_.last(options_.index, position_, inclusive_);
}

bool LockingScan::unique_search() const {
  return range_.exact && table_.unique(options_.index) &&
         range_.low.size() == table_.own_parts(options_.index) &&
         std::ranges::none_of(
             range_.low, [](const Value& value) { return std::holds_alternative<Null>(value); });
}

bool LockingScan::looks_anew() const {
  return options_.index != kClustered && unique_search() && owner_.locks_gaps() &&
         !database_.rules.unique_secondary_hit_locks_gap;
}

bool LockingScan::beyond(const Row& key) const {
  const bool up = ascending();
  const auto order = table_.compare_prefix(options_.index, key, up ? range_.high : range_.low);
  if (order == 0) return !(up ? range_.high_inclusive : range_.low_inclusive);
  return up ? order > 0 : order < 0;
}

bool LockingScan::marked(const Row& key) const {
  return options_.index == kClustered ? table_.versions(key)->back().deleted
                                      : table_.entry(options_.index, key)->delete_marked;
}

Kind LockingScan::kind_for(const Row& key) const {
  if (!owner_.locks_gaps()) return Kind::record;
  if (options_.index == kClustered) {
    const bool is_first_wanted = ascending() && first_fetch_ && range_.low_inclusive &&
                                 range_.low.size() == key.size() && range_.low == key;
    return is_first_wanted ? Kind::record : Kind::next_key;
  }
  const bool hit = unique_search() && !marked(key);
  return hit && !database_.rules.unique_secondary_hit_locks_gap ? Kind::record : Kind::next_key;
}

LockingScan::Visit LockingScan::visit(const Row& key) {
  if (range_.exact && table_.compare_prefix(options_.index, key, range_.low) != 0) {
    lock_gap(key, Kind::gap);
    return Visit::end;
  }
  fresh_ = fresh_clustered_ = false;
  if (!owner_.locks_gaps() && marked(key) &&
      implicit_holder(database_, table_, options_.index, key) == nullptr) {
    return visit_marked(key);
  }
  if (!lock(options_.index, key, kind_for(key), fresh_)) return conflict(key);
  if (marked(key)) return visit_marked(key);
  if (options_.index != kClustered) return visit_clustered(key);
  return found_row(table_.versions(key)->back().row, key);
}

LockingScan::Visit LockingScan::visit_marked(const Row& /*key*/) {
  return options_.index == kClustered && unique_search() ? Visit::end : Visit::pass;
}

LockingScan::Visit LockingScan::visit_clustered(const Row& key) {
  const bool visits = options_.mode == Mode::exclusive || !table_.covering(options_.index);
  if (!visits) return found_row(table_.covered_row(options_.index, key), key);
  const Row clustered = table_.clustered_key(options_.index, key);
  if (!lock(kClustered, clustered, Kind::record, fresh_clustered_)) return conflict(key);
  const Version& newest = table_.versions(clustered)->back();
  if (newest.deleted) {
    unlock_row();
    return Visit::pass;
  }
  return found_row(newest.row, key);
}

LockingScan::Visit LockingScan::found_row(const Row& row, const Row& key) {
  row_ = row;
  if (range_.exact || !beyond(key)) return Visit::found;
  if (ascending() && !semi_) unlock_row();
  return Visit::end;
}

// The lock is not free, and `blocked_` says what becomes of the statement.
LockingScan::Visit LockingScan::conflict(const Row& key) {
  fresh_ = fresh_clustered_ = false;  // locks that were part of a conflict are kept
  if (blocked_ != Visit::found) return blocked_;
  const Versions& versions = *table_.versions(key);
  const bool dirty = owner_.snapshot_isolation;  // only at READ UNCOMMITTED: see lock()
  const auto committed = std::find_if(versions.rbegin(), versions.rend(), [&](const Version& one) {
    return dirty || database_.commits.committed(one.writer);
  });
  if (committed == versions.rend() || committed->deleted) return Visit::pass;
  semi_ = true;
  return found_row(committed->row, key);
}

bool LockingScan::lock(size_t index, const std::optional<Row>& key, Kind kind, bool& fresh) {
  const bool semi = options_.semi_consistent && !again_ && !owner_.locks_gaps() &&
                    options_.index == kClustered && !unique_search() &&
                    !(owner_.snapshot_isolation && owner_.isolation == Isolation::read_committed);
  const bool waits = options_.on_conflict == OnConflict::wait && !semi;
  const Result<Grant> grant =
      lock_to_read(database_, owner_, table_, {index, key, {options_.mode, kind}}, waits);
  if (!grant.ok()) {
    failure_ = grant.status();
    blocked_ = Visit::failed;
    return false;
  }
  fresh = *grant == Grant::fresh;
  if (*grant != Grant::waiting) return true;
  blocked_ = semi ? Visit::found : Visit::wait;
  if (options_.on_conflict == OnConflict::skip_locked) blocked_ = Visit::pass;
  if (options_.on_conflict == OnConflict::nowait) {
    failure_ = Status(Code::lock_wait_timeout, "nowait");
    blocked_ = Visit::failed;
  }
  return false;
}

void LockingScan::lock_gap(const std::optional<Row>& key, Kind kind) {
  if (!owner_.locks_gaps()) return;
  const Result<Grant> grant =
      lock_to_read(database_, owner_, table_, {options_.index, key, {options_.mode, kind}}, true);
  CHECK(grant.ok() && *grant != Grant::waiting);  // gap locks wait for nothing
}

void LockingScan::repeat() {
  CHECK(semi_);
  again_ = true;
}

void LockingScan::unlock_row() {
  if (owner_.locks_gaps() || semi_) return;
  const bool secondary = options_.index != kClustered;
  if (secondary && !database_.rules.unlocks_through_secondary) return;
  const Row clustered = secondary ? table_.clustered_key(options_.index, position_) : position_;
  if (table_.versions(clustered)->back().writer == owner_.id) return;
  const bool any_kind = database_.rules.unlocks_first_of_mode;
  if (fresh_) {
    database_.locks.release(owner_, table_.record(options_.index, position_), options_.mode,
                            any_kind);
  }
  if (fresh_clustered_) {
    database_.locks.release(owner_, table_.record(kClustered, clustered), options_.mode, any_kind);
  }
  fresh_ = fresh_clustered_ = false;
}

}  // namespace aftersync::model::txn
