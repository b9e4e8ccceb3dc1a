// BufferPool: the pages in memory.
//
// The problem. Data is larger than memory; every page access must find the page, or a frame to read
// it into, quickly and from many tasks; changed pages must reach the disk neither before their redo
// nor so late that the redo log cannot be reused; and none of this may deadlock, even with 64
// frames under a table of a million pages.
//
// Shape. Frames are divided among *instances* by a hash of the page id. Each instance has
//   - a page hash in shards (a mutex and a chain each): id -> frame;
//   - a free list;
//   - an lru list with a midpoint: 5/8 young, 3/8 old. A page enters at the head of the old part
//   and
//     becomes young when it is wanted again after some other pages have been loaded, so that a scan
//     passes through the old part and leaves the young one alone;
//   - a flush list: dirty pages by the lsn of their first unwritten change.
//
// Invariants
//  1. A frame with pins > 0 is neither evicted nor freed. Pins rise from 0 only under the hash
//  shard.
//  2. A dirty page is on the flush list, in order of `oldest`; the order holds because
//     mini-transactions enter under flush_order_ taken inside the log's append.
//  3. A page's image goes to disk only when the log is durable up to its lsn.
//  4. oldest_dirty() is at most the start of any change that is not safely in its data file: pages
//     whose copy is in flight count with the oldest they had.
//  5. A page is in flight at most once at a time; only clean, idle, unpinned frames are evicted.
//
// Why it never deadlocks. Whoever needs a frame and finds none free evicts, or else flushes pages
// nobody has pinned, never waiting for a latch. It can fail only when all frames are pinned, and
// that is excluded: every operation takes a PinBudget, without holding anything, for as many pages
// as it will pin at once; budgets sum up to less than the frames of one instance.
//
// Latch order: see core/README.md. Inside the pool: lru mutex -> hash shard; flush_order_ ->
// flush mutex; no pool mutex is held across I/O or while waiting for a latch.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/log/log.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/storage/frame.h"

namespace aftersync::storage {

class Doublewrite;
class FlushBatch;
class Spaces;

inline constexpr size_t kMinPoolFrames = 64;

struct BufferPoolOptions {
  size_t frames = 8192;  // innodb_buffer_pool_size / 16 KiB; at least kMinPoolFrames
  size_t instances = 0;  // innodb_buffer_pool_instances; 0: one for each 8192 frames, at most 8
};

struct BufferPoolStats {
  size_t frames = 0;
  size_t free = 0;
  size_t dirty = 0;
  uint64_t reads = 0;   // pages read from disk
  uint64_t writes = 0;  // pages written in place
  uint64_t write_batches = 0;
  uint64_t evictions = 0;
  uint64_t made_young = 0;
  uint64_t frame_waits = 0;  // a task had to flush to get a frame
  uint64_t budget_waits = 0;
  size_t bytes_per_page = 0;  // memory for one cached page, everything included
};

class BufferPool {
 public:
  BufferPool(Node& node, BufferPoolOptions options, Log& log, Spaces& spaces,
             Doublewrite& doublewrite);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // Finds or reads a page and latches it; waits for the latch. The caller's PinBudget covers it.
  // Code::corruption (message: file, page, expected, found) when what is read is damaged or of
  // another type; Code::io_error; the status of a space that is out of use; Code::not_found for a
  // space that is not open or a page outside it.
  [[nodiscard]] Result<PageRef> fetch(PageId id, Latch latch, PageType expected);
  // As fetch, but only if that needs no waiting for a latch: an empty PageRef otherwise.
  [[nodiscard]] Result<PageRef> try_fetch(PageId id, Latch latch, PageType expected);
  // A frame for a page that is about to be initialised, exclusively latched. What the disk holds is
  // not read. Its bytes are undefined until PageOp::init.
  [[nodiscard]] PageRef fetch_new(PageId id);

