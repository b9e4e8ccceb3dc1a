// KeyLocks: what the lock table has to do with keys in trees (storage/key_guard.h).
//
// GapInheritance listens to all trees. Whoever inserts a key, rollback and purge included, has the
// gap's locks hold for both halves of it; whoever erases one leaves its locks on the gap.
//
// ChangeGuard asks for one transaction, with the leaf latched, whether a change may be made: for an
// insert intention where a key is to come, for the record where one is to change. Nothing is locked
// by that, when nobody is in the way: the change itself will show whose it is (an implicit lock).
// When somebody is, the request is in the queue, the change ends with an error, and the transaction
// waits with nothing held and makes it again: by then other things may have come in the way.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/key_guard.h"
#include "core/txn/lock_table.h"

namespace aftersync::txn {

// The record, or what stands for the end of the index when there is none.
[[nodiscard]] LockTarget target_of(IndexId index, const storage::RecordView* record);

class GapInheritance final : public storage::KeyWatcher {
 public:
  explicit GapInheritance(LockTable& locks) : locks_(locks) {}
  [[nodiscard]] bool watches() const override { return locks_.has_record_locks(); }
  void inserted(IndexId index, std::string_view key, const storage::RecordView* behind) override;
  void erased(IndexId index, std::string_view key, const storage::RecordView* behind) override;

 private:
  LockTable& locks_;
};

class ChangeGuard final : public storage::KeyGuard {
 public:
  // `clustered` is the table's clustered index. Its records are changed only by who has locked them
  // before, and looked at them (trust()): others may have locked them without a lock.
  ChangeGuard(LockTable& locks, LockOwner& owner, IndexId clustered)
      : locks_(locks), owner_(owner), clustered_(clustered) {}

  [[nodiscard]] bool asks_for_gaps() const override { return locks_.has_record_locks(); }
  Status may_change(IndexId index, std::string_view key) override;
  Status may_insert(IndexId index, const storage::RecordView* behind) override;

  // Before each attempt.
  void begin();
  // The clustered record with this key is locked, by a lock or by the transaction's own change of
  // it. Only one key is trusted; an empty one is none.
  void trust(std::string_view key) { trusted_ = key; }
  // The attempt failed because of a clustered record that has to be locked first.
  [[nodiscard]] bool has_met_record() const { return has_met_record_; }
  // It failed because of the lock table's answer to the request below.
  [[nodiscard]] bool was_refused() const { return answer_ != LockAnswer::granted; }
  [[nodiscard]] LockAnswer answer() const { return answer_; }
  [[nodiscard]] LockTarget target() const { return {kind_, object_, key_}; }
  [[nodiscard]] LockType type() const { return type_; }

 private:
  Status ask(const LockTarget& target, LockType type);

  LockTable& locks_;
  LockOwner& owner_;
  const IndexId clustered_;
  std::string trusted_;
  bool has_met_record_ = false;
  LockAnswer answer_ = LockAnswer::granted;
  LockTarget::Kind kind_ = LockTarget::Kind::table;
  uint64_t object_ = 0;
  std::string key_;
  LockType type_{};
};

}  // namespace aftersync::txn
