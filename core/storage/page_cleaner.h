// PageCleaner: the task that writes dirty pages before somebody has to wait for it.
//
// Three reasons to write, looked at about every 100 ms and whenever woken:
//   - redo fill: the checkpoint must advance before the log is full. The share of the dirty pages
//     written each turn rises with the square of the fill above 1/2, to everything when nearly
//     full, and is at least a quarter while somebody waits;
//   - dirty share: above innodb_max_dirty_pages_pct (75 %) of the pool;
//   - frames: each instance should have a few free ones.
// After writing it takes a checkpoint when that frees anything worth having.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "core/log/log.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/storage/buffer_pool.h"

namespace aftersync::storage {

struct PageCleanerOptions {
  uint32_t io_capacity_pages = 2000;  // innodb_io_capacity: pages a second when nothing presses
  uint32_t max_dirty_percent = 75;    // innodb_max_dirty_pages_pct
};

class PageCleaner {
 public:
  PageCleaner(Node& node, PageCleanerOptions options, Log& log, BufferPool& pool);
  ~PageCleaner();  // stops it
  void start();
  void stop();
  // Something waits for redo space or frames. Any task; does not block.
  void wake();
  // Takes a checkpoint at the oldest change not yet in place. Durable on return. Any task.
  void checkpoint(bool clean_shutdown = false);

 private:
  void run();
  void turn(bool pressed);
  [[nodiscard]] size_t pages_wanted(bool pressed);

  Node& node_;
  const PageCleanerOptions options_;
  Log& log_;
  BufferPool& pool_;
  Task task_;
  Mutex mutex_;
  CondVar wake_;
  bool wanted_ = false;    // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  Mutex checkpoint_mutex_;
};

}  // namespace aftersync::storage
