// PoolInstance: hash, lists and eviction.
#include "core/storage/pool_instance.h"

#include <algorithm>
#include <bit>
#include <new>

#include "core/base/check.h"
#include "core/base/probe.h"

namespace aftersync::storage {

namespace {

constexpr std::align_val_t kPageAlignment{4096};

}  // namespace

void PoolInstance::PageMemory::operator()(char* bytes) const {
  ::operator delete[](bytes, kPageAlignment);
}

PoolInstance::PoolInstance(size_t frames)
    : frames_count(frames),
      memory_(static_cast<char*>(::operator new[](frames* kPageBytes, kPageAlignment))),
      frames_(new Frame[frames]),
      old_patience_(frames / 16 + 1),
      young_patience_(frames / 4) {
  const size_t buckets = std::bit_ceil(frames * 2 / kShards + 1);
  for (Shard& shard : shards_) shard.buckets.resize(buckets, nullptr);
  for (size_t i = 0; i < frames; ++i) {
    Frame& frame = frames_[i];
    frame.bytes_ = memory_.get() + i * kPageBytes;
    frame.instance_ = this;
    free_.push_back(frame);
  }
  free_count.store(frames);
}

PoolInstance::~PoolInstance() {
  for (size_t i = 0; i < frames_count; ++i) CHECK_EQ(frames_[i].pins_.load(), 0u);
  flush_list.clear();
  free_.clear();
  young_.clear();
  old_.clear();
}

Frame* PoolInstance::find(Shard& shard, PageId id, uint64_t hash) {
  for (Frame* f = bucket_of(shard, hash); f != nullptr; f = f->hash_next_) {
    if (f->id_ == id) return f;
  }
  return nullptr;
}

void PoolInstance::unlink(Shard& shard, Frame* frame, uint64_t hash) {
  Frame** link = &bucket_of(shard, hash);
  while (*link != frame) {
    CHECK(*link != nullptr);
    link = &(*link)->hash_next_;
  }
  *link = frame->hash_next_;
  frame->hash_next_ = nullptr;
}

Frame* PoolInstance::find_and_pin(PageId id, uint64_t hash) {
  Shard& shard = shard_of(hash);
  const MutexLock lock(shard.mutex);
  // Nearly always the frame that is sought: its bytes are asked for while it is on its way itself.
  if (const Frame* const first = bucket_of(shard, hash); first != nullptr) {
    __builtin_prefetch(memory_.get() + static_cast<size_t>(first - frames_.get()) * kPageBytes);
  }
  Frame* const frame = find(shard, id, hash);
  if (frame != nullptr) frame->pins_.fetch_add(1, std::memory_order_relaxed);
  return frame;
}

Frame* PoolInstance::insert_or_pin(Frame* fresh, PageId id, uint64_t hash) {
  Shard& shard = shard_of(hash);
  const MutexLock lock(shard.mutex);
  if (Frame* const other = find(shard, id, hash); other != nullptr) {
    PROBE("pool: two tasks loaded the same page");
    other->pins_.fetch_add(1, std::memory_order_relaxed);
    return other;
  }
  fresh->id_ = id;
  fresh->pins_.store(1, std::memory_order_relaxed);
  Frame*& head = bucket_of(shard, hash);
  fresh->hash_next_ = head;
  head = fresh;
  return fresh;
}

void Frame::free_failed() { instance_->give_back(this); }

void PoolInstance::fail_load(Frame* frame, uint64_t hash) {
  Shard& shard = shard_of(hash);
  const MutexLock lock(shard.mutex);
  unlink(shard, frame, hash);
  frame->load_failed_.store(true, std::memory_order_release);
}

Frame* PoolInstance::take_free() {
  const MutexLock lock(lru_mutex_);
  if (free_.empty()) return evict_one();
  Frame& frame = free_.front();
  free_.pop_front();
  free_count.fetch_sub(1, std::memory_order_relaxed);
  return &frame;
}

void PoolInstance::give_back(Frame* frame) {
  frame->load_failed_.store(false, std::memory_order_relaxed);
  const MutexLock lock(lru_mutex_);
  free_.push_front(*frame);
  free_count.fetch_add(1, std::memory_order_relaxed);
}

size_t PoolInstance::evict_until_free(size_t wanted) {
  const MutexLock lock(lru_mutex_);
  while (free_.size() < wanted) {
    Frame* const frame = evict_one();
    if (frame == nullptr) break;
    free_.push_back(*frame);
    free_count.fetch_add(1, std::memory_order_relaxed);
  }
  return free_.size();
}

// With lru_mutex_ held. From the old end, oldest first; young pages only when no old one will do.
Frame* PoolInstance::evict_one() {
  for (LruList* list : {&old_, &young_}) {
    for (auto it = list->rbegin(); it != list->rend(); ++it) {
      Frame* const frame = &*it;
      if (!try_evict(frame)) continue;
      list->erase(list->iterator_to(*frame));
      balance();
      evictions.fetch_add(1, std::memory_order_relaxed);
      return frame;
    }
  }
  return nullptr;
}

// The order of these tests matters: flushers pin without the shard, but only what is dirty, and are
// "writing" before the page becomes clean.
bool PoolInstance::try_evict(Frame* frame) {
  if (frame->pins_.load(std::memory_order_relaxed) != 0 || frame->is_dirty()) return false;
  const uint64_t hash = hash_of(frame->id_);
  Shard& shard = shard_of(hash);
  const MutexLock lock(shard.mutex);
  if (frame->pins_.load(std::memory_order_acquire) != 0) return false;
  if (frame->oldest_.load(std::memory_order_acquire) != 0) return false;
  if (frame->writing_.load(std::memory_order_acquire)) return false;
  unlink(shard, frame, hash);
  return true;
}

void PoolInstance::enter_lru(Frame* frame) {
  const MutexLock lock(lru_mutex_);
  frame->touched_.store(loads_.fetch_add(1, std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  frame->old_.store(true, std::memory_order_relaxed);
  old_.push_front(*frame);
  balance();
}

void PoolInstance::move_to_front(Frame* frame) {
  if (!lru_mutex_.try_lock()) return;
  // Not on a list while it is being loaded.
  if (frame->lru_hook_.is_linked()) {
    remove_from_lru(frame);
    frame->touched_.store(loads_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    frame->old_.store(false, std::memory_order_relaxed);
    young_.push_front(*frame);
    made_young.fetch_add(1, std::memory_order_relaxed);
    balance();
  }
  lru_mutex_.unlock();
}

void PoolInstance::remove_from_lru(Frame* frame) {
  LruList& list = frame->old_.load(std::memory_order_relaxed) ? old_ : young_;
  list.erase(list.iterator_to(*frame));
}

// With lru_mutex_ held: the old part keeps 3/8 of the pages. A page that crosses the midpoint keeps
// its place in the order.
void PoolInstance::balance() {
  const size_t target = (old_.size() + young_.size()) * 3 / 8;
  while (old_.size() < target) {
    Frame& frame = young_.back();
    young_.pop_back();
    frame.old_.store(true, std::memory_order_relaxed);
    old_.push_front(frame);
  }
  while (old_.size() > target + 1) {
    Frame& frame = old_.front();
    old_.pop_front();
    frame.old_.store(false, std::memory_order_relaxed);
    young_.push_back(frame);
  }
}

void PoolInstance::pin_dirty_tail(size_t max, std::vector<Frame*>& to) {
  const MutexLock lock(lru_mutex_);
  for (LruList* list : {&old_, &young_}) {
    for (auto it = list->rbegin(); it != list->rend() && to.size() < max; ++it) {
      Frame& frame = *it;
      if (frame.pins_.load(std::memory_order_relaxed) != 0 || !frame.is_dirty()) continue;
      Shard& shard = shard_of(hash_of(frame.id_));
      const MutexLock shard_lock(shard.mutex);
      frame.pins_.fetch_add(1, std::memory_order_relaxed);
      to.push_back(&frame);
    }
  }
}

void PoolInstance::pin_oldest(size_t max, uint64_t upto, std::vector<Frame*>& to) {
  const MutexLock lock(flush_mutex);
  for (auto it = flush_list.rbegin(); it != flush_list.rend() && to.size() < max; ++it) {
    Frame& frame = *it;
    if (frame.oldest_.load(std::memory_order_relaxed) >= upto) break;
    if (frame.writing_.load(std::memory_order_relaxed)) continue;
    frame.pins_.fetch_add(1, std::memory_order_relaxed);
    to.push_back(&frame);
  }
}

void PoolInstance::pin_space(SpaceId space, std::vector<Frame*>& to) {
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    for (Frame* head : shard.buckets) {
      for (Frame* f = head; f != nullptr; f = f->hash_next_) {
        if (f->id_.space != space) continue;
        f->pins_.fetch_add(1, std::memory_order_relaxed);
        to.push_back(f);
      }
    }
  }
}

void PoolInstance::drop(Frame* frame, uint64_t hash) {
  const MutexLock lock(lru_mutex_);
  {
    Shard& shard = shard_of(hash);
    const MutexLock shard_lock(shard.mutex);
    CHECK(!frame->is_dirty() && !frame->writing_.load());
    CHECK_EQ(frame->pins_.fetch_sub(1), 1u);
    unlink(shard, frame, hash);
  }
  remove_from_lru(frame);
  free_.push_front(*frame);
  free_count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace aftersync::storage
