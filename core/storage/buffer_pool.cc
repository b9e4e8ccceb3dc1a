// BufferPool: finding, reading and flushing pages; budgets.
#include "core/storage/buffer_pool.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/doublewrite.h"
#include "core/storage/flush_batch.h"
#include "core/storage/page_check.h"
#include "core/storage/pool_instance.h"
#include "core/storage/space.h"

namespace aftersync::storage {

namespace {

constexpr size_t kInstanceFrames = 8192;
constexpr size_t kMaxInstances = 8;
constexpr size_t kUserBatchPages = 16;  // one task in need writes that many, not more
// Frames a flusher may pin beyond all budgets.
constexpr int64_t kFlusherPins = 4;

size_t instance_count(const BufferPoolOptions& o) {
  const size_t wanted = o.instances != 0 ? o.instances : o.frames / kInstanceFrames;
  return std::clamp<size_t>(wanted, 1, std::min(kMaxInstances, o.frames / kMinPoolFrames));
}

}  // namespace

BufferPool::BufferPool(Node& node, BufferPoolOptions options, Log& log, Spaces& spaces,
                       Doublewrite& doublewrite)
    : node_(node), log_(log), spaces_(spaces), doublewrite_(doublewrite) {
  CHECK_GE(options.frames, kMinPoolFrames);
  const size_t count = instance_count(options);
  const size_t each = options.frames / count;
  for (size_t i = 0; i < count; ++i) instances_.push_back(std::make_unique<PoolInstance>(each));
  budget_.store(static_cast<int64_t>(each) - kFlusherPins);
}

BufferPool::~BufferPool() { CHECK(flights_ == nullptr); }

Result<PageRef> BufferPool::fetch(PageId id, Latch latch, PageType expected) {
  auto page = get(id, latch, true);
  if (!page.ok()) return page;
  if (type_of(page.value().bytes()) != expected) [[unlikely]] {
    return judge_type(page.value(), expected);
  }
  return page;
}

Status BufferPool::judge_type(const PageRef& page, PageType expected) {
  const Status wrong = check_page_type(page.bytes(), expected, space_path(page.id().space));
  if (is_zero_page(page.bytes())) {
    return {Code::corruption,
            space_path(page.id().space) + " page " + std::to_string(page.page_no().value()) +
                ": page type: expected " + std::string(to_string(expected)) + ", found zeroes"};
  }
  return wrong;
}

Result<PageRef> BufferPool::try_fetch(PageId id, Latch latch, PageType expected) {
  const uint64_t hash = PoolInstance::hash_of(id);
  PoolInstance& instance = instance_of(hash);
  Frame* const frame = instance.find_and_pin(id, hash);
  // Reading it takes no latch that anybody holds.
  if (frame == nullptr) return fetch(id, latch, expected);
  const bool latched =
      latch == Latch::shared ? frame->latch_.try_lock_shared() : frame->latch_.try_lock();
  if (!latched) {
    frame->unpin();
    return PageRef();
  }
  PageRef page(frame, latch);
  if (frame->load_failed_.load(std::memory_order_acquire)) return PageRef();
  instance.touch(frame);
  if (type_of(page.bytes()) != expected) return judge_type(page, expected);
  return page;
}

PageRef BufferPool::fetch_new(PageId id) {
  auto page = get(id, Latch::exclusive, false);
  CHECK_OK(page);
  return std::move(page).value();
}

Result<PageRef> BufferPool::get(PageId id, Latch latch, bool read) {
  const uint64_t hash = PoolInstance::hash_of(id);
  PoolInstance& instance = instance_of(hash);
  while (true) {
    Frame* frame = instance.find_and_pin(id, hash);
    if (frame == nullptr) [[unlikely]] {
      bool loaded = false;
      ASSIGN_OR_RETURN(frame, load(instance, id, hash, read, loaded));
      if (loaded) {
        if (latch == Latch::shared) frame->latch_.downgrade();
        return PageRef(frame, latch);
      }
    }
    if (latch == Latch::shared) {
      frame->latch_.lock_shared();
    } else {
      frame->latch_.lock();
    }
    PageRef page(frame, latch);
    if (!frame->load_failed_.load(std::memory_order_acquire)) [[likely]] {
      instance.touch(frame);
      return page;
    }
    PROBE("pool: waited for a page that could not be read");
  }
}

// Brings a page in. `loaded`: by this task, which then holds it exclusively; else somebody else's
// frame is returned pinned.
Result<Frame*> BufferPool::load(PoolInstance& instance, PageId id, uint64_t hash, bool read,
                                bool& loaded) {
  Frame* const fresh = free_frame(instance);
  CHECK(fresh->latch_.try_lock());
  fresh->oldest_.store(0, std::memory_order_relaxed);
  fresh->newest_.store(0, std::memory_order_relaxed);
  Frame* const frame = instance.insert_or_pin(fresh, id, hash);
  if (frame != fresh) {
    fresh->latch_.unlock();
    instance.give_back(fresh);
    return frame;
  }
  if (read) {
    const Status status = read_page(id, frame->bytes_);
    if (!status.ok()) {
      instance.fail_load(frame, hash);
      frame->latch_.unlock();
      frame->unpin();
      return status;
    }
    frame->newest_.store(lsn_of(frame->bytes_).value(), std::memory_order_relaxed);
  }
  instance.enter_lru(frame);
  loaded = true;
  return frame;
}

Status BufferPool::read_page(PageId id, char* into) {
  ASSIGN_OR_RETURN(const auto space, spaces_.find(id.space));
  RETURN_IF_ERROR(space->usable());
  reads_.fetch_add(1, std::memory_order_relaxed);
  Status status = space->read_page(id.page, {into, kPageBytes});
  if (status.ok()) status = check_page(into, id, space->path());
  if (status.code() == Code::corruption || status.code() == Code::unsupported) {
    space->put_out_of_use(status);
  }
  return status;
}

Frame* BufferPool::free_frame(PoolInstance& instance) {
  bool first = true;
  while (true) {
    if (Frame* const frame = instance.take_free(); frame != nullptr) return frame;
    if (std::exchange(first, false)) {
      frame_waits_.fetch_add(1, std::memory_order_relaxed);
      if (frames_wanted_) frames_wanted_();
    }
    PROBE("pool: no clean frame");
    std::vector<Frame*> pinned;
    instance.pin_dirty_tail(kUserBatchPages, pinned);
    const auto flushed = flush(pinned);
    // Others have what there is under way, or the device is full: what they do shows soon.
    if (!flushed.ok() || flushed.value() == 0) (void)node_.tasks().sleep_for(1ms).ok();
  }
}

void BufferPool::note_change(Frame& frame, Lsn start, Lsn end) {
  frame.newest_.store(end.value(), std::memory_order_relaxed);
  if (frame.is_dirty()) return;
  PoolInstance& instance = *frame.instance_;
  const MutexLock lock(instance.flush_mutex);
  if (frame.is_dirty()) return;
  frame.oldest_.store(start.value(), std::memory_order_release);
  instance.flush_list.push_front(frame);
  instance.dirty.fetch_add(1, std::memory_order_relaxed);
}

// Writes pages that the caller has pinned, one batch of them, leaving out those that are latched.
Result<size_t> BufferPool::flush(const std::vector<Frame*>& pinned) {
  FlushBatch batch(*this);
  for (Frame* frame : pinned) batch.add(frame, false);
  return batch.run();
}

// The oldest change of an instance, even if its page has to be waited for. Only for tasks that hold
// nothing: with one pin, whoever has the latch gets on without us.
Result<size_t> BufferPool::flush_one(PoolInstance& instance, Lsn upto) {
  std::vector<Frame*> pinned;
  instance.pin_oldest(1, upto.value(), pinned);
  if (pinned.empty()) return size_t{0};
  PROBE("pool: flusher waits for a latch");
  FlushBatch batch(*this);
  batch.add(pinned[0], true);
  return batch.run();
}

// A full device keeps redo from being reused; whoever would wait for that must hear about it.
// Anything worse leaves the page's place on disk in an unknown state.
void BufferPool::note_flush(const Status& status) {
  if (status.ok()) {
    log_.set_stalled({});
  } else if (status.code() == Code::no_space) {
    log_.set_stalled(status);
  } else {
    node_.crash("writing pages: " + status.to_string());
  }
}

Result<size_t> BufferPool::flush_oldest(size_t max_pages, Lsn upto) {
  size_t written = 0;
  for (const auto& instance : instances_) {
    size_t left = max_pages / instances_.size() + 1;
    while (left > 0) {
      std::vector<Frame*> pinned;
      instance->pin_oldest(std::min(left, doublewrite_format::kMaxBatchPages), upto.value(),
                           pinned);
      if (pinned.empty()) break;
      left -= pinned.size();
      ASSIGN_OR_RETURN(size_t done, flush(pinned));
      if (done == 0) {
        ASSIGN_OR_RETURN(done, flush_one(*instance, upto));
      }
      if (done == 0) break;
      written += done;
    }
  }
  return written;
}

Result<size_t> BufferPool::flush_for_frames(size_t free_wanted) {
  size_t written = 0;
  for (const auto& instance : instances_) {
    const size_t wanted = std::min(free_wanted, instance->frames_count / 8);
    if (instance->evict_until_free(wanted) >= wanted) continue;
    std::vector<Frame*> pinned;
    instance->pin_dirty_tail(doublewrite_format::kMaxBatchPages, pinned);
    ASSIGN_OR_RETURN(const size_t done, flush(pinned));
    written += done;
    instance->evict_until_free(wanted);
  }
  return written;
}

Status BufferPool::flush_all() {
  const Lsn upto = log_.end();
  while (oldest_dirty() < upto) {
    ASSIGN_OR_RETURN(const size_t written, flush_oldest(SIZE_MAX / 2, upto));
    // The rest is in the hands of another flusher.
    if (written == 0) (void)node_.tasks().sleep_for(1ms).ok();
  }
  return {};
}

Lsn BufferPool::oldest_dirty() {
  // Every frame before `end` has entered its pages when this hook has had the lock.
  class Hook final : public Log::OrderHook {
   public:
    explicit Hook(Mutex& order) : order_(order) {}
    void ordered(const Log::Appended&) override { const MutexLock lock(order_); }

   private:
    Mutex& order_;
  } hook(flush_order_);
  uint64_t oldest = log_.end_ordered(hook).value();
  for (const auto& instance : instances_) {
    const MutexLock lock(instance->flush_mutex);
    if (instance->flush_list.empty()) continue;
    oldest = std::min(oldest, instance->flush_list.back().oldest_.load());
  }
  // After the lists: a page leaves its list only once its batch knows of it.
  const MutexLock lock(flights_mutex_);
  for (FlushBatch* b = flights_; b != nullptr; b = b->next_) oldest = std::min(oldest, b->oldest());
  return Lsn(oldest);
}

void BufferPool::discard(SpaceId space) {
  for (const auto& instance : instances_) {
    std::vector<Frame*> pinned;
    instance->pin_space(space, pinned);
    // Nobody writes it, and as it becomes clean under the mutex by which flushers take pages,
    // nobody will.
    const auto make_clean = [&](Frame* frame) {
      const MutexLock lock(instance->flush_mutex);
      if (frame->writing_.load(std::memory_order_acquire) || frame->pins_.load() != 1) return false;
      if (frame->oldest_.exchange(0) != 0) {
        instance->flush_list.erase(instance->flush_list.iterator_to(*frame));
        instance->dirty.fetch_sub(1, std::memory_order_relaxed);
      }
      return true;
    };
    for (Frame* frame : pinned) {
      while (!make_clean(frame)) (void)node_.tasks().sleep_for(1ms).ok();
      instance->drop(frame, PoolInstance::hash_of(frame->id_));
    }
  }
}

BufferPoolStats BufferPool::stats() {
  BufferPoolStats s;
  for (const auto& i : instances_) {
    s.frames += i->frames_count;
    s.free += i->free_count.load(std::memory_order_relaxed);
    s.dirty += i->dirty.load(std::memory_order_relaxed);
    s.evictions += i->evictions.load(std::memory_order_relaxed);
    s.made_young += i->made_young.load(std::memory_order_relaxed);
  }
  s.reads = reads_.load(std::memory_order_relaxed);
  s.writes = writes_.load(std::memory_order_relaxed);
  s.write_batches = write_batches_.load(std::memory_order_relaxed);
  s.frame_waits = frame_waits_.load(std::memory_order_relaxed);
  s.budget_waits = budget_waits_.load(std::memory_order_relaxed);
  s.bytes_per_page = kPageBytes + sizeof(Frame) + 2 * sizeof(Frame*);
  return s;
}

PinBudget::PinBudget(BufferPool& pool, uint32_t pins) : pool_(pool), pins_(pins) {
  const auto take = [&] {
    int64_t left = pool_.budget_.load();
    while (left >= pins_) {
      if (pool_.budget_.compare_exchange_weak(left, left - pins_)) return true;
    }
    return false;
  };
  if (take()) [[likely]]
    return;
  PROBE("pool: waits for a pin budget");
  pool_.budget_waits_.fetch_add(1, std::memory_order_relaxed);
  const MutexLock lock(pool_.budget_mutex_);
  pool_.budget_waiters_.fetch_add(1);
  while (!take()) pool_.budget_freed_.wait(pool_.budget_mutex_);
  pool_.budget_waiters_.fetch_sub(1);
}

PinBudget::~PinBudget() {
  pool_.budget_.fetch_add(pins_);
  if (pool_.budget_waiters_.load() == 0) [[likely]]
    return;
  const MutexLock lock(pool_.budget_mutex_);
  pool_.budget_freed_.notify_all();
}

}  // namespace aftersync::storage
