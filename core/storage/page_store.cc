// PageStore: opening, recovering, closing.
#include "core/storage/page_store.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/probe.h"

namespace aftersync::storage {

namespace {

constexpr std::string_view kLockPath = "aftersync.lock";
constexpr std::string_view kStatePath = "aftersync.state";
constexpr std::string_view kNextStatePath = "aftersync.state.tmp";
constexpr std::string_view kUnfinished = "unfinished\n";
constexpr std::string_view kInitialised = "initialised\n";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDoublewritePath = "doublewrite.dblwr";
constexpr Duration kFlushInterval = 1s;  // innodb_flush_log_at_timeout

bool is_ours(const std::string& name) {
  return name == kDoublewritePath || name == "system.ibd" || name == "undo.ibd" ||
         (name.starts_with("redo_") && (name.ends_with(".log") || name.ends_with(".log.tmp")));
}

// Whether the directory holds anything that belongs to a store.
Result<bool> holds_files(Disk& disk) {
  ASSIGN_OR_RETURN(const auto names, disk.list(""));
  for (const std::string& name : names) {
    if (is_ours(name)) return true;
  }
  return false;
}

// Removes what an interrupted bootstrap has left.
Status remove_unfinished(Disk& disk) {
  ASSIGN_OR_RETURN(const auto names, disk.list(""));
  for (const std::string& name : names) {
    if (is_ours(name)) RETURN_IF_ERROR(disk.remove(name));
  }
  const std::string tables(kTablesDirectory);
  ASSIGN_OR_RETURN(const bool has_tables, disk.exists(tables));
  if (has_tables) {
    ASSIGN_OR_RETURN(const auto files, disk.list(tables));
    for (const std::string& name : files) RETURN_IF_ERROR(disk.remove(tables + "/" + name));
    // A directory whose name a failed sync has left in the cache alone stays there for good, unless
    // it is made again.
    RETURN_IF_ERROR(disk.remove_directory(tables));
  }
  return {};
}

// Whether the last life ended in good order. Then every write in place had ended, no page can be
// torn, and what does not fit is damage, or another file: neither is to be written over.
Result<bool> ended_in_good_order(Node& node, const std::string& log_directory) {
  ASSIGN_OR_RETURN(const auto files, RedoFiles::open(node, log_directory));
  ASSIGN_OR_RETURN(const RedoCheckpoint last, files->read_checkpoint());
  return last.clean_shutdown;
}

}  // namespace

PageStore::PageStore(Node& node, PageStoreOptions options)
    : node_(node), options_(std::move(options)), spaces_(node) {}

// Replaces the state file, durably.
void PageStore::write_state(std::string_view state) {
  const auto write = [&]() -> Status {
    Disk& disk = node_.disk();
    ASSIGN_OR_RETURN(File file, disk.open(kNextStatePath, OpenMode::create));
    RETURN_IF_ERROR(file.truncate(0));
    RETURN_IF_ERROR(file.write(0, state));
    RETURN_IF_ERROR(file.sync_data());
    return disk.rename(kNextStatePath, kStatePath);
  };
  const Status written = write();
  if (!written.ok()) node_.crash("state of the data directory: " + written.to_string());
  sync_names();
}

// Whether the store is only half made. What is half made will be removed, so nothing but the very
// word may say so.
Result<bool> PageStore::is_unfinished() {
  auto file = node_.disk().open(kStatePath, OpenMode::read);
  if (file.code() == Code::not_found) return false;
  RETURN_IF_ERROR(file.status());
  std::string text(2 * kInitialised.size(), '\0');
  ASSIGN_OR_RETURN(const size_t length, file->read(0, text));
  text.resize(length);
  if (text == kInitialised) return false;
  if (text == kUnfinished) return true;
  const std::string found = text.substr(0, text.find_first_not_of(kLetters));
  return {Code::corruption, std::string(kStatePath) +
                                ": expected 'initialised' or 'unfinished', found '" + found +
                                "' in " + std::to_string(length) + " bytes"};
}

Result<std::unique_ptr<PageStore>> PageStore::open(Node& node, PageStoreOptions options,
                                                   RecoverySink* sink) {
  const MonoTime begun = node.clock().now();
  std::unique_ptr<PageStore> store(new PageStore(node, std::move(options)));
  ASSIGN_OR_RETURN(FileLock lock, node.disk().lock_file(kLockPath));
  store->lock_ = std::make_unique<FileLock>(std::move(lock));
  RETURN_IF_ERROR(store->prepare_directory());
  RETURN_IF_ERROR(store->open_files());
  RETURN_IF_ERROR(store->recover(sink));
  store->start_tasks();
  const Duration took = node.clock().now() - begun;
  store->recovery_stats_.duration_us =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return store;
}

// Decides whether a store is to be made here.
Status PageStore::prepare_directory() {
  Disk& disk = node_.disk();
  ASSIGN_OR_RETURN(const bool unfinished, is_unfinished());
  ASSIGN_OR_RETURN(const bool files, holds_files(disk));
  is_new_ = unfinished || !files;
  if (!is_new_) {
    write_state(kInitialised);
    return {};
  }
  if (!options_.create_if_missing) return {Code::not_found, "there is no store here"};
  write_state(kUnfinished);
  if (unfinished) {
    PROBE("page store: unfinished bootstrap");
    RETURN_IF_ERROR(remove_unfinished(disk));
    sync_names();
  }
  ASSIGN_OR_RETURN(const bool has_tables, disk.exists(kTablesDirectory));
  if (!has_tables) RETURN_IF_ERROR(disk.make_directory(kTablesDirectory));
  sync_names();
  return {};
}

// A failed sync would not be reported a second time, so nobody may get the chance to try again.
void PageStore::sync_names() {
  const Status synced = node_.disk().sync_directory("");
  if (!synced.ok()) node_.crash("data directory: " + synced.to_string());
}

Status PageStore::open_files() {
  ASSIGN_OR_RETURN(log_, Log::open(node_, options_.log, is_new_));
  ASSIGN_OR_RETURN(doublewrite_,
                   Doublewrite::open(node_, std::string(kDoublewritePath), spaces_, is_new_));
  if (is_new_) {
    for (const SpaceId id : {kSystemSpace, kUndoSpace}) {
      RETURN_IF_ERROR(spaces_.create(id).status());
    }
    sync_names();
  } else {
    ASSIGN_OR_RETURN(const bool is_clean, ended_in_good_order(node_, options_.log.directory));
    if (!is_clean) {
      ASSIGN_OR_RETURN(const auto repair, doublewrite_->repair());
      recovery_stats_.torn_pages_repaired = repair.repaired;
    }
    for (const SpaceId id : {kSystemSpace, kUndoSpace}) {
      const auto opened = spaces_.open(id);
      if (opened.code() == Code::not_found) {
        return {Code::corruption, space_path(id) + ": expected this file, found none"};
      }
      RETURN_IF_ERROR(opened.status());
    }
  }
  pool_ = std::make_unique<BufferPool>(node_, options_.pool, *log_, spaces_, *doublewrite_);
  cleaner_ = std::make_unique<PageCleaner>(node_, options_.cleaner, *log_, *pool_);
  log_->set_space_wanted([this] { cleaner_->wake(); });
  return {};
}

Status PageStore::recover(RecoverySink* sink) {
  RETURN_IF_ERROR(Recovery(*log_, spaces_, *pool_, sink, recovery_stats_).run());
  RETURN_IF_ERROR(pool_->flush_all());
  RETURN_IF_ERROR(log_->start());
  cleaner_->checkpoint();
  return {};
}

void PageStore::start_tasks() {
  pool_->set_frames_wanted([this] { cleaner_->wake(); });
  cleaner_->start();
  flusher_ = node_.tasks().spawn("log-flusher", [this] {
    while (stop_flusher_.wait_until(node_.clock().now() + kFlushInterval) ==
           WaitResult::timed_out) {
      log_->flush_to(log_->end());
    }
  });
}

void PageStore::stop_tasks() {
  if (flusher_.joinable()) {
    stop_flusher_.set();
    flusher_.join();
  }
  if (cleaner_) cleaner_->stop();
}

PageStore::~PageStore() { stop_tasks(); }

Status PageStore::bootstrap_done() {
  CHECK(is_new_);
  RETURN_IF_ERROR(pool_->flush_all());
  cleaner_->checkpoint();
  write_state(kInitialised);
  is_new_ = false;
  return {};
}

Status PageStore::close() {
  CHECK(!closed_);
  stop_tasks();
  log_->close();
  RETURN_IF_ERROR(pool_->flush_all());
  log_->flush_to(log_->end());
  cleaner_->checkpoint(true);
  closed_ = true;
  return {};
}

void PageStore::commit_point(Lsn lsn) {
  switch (options_.flush_mode) {
    case FlushMode::at_timeout: return;
    case FlushMode::every_commit: log_->flush_to(lsn); return;
    case FlushMode::write_only: log_->write_to(lsn); return;
  }
}

Status PageStore::create_space(SpaceId id) {
  CHECK(id >= kFirstTableSpace);
  return spaces_.create(id).status();
}

Status PageStore::drop_space(SpaceId id) {
  CHECK(id >= kFirstTableSpace);
  Lsn end;
  {
    Mtr mtr(*this, {kReadPins, 256});
    RETURN_IF_ERROR(mtr.ready());
    mtr.log_only(PageOp::space_dropped, {id, PageNo(0)}, {});
    end = mtr.commit();
  }
  log_->flush_to(end);
  pool_->discard(id);
  return spaces_.remove(id);
}

}  // namespace aftersync::storage
