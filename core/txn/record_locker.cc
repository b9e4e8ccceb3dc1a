// RecordLocker: look, ask, wait, look again.
#include "core/txn/record_locker.h"

#include <utility>

#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/storage/long_value.h"
#include "core/txn/key_locks.h"

namespace aftersync::txn {

using storage::RecordView;

namespace {

LockedRecord copy_of(const RecordView& record) {
  LockedRecord copy;
  copy.place = LockedRecord::Place::record;
  copy.key = record.key;
  copy.value = record.value;
  copy.flags = record.flags;
  return copy;
}

}  // namespace

// One look at a place: what is there, and what the lock table said.
struct RecordLocker::Look {
  LockedRecord found;
  LockAnswer answer = LockAnswer::granted;
  LockType type{};
  std::optional<TrxId> outdated_by;  // who has changed what the view sees
};

RecordLocker::RecordLocker(Transaction& trx, storage::Table& table, LockMode mode, OnBusy on_busy)
    : trx_(trx), table_(table), locks_(trx.manager().locks()), mode_(mode), on_busy_(on_busy) {}

Status RecordLocker::announce() {
  if (std::exchange(announced_, true)) return {};
  const LockMode intention = mode_ == LockMode::x ? LockMode::ix : LockMode::is;
  return trx_.lock(LockTarget::table(table_.id()), {intention});
}

// A clustered record names its writer. True when that one settles the question: it is the
// transaction itself, whose change is lock enough, or one whose change it must not have missed.
bool RecordLocker::ask_writer(const RecordView& record, LockType type, const LockTarget& target,
                              Look& look) {
  if (record.value.size() < storage::kSystemBytes) return false;
  const TrxId writer = storage::load_system_columns(record.value.data()).trx;
  if (writer == trx_.id()) return writer.value() != 0 && type.reach == LockReach::record;
  if (AFTERSYNC_FAULT("bug/implicit-missed")) return false;
  if (trx_.manager().registry().make_explicit(writer, locks_, target)) return false;
  if (type.reach != LockReach::gap && trx_.is_outdated_by(writer)) look.outdated_by = writer;
  return look.outdated_by.has_value();
}

// The leaves are latched. Who has the record and wants the gap before it as well asks for the gap
// alone: nobody waits for that. So it is with a record lock that was waited for, when the record
// has been deleted meanwhile.
void RecordLocker::ask(size_t index, const RecordView* record, LockType type, Look& look) {
  LockOwner& owner = trx_.locks();
  const LockTarget target = target_of(id_of(index), record);
  if (index == 0 && record != nullptr && ask_writer(*record, type, target, look)) return;
  if (type.reach == LockReach::next_key && record != nullptr &&
      locks_.is_held(owner, target, record_only(type.mode))) {
    if (AFTERSYNC_FAULT("bug/gap-lost-on-delete-mark")) return;
    type = gap_only(type.mode);
  }
  const bool was_held = locks_.is_held(owner, target, type);
  const auto if_busy =
      on_busy_ == OnBusy::wait ? LockTable::IfBusy::enqueue : LockTable::IfBusy::give_up;
  look.answer = locks_.request(owner, target, type, if_busy);
  look.type = type;
  if (!was_held && look.answer == LockAnswer::granted) look.found.fresh = type;
}

// The same for an entry of a secondary index, which names nobody. True when it is the transaction's
// own work: `found` is that entry then.
Result<bool> RecordLocker::ask_writer_of_entry(size_t index, std::string_view from,
                                               const Rule& rule, LockedRecord& found) {
  TransactionRegistry& registry = trx_.manager().registry();
  const bool has_others = registry.has_active_besides(trx_.id());
  if ((!has_others && trx_.id().value() == 0) || AFTERSYNC_FAULT("bug/implicit-missed"))
    return false;
  std::optional<LockType> type;
  {
    const SharedLock latch(table_.latch());
    RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
    RETURN_IF_ERROR(table_.tree(index).visit_next(from, [&](const RecordView* record) -> Status {
      if (record == nullptr) return {};
      found = copy_of(*record);
      type = rule(record);
      return {};
    }));
  }
  if (!type || (!has_others && type->reach != LockReach::record)) return false;
  ASSIGN_OR_RETURN(const TrxId writer, writer_of(index, found));
  if (writer.value() == 0) return false;
  if (writer == trx_.id()) return type->reach == LockReach::record;
  (void)registry.make_explicit(writer, locks_, LockTarget::record(id_of(index), found.key));
  return false;
}

Status RecordLocker::look(size_t index, std::string_view from, const Rule& rule, Look& look) {
  const SharedLock latch(table_.latch());
  RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
  return table_.tree(index).visit_next(from, [&](const RecordView* record) -> Status {
    if (record != nullptr) look.found = copy_of(*record);
    const std::optional<LockType> type = rule(record);
    if (type) ask(index, record, *type, look);
    return {};
  });
}

Result<LockedRecord> RecordLocker::lock_next(size_t index, std::string_view from,
                                             const Rule& rule) {
  RETURN_IF_ERROR(trx_.check_active("lock rows"));
  RETURN_IF_ERROR(announce());
  std::string place(from);
  std::string ours;  // the key that we have locked in one of the turns before
  LockType our_type{};
  bool waited = false;
  int settled = -1;  // its flags when no running writer's hand was seen in them
  while (true) {
    Look look;
    if (index != 0) {
      ASSIGN_OR_RETURN(const bool is_own, ask_writer_of_entry(index, place, rule, look.found));
      if (is_own) return std::move(look.found);
      look.found = LockedRecord();
    }
    RETURN_IF_ERROR(this->look(index, place, rule, look));
    const RecordView view{look.found.key, look.found.value, look.found.flags};
    const bool is_record = look.found.is_record();
    const LockTarget target = target_of(id_of(index), is_record ? &view : nullptr);
    if (look.outdated_by) return trx_.check_unchanged(*look.outdated_by);
    if (look.answer == LockAnswer::busy && on_busy_ != OnBusy::fail) {
      PROBE("record-locker/not-waited-for");
      look.found.place = LockedRecord::Place::busy;
      return std::move(look.found);
    }
    if (look.answer != LockAnswer::granted) {
      RETURN_IF_ERROR(trx_.settle(look.answer, target, look.type));
      ours = look.found.key;
      our_type = look.type;
      waited = true;
      if (!trx_.locks_gaps()) place = ours;  // what has come before it is not missed
      settled = -1;
      continue;
    }
    if (!is_record) return std::move(look.found);
    const bool was_ours = !look.found.fresh && !ours.empty() && ours == look.found.key;
    if (was_ours) look.found.fresh = our_type;
    look.found.waited = was_ours && waited;
    if (index == 0 || !look.found.fresh || (was_ours && settled == look.found.flags)) {
      return std::move(look.found);
    }
    ASSIGN_OR_RETURN(const bool yields, yields_to_writer(index, look.found));
    if (yields) continue;
    // What has been seen may be what a running transaction had made of it and has taken back since.
    waited = waited && was_ours;
    ours = look.found.key;
    our_type = *look.found.fresh;
    settled = look.found.flags;
  }
}

// The running transaction whose work an entry of a secondary index is; 0: none.
Result<TrxId> RecordLocker::writer_of(size_t index, const LockedRecord& entry) {
  TransactionRegistry& registry = trx_.manager().registry();
  const RecordView view{entry.key, entry.value, entry.flags};
  ASSIGN_OR_RETURN(const std::string_view row_key, storage::Table::clustered_key_of(view));
  return trx_.manager().engine().rows().writer_of_entry(
      table_, index, entry.key, row_key, entry.is_marked(),
      [&](TrxId id) { return registry.is_active(id); });
}

Result<bool> RecordLocker::is_of_another(size_t index, const LockedRecord& entry) {
  if (!trx_.manager().registry().has_active_besides(trx_.id())) return false;
  ASSIGN_OR_RETURN(const TrxId writer, writer_of(index, entry));
  return writer.value() != 0 && writer != trx_.id();
}

// Whether an entry of a secondary index, just locked, turns out to be locked by a writer who has
// come since it was asked for.
Result<bool> RecordLocker::yields_to_writer(size_t index, const LockedRecord& record) {
  if (record.fresh->reach == LockReach::gap) return false;
  TransactionRegistry& registry = trx_.manager().registry();
  if (!registry.has_active_besides(trx_.id())) return false;
  ASSIGN_OR_RETURN(const TrxId writer, writer_of(index, record));
  if (writer.value() == 0 || writer == trx_.id() || AFTERSYNC_FAULT("bug/implicit-missed")) {
    return false;
  }
  PROBE("record-locker/entry-of-a-running-transaction");
  const LockTarget target = LockTarget::record(id_of(index), record.key);
  locks_.release(trx_.locks(), target, *record.fresh);
  (void)registry.make_explicit(writer, locks_, target);
  return true;
}

bool RecordLocker::is_own(const LockedRecord& record) const {
  if (record.value.size() < storage::kSystemBytes || trx_.id().value() == 0) return false;
  return storage::load_system_columns(record.value.data()).trx == trx_.id();
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
  if (!record.fresh || record.waited) return;
  locks_.release(trx_.locks(), LockTarget::record(id_of(index), record.key), *record.fresh);
}

}  // namespace aftersync::txn