  // Tells the pool that a mini-transaction covering [start, end) has changed the page, which it
  // holds exclusively. Inside Log::append's hook; `flush_order` is held.
  void note_change(Frame& frame, Lsn start, Lsn end);
  [[nodiscard]] Mutex& flush_order() { return flush_order_; }

  // Writes up to `max_pages` dirty pages whose oldest change is before `upto`; returns how many.
  // Code::no_space: some could not be written; they stay dirty.
  [[nodiscard]] Result<size_t> flush_oldest(size_t max_pages, Lsn upto);
  // Writes and evicts from the old end of the lru lists until `free_wanted` frames are free in
  // each instance, or nothing more can be done now.
  [[nodiscard]] Result<size_t> flush_for_frames(size_t free_wanted);
  // Writes everything that was dirty when called.
  Status flush_all();
  // The lsn from which recovery would have to start; the log's end when nothing is dirty.
  [[nodiscard]] Lsn oldest_dirty();

  // Forgets all pages of a space, changes included. Nobody uses the space any more.
  void discard(SpaceId space);

  // Called when a task finds no free frame; must not block. Set before any other use.
  void set_frames_wanted(std::function<void()> wanted) { frames_wanted_ = std::move(wanted); }

  [[nodiscard]] BufferPoolStats stats();

 private:
  friend class PinBudget;
  friend class FlushBatch;
  friend class Recovery;

  // For replay only.
  static char* bytes_of(Frame& frame) { return frame.bytes_; }
  PoolInstance& instance_of(uint64_t hash) { return *instances_[(hash >> 52) % instances_.size()]; }
  // Any page that checks out, or one to be initialised when `read` is false: pinned, latched.
  [[nodiscard]] Result<PageRef> get(PageId id, Latch latch, bool read);
  [[nodiscard]] Result<Frame*> load(PoolInstance& instance, PageId id, uint64_t hash, bool read,
                                    bool& loaded);
  Status read_page(PageId id, char* into);
  Status judge_type(const PageRef& page, PageType expected);
  Frame* free_frame(PoolInstance& instance);
  [[nodiscard]] Result<size_t> flush(const std::vector<Frame*>& pinned);
  [[nodiscard]] Result<size_t> flush_one(PoolInstance& instance, Lsn upto);
  void note_flush(const Status& status);

  Node& node_;
  Log& log_;
  Spaces& spaces_;
  Doublewrite& doublewrite_;
  std::vector<std::unique_ptr<PoolInstance>> instances_;
  std::function<void()> frames_wanted_;
  Mutex flush_order_;
  std::atomic<uint64_t> reads_{0};
  std::atomic<uint64_t> writes_{0};
  std::atomic<uint64_t> write_batches_{0};
  std::atomic<uint64_t> frame_waits_{0};

  Mutex flights_mutex_;
  FlushBatch* flights_ = nullptr;  // batches under way; guarded by flights_mutex_

  // Pins still to give.
  Mutex budget_mutex_;
  CondVar budget_freed_;
  std::atomic<int64_t> budget_;
  std::atomic<uint32_t> budget_waiters_{0};
  std::atomic<uint64_t> budget_waits_{0};
};

// The right to pin up to `pins` pages at once. Taken while holding no latch and no other budget;
// waits while the pool is too busy.
class [[nodiscard]] PinBudget {
 public:
  PinBudget(BufferPool& pool, uint32_t pins);
  ~PinBudget();
  PinBudget(const PinBudget&) = delete;
  PinBudget& operator=(const PinBudget&) = delete;

 private:
  BufferPool& pool_;
  const uint32_t pins_;
};

// What the kinds of operation need: see core/README.md, "Pins".
inline constexpr uint32_t kReadPins = 4;    // parent, child, neighbour, overflow
inline constexpr uint32_t kSmallPins = 10;  // one leaf, one undo page, space header and friends
inline constexpr uint32_t kLargePins = 40;  // splits and merges up to the root
static_assert(kLargePins + kReadPins < kMinPoolFrames);

}  // namespace aftersync::storage
