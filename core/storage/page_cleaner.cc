// PageCleaner: how much to write, when, and when to move the checkpoint.
#include "core/storage/page_cleaner.h"

#include <algorithm>

#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::storage {

namespace {

constexpr Duration kTurn = 100ms;
constexpr size_t kFreeWanted = 64;  // frames ready in each instance

}  // namespace

PageCleaner::PageCleaner(Node& node, PageCleanerOptions options, Log& log, BufferPool& pool)
    : node_(node), options_(options), log_(log), pool_(pool) {}

PageCleaner::~PageCleaner() { stop(); }

void PageCleaner::start() {
  task_ = node_.tasks().spawn("page-cleaner", [this] { run(); });
}

void PageCleaner::stop() {
  if (!task_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  task_.join();
}

void PageCleaner::wake() {
  const MutexLock lock(mutex_);
  wanted_ = true;
  wake_.notify_all();
}

void PageCleaner::run() {
  MonoTime next = node_.clock().now() + kTurn;
  while (true) {
    bool pressed = false;
    {
      const MutexLock lock(mutex_);
      while (!wanted_ && !stopping_ && node_.clock().now() < next) {
        (void)wake_.wait_until(mutex_, next);
      }
      if (stopping_) return;
      pressed = std::exchange(wanted_, false);
    }
    turn(pressed);
    next = node_.clock().now() + kTurn;
  }
}

void PageCleaner::turn(bool pressed) {
  // Failures are kept by the pool and the log, for those whom they concern.
  (void)pool_.flush_for_frames(kFreeWanted).ok();
  const size_t pages = pages_wanted(pressed);
  if (pages > 0) (void)pool_.flush_oldest(pages, Lsn::max()).ok();
  const uint64_t freed = pool_.oldest_dirty().value() - log_.checkpoint().value();
  if (freed > 0 && (pressed || freed >= log_.capacity() / 16 || pages == 0)) checkpoint();
}

// See the head of page_cleaner.h. `pressed`: somebody is waiting.
size_t PageCleaner::pages_wanted(bool pressed) {
  const BufferPoolStats stats = pool_.stats();
  if (stats.dirty == 0) return 0;
  const double fill = static_cast<double>(log_.used()) / static_cast<double>(log_.capacity());
  const double dirty = static_cast<double>(stats.dirty) / static_cast<double>(stats.frames);
  double share = 0;
  if (fill > 0.5) share = std::min(1.0, (fill - 0.5) * (fill - 0.5) * 7.2);
  if (pressed) share = std::max(share, 0.25);
  auto wanted = static_cast<size_t>(share * static_cast<double>(stats.dirty));
  const size_t base = options_.io_capacity_pages / 10;
  if (dirty * 100 > options_.max_dirty_percent) wanted = std::max(wanted, base);
  if (wanted > 0 || pressed) wanted = std::max(wanted, std::min(base, stats.dirty));
  return wanted;
}

void PageCleaner::checkpoint(bool clean_shutdown) {
  const MutexLock lock(checkpoint_mutex_);
  Lsn at = pool_.oldest_dirty();
  if (AFTERSYNC_FAULT("bug/checkpoint-too-far")) at = log_.end();
  if (at <= log_.checkpoint() && !clean_shutdown) return;
  log_.flush_to(at);
  log_.write_checkpoint(at, clean_shutdown);
}

}  // namespace aftersync::storage
