// SystemPage: the first thing read after recovery, and the source of ids.
//
// Ids must never be given out twice, crashes included. Writing each to disk would make the system
// page the hottest in the engine; so ids are set aside on disk by the thousand, and given out from
// memory. A crash wastes the rest of a batch. The batch is logged before anything that uses one of
// its ids can be, so no replayed change can hold an id that the replayed counter does not cover.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/storage/btree.h"
#include "core/storage/page_store.h"

namespace aftersync::storage {

class SystemPage {
 public:
  explicit SystemPage(PageStore& store) : store_(store) {}

  // Makes the page and the tree of tables in a new system space.
  Status bootstrap();
  // Code::corruption, Code::unsupported.
  Status open();

  // The next id, never given out before. Code::no_space and the like when a new batch cannot be
  // logged. The caller holds no latch.
  [[nodiscard]] Result<uint64_t> next_id();
  // The same from memory only, for callers who may not wait: empty when those set aside are used
  // up, and prepare_ids() has to be called, with nothing held.
  [[nodiscard]] std::optional<uint64_t> try_next_id();
  Status prepare_ids() { return set_aside(next_.load(std::memory_order_acquire)); }
  // Durably given out.
  [[nodiscard]] Result<SpaceId> next_space();
  // All ids given out so far are below this.
  [[nodiscard]] uint64_t id_limit() const { return next_.load(std::memory_order_acquire); }

  [[nodiscard]] const TreeRoot& tables_tree() const { return tables_; }

  // Judges a page of PageType::system; returns the tree of tables. Code::corruption, unsupported.
  [[nodiscard]] static Result<TreeRoot> judge(const char* bytes);

 private:
  Status set_aside(uint64_t at_least);

  PageStore& store_;
  TreeRoot tables_{};
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> limit_{0};  // set aside on disk
  Mutex mutex_;                     // taken before any latch
  uint32_t next_space_ = 0;         // guarded by mutex_
};

// A tree's place as 16 bytes, and back.
void store_tree(char* to, const TreeRoot& tree);
[[nodiscard]] TreeRoot load_tree(const char* from, IndexId index, SpaceId space);

}  // namespace aftersync::storage
