// FlushBatch: pages on their way to disk. Internal to the buffer pool.
//
// A page is copied under its shared latch and from then on counts as clean, so that writers go on
// while the copy travels; `oldest()` keeps the checkpoint back until the copy has arrived.
//   add()  latch shared; leave the flush list; "writing"; copy; let go of latch and pin
//   run()  log durable up to the newest page lsn; doublewrite; no longer "writing"
// A page whose write failed (a full device) goes back to its old place in the flush list.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/status.h"
#include "core/storage/buffer_pool.h"
#include "core/storage/doublewrite.h"
#include "core/storage/frame.h"

namespace aftersync::storage {

class FlushBatch {
 public:
  explicit FlushBatch(BufferPool& pool);
  ~FlushBatch();
  FlushBatch(const FlushBatch&) = delete;
  FlushBatch& operator=(const FlushBatch&) = delete;

  // Takes over one pin. Waits for the latch only when `wait`; a page that is latched, clean or
  // already on its way is left out.
  void add(Frame* frame, bool wait);
  [[nodiscard]] bool full() const { return entries_.size() == doublewrite_format::kMaxBatchPages; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // Writes; returns how many pages reached their place, or the first failure.
  [[nodiscard]] Result<size_t> run();

  // The oldest change in it; UINT64_MAX for none. Read by the checkpoint.
  [[nodiscard]] uint64_t oldest() const { return oldest_.load(std::memory_order_acquire); }

 private:
  friend class BufferPool;
  struct Entry {
    Frame* frame;
    PageId id;
    uint64_t oldest;
    char* copy;
  };
  void put_back(const Entry& entry);

  BufferPool& pool_;
  std::atomic<uint64_t> oldest_{UINT64_MAX};
  uint64_t newest_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<char[]>> copies_;
  FlushBatch* next_ = nullptr;  // among the pool's flights
};

}  // namespace aftersync::storage
