// Frame: one place in the buffer pool, and PageRef: the right to look at the page in it.
//
// A frame is *pinned* while anybody may look at it (then it stays where it is) and *latched* while
// somebody does. A pin comes before the latch and outlives it. Bytes are read under a shared or
// exclusive latch, and changed under an exclusive one by a mini-transaction only.
//
// Which lock guards what:
//   id, hash link, pins rising from 0   the page-hash shard of the id
//   bytes                               latch
//   oldest, newest                      latch: set by the mini-transaction that holds it
//   exclusively,
//                                       cleared by the flusher that holds it shared; read by
//                                       anybody
//   flush link, oldest to and from 0    also the instance's flush mutex
//   lru/free link, old, touched         the instance's lru mutex (touched is also read as a hint)
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/base/intrusive.h"
#include "core/platform/sync.h"
#include "core/storage/page_format.h"

namespace aftersync::storage {

class PoolInstance;

enum class Latch : uint8_t { shared, exclusive };

class alignas(64) Frame {
 public:
  [[nodiscard]] const char* bytes() const { return bytes_; }
  [[nodiscard]] PageId id() const { return id_; }
  // Lsn of the last change: equal values under a latch mean equal bytes, as long as the frame still
  // holds the same page (compare id() too). Cursors find their place again by it.
  [[nodiscard]] Lsn newest() const { return Lsn(newest_.load(std::memory_order_relaxed)); }
  // Lets go of one pin.
  void unpin() {
    const uint32_t before = pins_.fetch_sub(1, std::memory_order_acq_rel);
    CHECK_GT(before, 0u);
    if (before == 1 && load_failed_.load(std::memory_order_acquire)) [[unlikely]]
      free_failed();
  }
  [[nodiscard]] bool is_dirty() const { return oldest_.load(std::memory_order_relaxed) != 0; }

 private:
  friend class BufferPool;
  friend class FlushBatch;
  friend class Mtr;
  friend class PageRef;
  friend class PoolInstance;

  void free_failed();

  using Hook =
      boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;

  // One cache line: all that finding, latching and letting go of a page in memory needs.
  PageId id_{};
  Frame* hash_next_ = nullptr;
  char* bytes_ = nullptr;
  std::atomic<uint32_t> pins_{0};
  std::atomic<bool> load_failed_{false};
  std::atomic<bool> writing_{false};  // a copy is on its way to disk
  std::atomic<bool> old_{false};
  SharedMutex latch_;
  std::atomic<uint64_t> touched_{0};  // the instance's load count when last moved to the front

  // Another: for changes, flushing and eviction.
  PoolInstance* instance_ = nullptr;
  std::atomic<uint64_t> oldest_{
      0};  // start lsn of the first change not on its way to disk; 0: none
  std::atomic<uint64_t> newest_{0};  // the page lsn
  Hook flush_hook_;
  Hook lru_hook_;  // on the free list, or the young or old part of the lru list
};
static_assert(sizeof(Frame) <= 128);

// A pinned and latched page. Move-only; releases both when destroyed.
class PageRef {
 public:
  PageRef() = default;
  PageRef(PageRef&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)), latch_(other.latch_) {}
  PageRef& operator=(PageRef&& other) noexcept {
    if (this != &other) {
      release();
      frame_ = std::exchange(other.frame_, nullptr);
      latch_ = other.latch_;
    }
    return *this;
  }
  ~PageRef() { release(); }

  [[nodiscard]] explicit operator bool() const { return frame_ != nullptr; }
  [[nodiscard]] const char* bytes() const { return frame_->bytes(); }
  [[nodiscard]] PageId id() const { return frame_->id(); }
  [[nodiscard]] PageNo page_no() const { return frame_->id().page; }
  [[nodiscard]] Frame* frame() const { return frame_; }
  [[nodiscard]] Latch latch() const { return latch_; }
  void release() {
    if (frame_ == nullptr) return;
    Frame* const frame = std::exchange(frame_, nullptr);
    if (latch_ == Latch::shared) {
      frame->latch_.unlock_shared();
    } else {
      frame->latch_.unlock();
    }
    frame->unpin();
  }

 private:
  friend class BufferPool;
  friend class Mtr;
  PageRef(Frame* frame, Latch latch) : frame_(frame), latch_(latch) {}

  Frame* frame_ = nullptr;
  Latch latch_ = Latch::shared;
};

}  // namespace aftersync::storage
