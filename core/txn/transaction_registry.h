// TransactionRegistry: who is running, which views are open, and what purge may take.
//
// The problem. Four questions must have one consistent answer: is this id's transaction still
// running (implicit locks); which ids does a view that is opened now see; which undo does some view
// still need; and who is the transaction behind an id. All four change when a transaction draws an
// id, when it commits, and when a view opens or closes.
//
// Invariants
//  1. An id is drawn and entered in the list of active ones in one critical section. Were it drawn
//     before, a view opened in between would take it for ended.
//  2. A commit number is drawn, and entered in the list of those committing, in one critical
//     section, while the transaction is active. It leaves both lists at once, after its commit
//     record is in the log buffer: that is the moment at which it becomes visible.
//  3. What a view does not see was active when it was opened, so its commit number is either in the
//     list of those committing then, or drawn later. The view's purge limit is the least number
//     that may come under this: the front of that list, or the next id. Limits grow from view to
//     view, so the oldest view has the least.
//  4. The limit that purge is given is that of the oldest view, or that which a view opened now
//     would get. It is passed on under the mutex, so that it never goes back.
//
// Ids and commit numbers come from one counter, set aside on disk by the thousand
// (storage/system_page.h). That may wait for redo space, so it is done with nothing held, and the
// number is then taken from memory under the mutex.
//
// Locks: mutex_ comes after page latches and before the lock table's; nothing waits under it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "core/base/ids.h"
#include "core/base/intrusive.h"
#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/storage/engine.h"
#include "core/txn/lock_table.h"
#include "core/txn/read_view.h"

namespace aftersync::txn {

class TransactionRegistry {
 public:
  // Part of each transaction; registered from assign_id() to end().
  class Entry {
   public:
    explicit Entry(LockOwner& locks) : locks_(locks) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    // 0: none yet.
    [[nodiscard]] TrxId id() const { return id_; }

   private:
    friend class TransactionRegistry;
    using Hook = boost::intrusive::list_member_hook<
        boost::intrusive::link_mode<boost::intrusive::safe_link>>;
    LockOwner& locks_;
    TrxId id_;
    uint64_t commit_number_ = 0;
    Hook committing_hook_;
  };

  // Purge is held back from now on: by views, and by what is committing.
  explicit TransactionRegistry(storage::Engine& engine);
  // Nothing is registered, no view open: CHECKed. Lets purge have everything.
  ~TransactionRegistry();
  TransactionRegistry(const TransactionRegistry&) = delete;
  TransactionRegistry& operator=(const TransactionRegistry&) = delete;

  // Gives the transaction its id, if it has none. Errors as SystemPage::prepare_ids(). The caller
  // holds nothing.
  Status assign_id(Entry& entry);
  // Draws the commit number. The same errors; the caller holds nothing.
  [[nodiscard]] Result<uint64_t> begin_commit(Entry& entry);
  // Its commit failed after all; it is active still.
  void cancel_commit(Entry& entry);
  // It has committed, or has been rolled back: it is active no more, and what it changed is visible
  // to views opened from now on. Without an id: nothing happens.
  void end(Entry& entry);

  void open_view(ReadView& view);
  void close_view(ReadView& view);

  [[nodiscard]] bool is_active(TrxId id);
  // Whether anybody has an id, apart from the one with this id.
  [[nodiscard]] bool has_active_besides(TrxId id);
  // Makes the implicit lock of an active transaction explicit; false when it has ended. It cannot
  // end in the middle.
  [[nodiscard]] bool make_explicit(TrxId id, LockTable& locks, const LockTarget& target);

  [[nodiscard]] size_t active_count();
  [[nodiscard]] size_t view_count();

 private:
  using Committing = boost::intrusive::list<
      Entry, boost::intrusive::member_hook<Entry, Entry::Hook, &Entry::committing_hook_>>;
  using Views = boost::intrusive::list<
      ReadView, boost::intrusive::member_hook<ReadView, ReadView::Hook, &ReadView::hook_>>;

  // Under mutex_.
  [[nodiscard]] uint64_t limit_now() const;
  void pass_on_limit();
  void note_oldest();
  // Calls `use` with a fresh number under mutex_.
  template <typename Use>
  Status draw(Use&& use);

  storage::Engine& engine_;
  // Everything below this has ended: answers is_active() for most rows without the mutex.
  std::atomic<uint64_t> oldest_active_{0};

  Mutex mutex_;
  // Guarded by mutex_.
  std::map<uint64_t, Entry*> active_;  // by id
  Committing committing_;              // by commit number
  Views views_;                        // in the order of opening
};

}  // namespace aftersync::txn
