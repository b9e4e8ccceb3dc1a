// The two-node counter: increments that are acknowledged once both nodes hold them durably.
//
// A primary and a backup, each with a log (wal_log.h). The claims: an acknowledged increment is
// never lost, whatever dies or is cut off; none is counted twice, however often a client repeats
// it; a read shows every increment acknowledged before it began.
//
//   client -- I client request --> primary: append, sync --> backup: append, sync
//   client <-- K index ----------- primary <-- count ------- backup
//
// The order is the point. The primary sends only what it holds durably itself, or a power loss
// would leave the backup ahead of it; it acknowledges only what the backup has confirmed. There is
// no failover: this toy waits until both are back.
//
// Frames (frame.h): a letter, then 64-bit big-endian numbers.
//   client to primary   I client request  ->  K index | T (not yet; repeat it)
//                       R                 ->  C count | T
//   anybody to either   L                 ->  entries: (client, request) ...
//   primary to backup   F                 ->  C count        the backup's entries so far
//                       A first entries   ->  C count | E    after its sync
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "faults/demo/frame.h"
#include "faults/demo/wal_log.h"

namespace aftersync::demo {

struct Increment {
  uint64_t client = 0;
  uint64_t request = 0;  // a client numbers its own
  friend auto operator<=>(const Increment&, const Increment&) = default;
};

// The increments that one node holds, in order. Not thread-safe.
class CounterLog {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CounterLog>> open(Node& node, WalLogOptions options);

  [[nodiscard]] uint64_t size() const { return entries_.size(); }
  [[nodiscard]] const Increment& at(uint64_t index) const { return entries_[index]; }
  [[nodiscard]] const std::vector<Increment>& entries() const { return entries_; }
  [[nodiscard]] std::optional<uint64_t> find(const Increment& increment) const;
  // Not durable before sync(). Code::no_space: nothing has changed.
  Status append(const Increment& increment);
  void sync() { log_->sync(); }

 private:
  CounterLog() = default;
  void add(const Increment& increment);

  std::optional<WalLog> log_;
  std::vector<Increment> entries_;
  std::map<Increment, uint64_t> index_of_;
};

struct CounterOptions {
  std::string address;
  std::string backup_address;  // the primary's; unused by the backup
  WalLogOptions log;
};

// How the reason begins with which a primary stops itself that meets a longer log on its backup.
inline constexpr std::string_view kBackupAhead = "the backup holds ";

// Server processes from start to shutdown. They stop themselves when they cannot recover.
void run_counter_primary(Node& node, const CounterOptions& options);
void run_counter_backup(Node& node, const CounterOptions& options);

// One connection, made when needed. Not thread-safe. Every error leaves open whether an increment
// has happened or will.
class CounterClient {
 public:
  CounterClient(Node& node, std::string address, Duration patience)
      : server_(node, std::move(address), patience) {}

  Status increment(const Increment& increment);
  [[nodiscard]] Result<uint64_t> read();
  [[nodiscard]] Result<std::vector<Increment>> list();

 private:
  FrameClient server_;
};

}  // namespace aftersync::demo
