// Log: the redo log as the rest of the engine sees it: append, make durable, checkpoint, replay.
//
// The problem. Changes happen in memory pages; what makes a commit durable is that the bytes which
// describe it have been fdatasynced. One sync costs far more than one append, and many sessions
// commit at once: so appends go to a ring buffer in memory, and one sync serves everybody whose
// bytes it covered.
//
// Invariants
//  1. written <= end; durable <= written: positions of the last byte handed to the files, made
//     durable, appended. None ever goes back.
//  2. checkpoint lsn <= oldest change not yet in its data file. Everything from the checkpoint on
//     is kept: end - checkpoint + reserved <= capacity. append() therefore never waits for a
//     checkpoint; reserve() does, and is called by tasks that hold no latch.
//  3. A frame is appended whole, under append_mutex_, and is what replay delivers whole or not.
//  4. A failed write or sync of redo stops the process (Node::crash): what is on the device is then
//     unknown, and a later sync would report success without meaning it.
//  5. Epochs grow along the stream; the first thing a new life does is to make its epoch and its
//     truncated last block durable, so that remains of an earlier life are never taken for redo.
//
// Lock rule: append_mutex_ before the lock of the caller's OrderHook; write_mutex_ and space_mutex_
// alone. No page latch is ever taken by this class, so a task may wait here with latches held,
// except in reserve().
//
// Group flush. flush_to(lsn) queues the caller. If no leader is at work the caller leads: it takes
// all that has been appended, writes it, syncs once, wakes exactly those it has served and hands
// the lead to the first of the rest. While the leader waits for the device the next group gathers.
//
// What it does not do: it knows nothing of pages or transactions; it does not decide when to
// checkpoint (storage does), only refuses one that goes back or past the durable end.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/log/redo_files.h"
#include "core/log/redo_format.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"

namespace aftersync {

struct LogOptions {
  std::string directory;                   // "" is the data directory itself
  RedoGeometry geometry;                   // for a new log; an existing one keeps its own
  size_t buffer_bytes = 16 * 1024 * 1024;  // innodb_log_buffer_size; at least 2 frames
};

// innodb_flush_log_at_trx_commit.
enum class FlushMode : uint8_t {
  at_timeout = 0,    // commits wait for nothing; written and synced about once a second
  every_commit = 1,  // a commit returns once its redo is durable
  write_only = 2,    // a commit returns once written to the OS; synced about once a second
};

struct LogStats {
  uint64_t appends = 0;
  uint64_t appended_bytes = 0;
  uint64_t writes = 0;
  uint64_t written_bytes = 0;  // blocks, rewritten ones counted again
  uint64_t syncs = 0;
  uint64_t flush_requests = 0;
  uint64_t checkpoints = 0;
  uint64_t reserve_waits = 0;
  uint64_t buffer_waits = 0;
};

// What replay found.
struct LogScan {
  Lsn start;  // the checkpoint
  Lsn end;    // end of the last whole frame
  uint64_t frames = 0;
  uint64_t discarded_bytes = 0;  // of an incomplete last frame
  bool clean_shutdown = false;
};

class Log {
 public:
  // Creates the log when there is none. Only reads an existing one. Code::corruption, unsupported
  // as RedoFiles::open. Then exactly once replay(), then start().
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(Node& node, LogOptions options,
                                                         bool create_if_missing);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Delivers every whole frame from the checkpoint on, in order. `end` is the position after it.
  // All of them are durable before the first is delivered: what was read is written back, byte for
  // byte, and synced (log_replay.cc). A failure of `sink` ends the replay with that failure.
  // Code::corruption: nothing on the device differs from before.
  using FrameSink = std::function<Status(Lsn start, Lsn end, std::string_view payload)>;
  [[nodiscard]] Result<LogScan> replay(const FrameSink& sink);

  // Begins a new life at the end that replay found: new epoch, last block cut, both durable.
  Status start();

  // Sets `bytes` of log aside for the frames to come; waits while there is none, asking for a
  // checkpoint meanwhile. The caller holds no latch and gives back with unreserve() exactly what it
  // took. Code::shutdown after close().
  Status reserve(uint64_t bytes);
  void unreserve(uint64_t bytes);

  struct Appended {
    Lsn start;
    Lsn end;
  };
  // Runs inside append() while the order of appends is held: takes the lock by which the caller
  // keeps its own list in lsn order. When it returns the next frame may be appended.
  class OrderHook {
   public:
    virtual void ordered(const Appended& appended) = 0;

