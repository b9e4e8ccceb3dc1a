// PageStore: durable pages. The floor on which trees, undo and catalog stand, put together.
//
// It opens (or makes) the redo log, the doublewrite file, the system and undo spaces; recovers;
// runs the page cleaner and the log's once-a-second flush; and closes cleanly. Above it there are
// only mini-transactions.
//
// A new data directory is made in steps that a crash may interrupt. A state file says "unfinished"
// from before the first step until bootstrap_done(); what is there is then made again. Without it,
// missing or foreign files are an error and nothing is written.
//
// The state is replaced by renaming, never removed, and written anew at every start, before
// anything is acknowledged: a name or a state that is merely cached, because the sync after it
// failed and stopped the process, must not be believed and then be gone after a power loss.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/log/log.h"
#include "core/platform/node.h"
#include "core/storage/buffer_pool.h"
#include "core/storage/doublewrite.h"
#include "core/storage/mtr.h"
#include "core/storage/page_cleaner.h"
#include "core/storage/recovery.h"
#include "core/storage/space.h"

namespace aftersync::storage {

struct PageStoreOptions {
  LogOptions log;
  BufferPoolOptions pool;
  PageCleanerOptions cleaner;
  FlushMode flush_mode = FlushMode::every_commit;  // innodb_flush_log_at_trx_commit
  bool create_if_missing = true;
};

class PageStore {
 public:
  // Recovers what is there. Code::unavailable: another process has the directory open.
  // Code::not_found: nothing there and !create_if_missing. Code::corruption, unsupported: see
  // Log::open, Spaces::open, Doublewrite::open; nothing is written then.
  [[nodiscard]] static Result<std::unique_ptr<PageStore>> open(Node& node, PageStoreOptions options,
                                                               RecoverySink* sink = nullptr);
  // As after a crash, unless close() was called: nothing is flushed.
  ~PageStore();
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;

  // True while the data directory is being made: the owner creates its first pages, then calls
  // bootstrap_done(), which makes everything durable and says so in the state file.
  [[nodiscard]] bool is_new() const { return is_new_; }
  Status bootstrap_done();

  // Writes all pages, takes a checkpoint marked clean, stops the tasks. No Mtr lives.
  Status close();

  // What a commit waits for, by flush_mode: nothing, written, or durable.
  void commit_point(Lsn lsn);

  // Creates a tablespace: durable file with header; not yet in the catalog.
  Status create_space(SpaceId id);
  // Logs the drop durably, forgets the pages, removes the file. Idempotent.
  Status drop_space(SpaceId id);

  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] BufferPool& pool() { return *pool_; }
  [[nodiscard]] Spaces& spaces() { return spaces_; }
  [[nodiscard]] PageCleaner& cleaner() { return *cleaner_; }
  [[nodiscard]] const RecoveryStats& recovery_stats() const { return recovery_stats_; }
  [[nodiscard]] const PageStoreOptions& options() const { return options_; }

 private:
  PageStore(Node& node, PageStoreOptions options);

  Status prepare_directory();
  void sync_names();
  void write_state(std::string_view state);
  [[nodiscard]] Result<bool> is_unfinished();
  Status open_files();
  Status recover(RecoverySink* sink);
  void start_tasks();
  void stop_tasks();

  Node& node_;
  const PageStoreOptions options_;
  bool is_new_ = false;
  bool closed_ = false;
  std::unique_ptr<FileLock> lock_;
  Spaces spaces_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Doublewrite> doublewrite_;
  std::unique_ptr<BufferPool> pool_;
  std::unique_ptr<PageCleaner> cleaner_;
  RecoveryStats recovery_stats_;
  Task flusher_;
  Event stop_flusher_;
};

}  // namespace aftersync::storage
