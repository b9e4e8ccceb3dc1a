// KeyGuard and KeyWatcher: what locks above storage have to do with keys in trees.
//
// The problem. Locks on rows are kept by key, outside the pages. Whether a key may be inserted
// depends on who has locked the gap that it goes into, which is named by the key behind it; when it
// has been inserted, the locks of that gap hold for both halves of it; and when a key is erased,
// its locks go over to the gap that it leaves. Each of these is right only as one step with the
// change of the leaf: a lock taken, or a key inserted, in between would not be seen.
//
// So both are called from within the change (BTree::modify), with the leaf latched exclusively and
// that of the record behind, if it is another, latched too. They must not wait, nor call into
// storage. A guard that has to wait remembers that and answers an error, which ends the change with
// nothing done; its owner waits with nothing held, and makes the change anew.
#pragma once

#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage {

// Whether one transaction may make a change now. Used by its task.
class KeyGuard {
 public:
  virtual ~KeyGuard() = default;
  // Whether may_insert() has to be asked. Called with the leaf latched.
  [[nodiscard]] virtual bool asks_for_gaps() const = 0;
  // The record is there and is about to be replaced, or marked, or unmarked.
  virtual Status may_change(IndexId index, std::string_view key) = 0;
  // The key is about to be inserted before `behind`; null: it becomes the last one.
  virtual Status may_insert(IndexId index, const RecordView* behind) = 0;
};

// Learns of all insertions and erasures, whoever makes them: transactions, rollback, purge. Any
// task.
class KeyWatcher {
 public:
  virtual ~KeyWatcher() = default;
  // Whether it has to be told just now. Called with the leaf latched.
  [[nodiscard]] virtual bool watches() const = 0;
  virtual void inserted(IndexId index, std::string_view key, const RecordView* behind) = 0;
  virtual void erased(IndexId index, std::string_view key, const RecordView* behind) = 0;
};

// The two as one change meets them; either may be missing.
struct KeyHooks {
  KeyGuard* guard = nullptr;
  KeyWatcher* watcher = nullptr;

  [[nodiscard]] bool want_insert() const {
    return (guard != nullptr && guard->asks_for_gaps()) || want_erase();
  }
  [[nodiscard]] bool want_erase() const { return watcher != nullptr && watcher->watches(); }
  Status insert(IndexId index, std::string_view key, const RecordView* behind) const {
    if (guard != nullptr) RETURN_IF_ERROR(guard->may_insert(index, behind));
    if (watcher != nullptr) watcher->inserted(index, key, behind);
    return {};
  }
  void erase(IndexId index, std::string_view key, const RecordView* behind) const {
    if (watcher != nullptr) watcher->erased(index, key, behind);
  }
};

}  // namespace aftersync::storage
