// RecordLocker: look, ask, wait, look again.
#include "core/txn/record_locker.h"

#include <utility>

#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/storage/long_value.h"
#include "core/txn/key_locks.h"

namespace aftersync::txn {

using storage::RecordView;

// One look at a place: what is there, and what the lock table said.
struct RecordLocker::Look {
  LockedRecord found;
  LockAnswer answer = LockAnswer::granted;
  LockType type{};
};

RecordLocker::RecordLocker(Transaction& trx, storage::Table& table, LockMode mode, OnBusy on_busy)
    : trx_(trx), table_(table), locks_(trx.manager().locks()), mode_(mode), on_busy_(on_busy) {}

Status RecordLocker::announce() {
  if (std::exchange(announced_, true)) return {};
  const LockMode intention = mode_ == LockMode::x ? LockMode::ix : LockMode::is;
  return trx_.lock(LockTarget::table(table_.id()), {intention});
}

// The leaves are latched. A record lock that has been waited for may have become too little: the
// record has been deleted since, and the gap before it is wanted too. It is asked for by itself, as
// nobody waits for a gap.
Status RecordLocker::ask(size_t index, const RecordView* record, LockType type, Look& look) {
  LockOwner& owner = trx_.locks();
  const LockTarget target = target_of(id_of(index), record);
  if (type.reach == LockReach::next_key && record != nullptr &&
      locks_.is_held(owner, target, record_only(type.mode))) {
    if (AFTERSYNC_FAULT("bug/gap-lost-on-delete-mark")) return {};
    type = gap_only(type.mode);
  }
  const bool reaches_record = record != nullptr && type.reach != LockReach::gap;
  if (index == 0 && reaches_record && record->value.size() >= storage::kSystemBytes) {
    const TrxId writer = storage::load_system_columns(record->value.data()).trx;
    if (writer != trx_.id() && !AFTERSYNC_FAULT("bug/implicit-missed")) {
      (void)trx_.manager().registry().make_explicit(writer, locks_, target);
    }
  }
  const bool was_held = locks_.is_held(owner, target, type);
  const auto if_busy =
      on_busy_ == OnBusy::wait ? LockTable::IfBusy::enqueue : LockTable::IfBusy::give_up;
  look.answer = locks_.request(owner, target, type, if_busy);
  look.type = type;
  if (!was_held && look.answer == LockAnswer::granted) look.found.fresh = type;
  return {};
}

Status RecordLocker::look(size_t index, std::string_view from, const Rule& rule, Look& look) {
  const SharedLock latch(table_.latch());
  RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
  return table_.tree(index).visit_next(from, [&](const RecordView* record) -> Status {
    if (record != nullptr) {
      look.found.place = LockedRecord::Place::record;
      look.found.key = record->key;
      look.found.value = record->value;
      look.found.flags = record->flags;
    }
    const std::optional<LockType> type = rule(record);
    return type ? ask(index, record, *type, look) : Status();
  });
}

Result<LockedRecord> RecordLocker::lock_next(size_t index, std::string_view from,
                                             const Rule& rule) {
  RETURN_IF_ERROR(trx_.check_active("lock rows"));
  RETURN_IF_ERROR(announce());
  std::string ours;  // the key that we have locked in one of the turns before
  LockType our_type{};
  int settled = -1;  // its flags when no running writer's hand was seen in them
  while (true) {
    Look look;
    RETURN_IF_ERROR(this->look(index, from, rule, look));
    const RecordView view{look.found.key, look.found.value, look.found.flags};
    const bool is_record = look.found.is_record();
    const LockTarget target = target_of(id_of(index), is_record ? &view : nullptr);
    if (look.answer == LockAnswer::busy && on_busy_ != OnBusy::fail) {
      PROBE("record-locker/not-waited-for");
      look.found.place = LockedRecord::Place::busy;
      return std::move(look.found);
    }
    if (look.answer != LockAnswer::granted) {
      RETURN_IF_ERROR(trx_.settle(look.answer, target, look.type));
      ours = look.found.key;
      our_type = look.type;
      settled = -1;
      continue;
    }
    if (!is_record) return std::move(look.found);
    const bool was_ours = !look.found.fresh && !ours.empty() && ours == look.found.key;
    if (was_ours) look.found.fresh = our_type;
    if (index == 0) RETURN_IF_ERROR(check_snapshot(look.found));
    if (index == 0 || !look.found.fresh || (was_ours && settled == look.found.flags)) {
      return std::move(look.found);
    }
    ASSIGN_OR_RETURN(const bool yields, yields_to_writer(index, look.found));
    if (yields) continue;
    // What has been seen may be what a running transaction had made of it and has taken back since.
    ours = look.found.key;
    our_type = *look.found.fresh;
    settled = look.found.flags;
  }
}

// Whether an entry of a secondary index, just locked, turns out to be locked by its writer.
Result<bool> RecordLocker::yields_to_writer(size_t index, const LockedRecord& record) {
  if (record.fresh->reach == LockReach::gap) return false;
  TransactionRegistry& registry = trx_.manager().registry();
  if (!registry.has_active_besides(trx_.id())) return false;
  const RecordView entry{record.key, record.value, record.flags};
  ASSIGN_OR_RETURN(const std::string_view row_key, storage::Table::clustered_key_of(entry));
  ASSIGN_OR_RETURN(const TrxId writer,
                   trx_.manager().engine().rows().writer_of_entry(
                       table_, index, record.key, row_key, record.is_marked(),
                       [&](TrxId id) { return id != trx_.id() && registry.is_active(id); }));
  if (writer.value() == 0 || AFTERSYNC_FAULT("bug/implicit-missed")) return false;
  PROBE("record-locker/entry-of-a-running-transaction");
  const LockTarget target = LockTarget::record(id_of(index), record.key);
  locks_.release_record(trx_.locks(), target, *record.fresh);
  (void)registry.make_explicit(writer, locks_, target);
  return true;
}

// What has been locked in the clustered index is what the view sees, or was not to be looked at.
Status RecordLocker::check_snapshot(const LockedRecord& record) {
  if (!record.fresh || record.fresh->reach == LockReach::gap) return {};
  if (record.value.size() < storage::kSystemBytes) return {};
  const TrxId writer = storage::load_system_columns(record.value.data()).trx;
  return trx_.check_unchanged(writer);
}

Result<LockedRecord> RecordLocker::lock_row(std::string_view clustered_key) {
  ASSIGN_OR_RETURN(
      LockedRecord record,
      lock_next(0, clustered_key, [&](const RecordView* found) -> std::optional<LockType> {
        if (found == nullptr || found->key != clustered_key) return {};
        return record_only(mode_);
      }));
  if (record.place != LockedRecord::Place::end && record.key != clustered_key) {
    return LockedRecord();
  }
  return record;
}

Result<storage::Row> RecordLocker::row_of(const LockedRecord& record) {
  const SharedLock latch(table_.latch());
  const RecordView view{record.key, record.value, record.flags};
  if (!view.is_overflow()) {
    return storage::decode_row(table_.def().columns, view.value.substr(storage::kSystemBytes));
  }
  ASSIGN_OR_RETURN(const std::string bytes,
                   storage::LongValue::read(trx_.manager().engine().pages(), table_.tree(0).root(),
                                            view.value.substr(storage::kSystemBytes), view.flags));
  return storage::decode_row(table_.def().columns, bytes);
}

void RecordLocker::release(size_t index, const LockedRecord& record) {
  if (!record.fresh) return;
  locks_.release(trx_.locks(), LockTarget::record(id_of(index), record.key), *record.fresh);
}

}  // namespace aftersync::txn
