// KeyLocks: from keys in leaves to requests.
#include "core/txn/key_locks.h"

namespace aftersync::txn {

using storage::RecordView;

LockTarget target_of(IndexId index, const RecordView* record) {
  return record == nullptr ? LockTarget::supremum(index) : LockTarget::record(index, record->key);
}

void GapInheritance::inserted(IndexId index, std::string_view key, const RecordView* behind) {
  locks_.key_inserted(index, key, target_of(index, behind));
}

void GapInheritance::erased(IndexId index, std::string_view key, const RecordView* behind) {
  locks_.key_erased(index, key, target_of(index, behind));
}

void ChangeGuard::begin() {
  has_met_record_ = false;
  answer_ = LockAnswer::granted;
}

Status ChangeGuard::may_change(IndexId index, std::string_view key) {
  const LockTarget target = LockTarget::record(index, key);
  if (index == clustered_ && key != trusted_) {
    has_met_record_ = true;
    return {Code::internal, "a record that has not been locked"};
  }
  return ask(target, record_only(LockMode::x));
}

Status ChangeGuard::may_insert(IndexId index, const RecordView* behind) {
  return ask(target_of(index, behind), kInsertIntention);
}

Status ChangeGuard::ask(const LockTarget& target, LockType type) {
  answer_ =
      locks_.request(owner_, target, type, LockTable::IfBusy::enqueue, LockTable::Keep::asked_only);
  if (answer_ == LockAnswer::granted) return {};
  kind_ = target.kind;
  object_ = target.object;
  key_ = target.key;
  type_ = type;
  return locks_.status_of(answer_, target, type);
}

}  // namespace aftersync::txn