   protected:
    ~OrderHook() = default;
  };
  // Appends one frame, 1..kMaxFramePayload bytes; the caller holds a reservation of at least
  // frame_bytes(payload.size()). May wait for the buffer to drain, never for a checkpoint.
  Appended append(std::string_view payload, OrderHook* hook = nullptr);
  [[nodiscard]] static constexpr uint64_t frame_bytes(size_t payload) {
    return redo::kFrameHeaderBytes + payload;
  }

  // Returns once everything up to `lsn` is durable (flush_to) or handed to the OS (write_to). Any
  // task, latches held or not. lsn <= end().
  void flush_to(Lsn lsn);
  void write_to(Lsn lsn);

  [[nodiscard]] Lsn end() const { return Lsn(end_.load(std::memory_order_acquire)); }
  [[nodiscard]] Lsn durable() const { return Lsn(durable_.load(std::memory_order_acquire)); }
  [[nodiscard]] Lsn checkpoint() const { return Lsn(checkpoint_.load(std::memory_order_acquire)); }
  // Bytes between the checkpoint and the oldest byte the ring would lose.
  [[nodiscard]] uint64_t capacity() const { return capacity_; }
  [[nodiscard]] uint64_t used() const { return end().value() - checkpoint().value(); }

  // The end, with `hook` run (start and end are both the end) as if a frame had been appended:
  // every frame up to there has run its hook, no later one has.
  Lsn end_ordered(OrderHook& hook);

  // Records that recovery may start at `lsn`: durable already, not before the last checkpoint, the
  // start of a frame or the end. Durable on return. One caller at a time.
  void write_checkpoint(Lsn lsn, bool clean_shutdown = false);

  // Why no space can be freed at the moment (OK: it can). While set, reserve() answers with it
  // instead of waiting.
  void set_stalled(Status why);

  // Called, without any lock, when a reservation has to wait. Set before start().
  void set_space_wanted(std::function<void()> wanted) { space_wanted_ = std::move(wanted); }

  // Wakes waiting reservations with Code::shutdown. flush_to keeps working.
  void close();

  [[nodiscard]] LogStats stats();

 private:
  // One that waits for the leader. Pooled, because the leader may still be inside set() when the
  // waiter has gone on.
  struct Waiter {
    Event event;
    uint64_t lsn = 0;
    bool sync = false;
    bool lead = false;
    Waiter* next = nullptr;
  };
  Log(Node& node, LogOptions options, std::unique_ptr<RedoFiles> files,
      const RedoCheckpoint& checkpoint);

  void copy_into_buffer(uint64_t at, std::string_view bytes);
  void wait_for(Lsn lsn, bool sync);
  void lead();
  void pass_on();
  void write_out(uint64_t upto);
  void sync_files();
  bool try_reserve(uint64_t bytes);
  // Does not return when `status` is a failure: invariant 4.
  void must(const Status& status);
  Status settle_end();
  Status write_first_block();

  Node& node_;
  const LogOptions options_;
  const std::unique_ptr<RedoFiles> files_;
  const uint64_t capacity_;
  std::function<void()> space_wanted_;
  std::vector<char> buffer_;  // a ring; its size is a power of two
  uint32_t epoch_ = 0;
  std::string tail_;  // what replay found in the last block, for start()

  Mutex append_mutex_;
  std::atomic<uint64_t> end_;  // written under append_mutex_
  LogStats append_stats_;      // guarded by append_mutex_

  Mutex write_mutex_;
  // Guarded by write_mutex_.
  bool leading_ = false;
  Waiter* first_waiter_ = nullptr;
  Waiter* last_waiter_ = nullptr;
  Waiter* free_waiters_ = nullptr;
  std::deque<Waiter> waiters_;
  uint32_t sync_waiters_ = 0;
  uint64_t flush_requests_ = 0;
  // The leader's; the counts are atomic only so that stats() may look.
  std::atomic<uint64_t> written_;
  std::atomic<uint64_t> durable_;
  std::vector<char> block_buffer_;
  std::atomic<uint64_t> writes_{0};
  std::atomic<uint64_t> written_bytes_{0};
  std::atomic<uint64_t> syncs_{0};

  Mutex space_mutex_;
  CondVar space_freed_;
  Status stalled_;  // guarded by space_mutex_
  std::atomic<uint64_t> reserved_{0};
  std::atomic<uint64_t> checkpoint_;
  std::atomic<uint32_t> space_waiters_{0};
  std::atomic<uint64_t> reserve_waits_{0};
  std::atomic<bool> closed_{false};
  RedoCheckpoint last_checkpoint_;  // of the one caller of write_checkpoint
};

}  // namespace aftersync
