// PoolInstance: one share of the buffer pool's frames. Internal to the pool; buffer_pool.h has the
// essay and the invariants.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/ids.h"
#include "core/base/intrusive.h"
#include "core/platform/sync.h"
#include "core/storage/frame.h"

namespace aftersync::storage {

class PoolInstance {
 public:
  using FlushList = boost::intrusive::list<
      Frame, boost::intrusive::member_hook<Frame, Frame::Hook, &Frame::flush_hook_>>;
  using LruList =
      boost::intrusive::list<Frame,
                             boost::intrusive::member_hook<Frame, Frame::Hook, &Frame::lru_hook_>>;

  explicit PoolInstance(size_t frames);
  ~PoolInstance();
  PoolInstance(const PoolInstance&) = delete;
  PoolInstance& operator=(const PoolInstance&) = delete;

  // The frame of `id`, pinned once more; null when the page is not in memory.
  Frame* find_and_pin(PageId id, uint64_t hash);
  // Enters `fresh`, pinned once and latched by the caller, as the frame of `id`. If another task
  // was first, pins and returns that one's frame instead.
  Frame* insert_or_pin(Frame* fresh, PageId id, uint64_t hash);
  // Takes a frame whose page could not be read out of the hash; it is freed by its last unpin.
  void fail_load(Frame* frame, uint64_t hash);

  // A frame nobody else can reach: from the free list, or by evicting a clean page. Null: none now.
  Frame* take_free();
  void give_back(Frame* frame);
  // Makes up to `wanted` frames free by evicting clean pages; returns how many are free then.
  size_t evict_until_free(size_t wanted);

  // Enters a loaded page at the head of the old part.
  void enter_lru(Frame* frame);
  // Notes that the page was wanted again. Never waits.
  void touch(Frame* frame) {
    const uint64_t age =
        loads_.load(std::memory_order_relaxed) - frame->touched_.load(std::memory_order_relaxed);
    const bool old = frame->old_.load(std::memory_order_relaxed);
    if (age > (old ? old_patience_ : young_patience_)) [[unlikely]]
      move_to_front(frame);
  }

  // Pins up to `max` unpinned dirty pages from the old end of the lru list.
  void pin_dirty_tail(size_t max, std::vector<Frame*>& to);
  // Pins up to `max` pages from the old end of the flush list whose oldest change is before `upto`.
  void pin_oldest(size_t max, uint64_t upto, std::vector<Frame*>& to);

  // All frames of `space`, pinned.
  void pin_space(SpaceId space, std::vector<Frame*>& to);
  // Takes a clean page, pinned only by the caller, out of everything; frees the frame.
  void drop(Frame* frame, uint64_t hash);

  static uint64_t hash_of(PageId id) { return std::hash<PageId>()(id); }

  const size_t frames_count;

  Mutex flush_mutex;
  // Guarded by flush_mutex: newest first change at the front.
  FlushList flush_list;
  std::atomic<size_t> dirty{0};

  // Counters, for statistics.
  std::atomic<uint64_t> evictions{0};
  std::atomic<uint64_t> made_young{0};
  std::atomic<size_t> free_count{0};

 private:
  static constexpr size_t kShards = 64;
  struct alignas(64) Shard {
    Mutex mutex;
    std::vector<Frame*> buckets;  // chains, guarded by mutex
  };

  Shard& shard_of(uint64_t hash) { return shards_[(hash >> 40) % kShards]; }
  static Frame*& bucket_of(Shard& shard, uint64_t hash) {
    return shard.buckets[(hash >> 20) & (shard.buckets.size() - 1)];
  }
  static Frame* find(Shard& shard, PageId id, uint64_t hash);
  static void unlink(Shard& shard, Frame* frame, uint64_t hash);
  void move_to_front(Frame* frame);
  void balance();
  bool try_evict(Frame* frame);
  Frame* evict_one();
  void remove_from_lru(Frame* frame);

  struct PageMemory {
    void operator()(char* bytes) const;
  };
  std::unique_ptr<char[], PageMemory> memory_;
  std::unique_ptr<Frame[]> frames_;
  std::array<Shard, kShards> shards_;
  const uint64_t old_patience_;    // loads after which a page of the old part becomes young
  const uint64_t young_patience_;  // and a young one moves to the front again

  Mutex lru_mutex_;
  // Guarded by lru_mutex_.
  LruList free_;
  LruList young_;
  LruList old_;
  std::atomic<uint64_t> loads_{0};
};

}  // namespace aftersync::storage
