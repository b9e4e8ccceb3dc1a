// FlushBatch: copying pages out and writing them.
#include "core/storage/flush_batch.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/pool_instance.h"

namespace aftersync::storage {

FlushBatch::FlushBatch(BufferPool& pool) : pool_(pool) {
  const MutexLock lock(pool_.flights_mutex_);
  next_ = pool_.flights_;
  pool_.flights_ = this;
}

FlushBatch::~FlushBatch() {
  CHECK(entries_.empty());
  const MutexLock lock(pool_.flights_mutex_);
  FlushBatch** link = &pool_.flights_;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
}

void FlushBatch::add(Frame* frame, bool wait) {
  CHECK(!full());
  PoolInstance& instance = *frame->instance_;
  if (wait) {
    frame->latch_.lock_shared();
  } else if (!frame->latch_.try_lock_shared()) {
    frame->unpin();
    return;
  }
  bool taken = false;
  uint64_t oldest = 0;
  {
    const MutexLock lock(instance.flush_mutex);
    oldest = frame->oldest_.load(std::memory_order_relaxed);
    if (oldest != 0 && !frame->writing_.load(std::memory_order_relaxed)) {
      taken = true;
      // In this order: whoever finds the page clean must find it on its way.
      frame->writing_.store(true, std::memory_order_release);
      if (oldest < oldest_.load(std::memory_order_relaxed)) {
        oldest_.store(oldest, std::memory_order_release);
      }
      instance.flush_list.erase(instance.flush_list.iterator_to(*frame));
      instance.dirty.fetch_sub(1, std::memory_order_relaxed);
      frame->oldest_.store(0, std::memory_order_release);
    }
  }
  if (taken) {
    copies_.push_back(std::unique_ptr<char[]>(new char[kPageBytes]));
    std::memcpy(copies_.back().get(), frame->bytes_, kPageBytes);
    newest_ = std::max(newest_, frame->newest_.load(std::memory_order_relaxed));
    entries_.push_back({frame, frame->id_, oldest, copies_.back().get()});
  }
  frame->latch_.unlock_shared();
  frame->unpin();
}

Result<size_t> FlushBatch::run() {
  if (entries_.empty()) return size_t{0};
  pool_.log_.flush_to(Lsn(newest_));
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  std::vector<PageImage> images;
  images.reserve(entries_.size());
  for (const Entry& e : entries_) images.push_back({e.id, e.copy, {}});
  pool_.doublewrite_.write(images);
  size_t written = 0;
  Status failure;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Status& result = images[i].result;
    // A space that is gone needs no more writing.
    if (result.ok() || result.code() == Code::not_found) {
      ++written;
    } else {
      put_back(entries_[i]);
      if (failure.ok()) failure = result;
    }
    entries_[i].frame->writing_.store(false, std::memory_order_release);
  }
  entries_.clear();
  copies_.clear();
  newest_ = 0;
  oldest_.store(UINT64_MAX, std::memory_order_release);
  pool_.writes_.fetch_add(written, std::memory_order_relaxed);
  pool_.write_batches_.fetch_add(1, std::memory_order_relaxed);
  pool_.note_flush(failure);
  if (!failure.ok()) return failure;
  return written;
}

void FlushBatch::put_back(const Entry& entry) {
  PROBE("pool: a page could not be written");
  PoolInstance& instance = *entry.frame->instance_;
  const MutexLock lock(instance.flush_mutex);
  auto& list = instance.flush_list;
  if (entry.frame->oldest_.load(std::memory_order_relaxed) != 0) {
    list.erase(list.iterator_to(*entry.frame));
  } else {
    instance.dirty.fetch_add(1, std::memory_order_relaxed);
  }
  entry.frame->oldest_.store(entry.oldest, std::memory_order_release);
  auto it = list.end();
  while (it != list.begin() && std::prev(it)->oldest_.load() < entry.oldest) --it;
  list.insert(it, *entry.frame);
}

}  // namespace aftersync::storage
