// ReadView: which transactions' changes a consistent read sees. Fixed when it is opened.
//
// A view sees what had committed when it was opened, and its own transaction's changes. Ids are
// given out in ascending order, and each enters the registry's list of active transactions in the
// same critical section (transaction_registry.h). So when a view is opened, under the same mutex,
// every id is of one of three kinds: below `limit` and not in the list: ended; in the list: still
// running; `limit` and above: not yet begun. The view sees the first kind. A transaction that has
// rolled back has left no changes that could be seen.
//
// Source: MySQL manual 17.7.2.3 "Consistent Nonlocking Reads"; InnoDB's ReadView.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/base/intrusive.h"

namespace aftersync::txn {

class ReadView {
 public:
  using Hook =
      boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;

  ReadView() = default;
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;

  // For the task of its transaction. Not read from the hook: its neighbours' tasks write that.
  [[nodiscard]] bool is_open() const { return is_open_; }

  // Whether changes of this transaction are visible. `self` is the reader's own id: 0 while it has
  // none.
  [[nodiscard]] bool sees(TrxId id, TrxId self) const {
    const uint64_t value = id.value();
    if (value < lowest_active_ || id == self) return true;
    if (value >= limit_) return false;
    return !std::binary_search(active_.begin(), active_.end(), value);
  }
  // The same for everything with ids up to this one: then nothing older has to be looked at.
  [[nodiscard]] bool sees_all_up_to(TrxId id) const { return id.value() < lowest_active_; }
  // Undo of transactions with commit numbers below this is of no use to the view.
  [[nodiscard]] uint64_t purge_limit() const { return purge_limit_; }

 private:
  friend class TransactionRegistry;

  uint64_t lowest_active_ = 0;  // limit_, if none was active
  uint64_t limit_ = 0;
  uint64_t purge_limit_ = 0;
  bool is_open_ = false;
  std::vector<uint64_t> active_;  // ascending
  Hook hook_;                     // in the registry's list of open views
};

}  // namespace aftersync::txn
