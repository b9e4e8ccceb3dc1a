// WalLog: the toy write-ahead log under the demonstration servers.
//
// Small enough to be read in one sitting and still subject to every mistake that real logs have
// made; four of them are planted here as fault points, for the simulator to find.
//
// Invariants.
// (1) When sync() has returned OK, every record appended before survives a power loss.
// (2) What open() hands to `replay` is durable before open() returns. A record may be read back
// that
//     no sync has covered (the process was killed in between), or that a failed sync has dropped:
//     the kernel then goes on showing what the device does not have, and no later sync writes it,
//     for it counts as clean. (Rebello and others, "Can applications recover from fsync failures?",
//     USENIX ATC 2020.) So recovery writes the last file anew, under a new name, which it then
//     moves over the old one: nothing is believed that this process has not written itself.
// (3) A file is created, and its name made durable, before a record goes into it; all files but the
//     last are complete and durable. The log lives in the data directory itself, whose name is not
//     ours to make durable.
// (4) After a failed sync nothing is known about what was written since the last good one. The
//     process stops, and (2) takes over.
//
// Not thread-safe: the owner serialises all calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/node.h"

namespace aftersync::demo {

struct WalLogOptions {
  uint64_t rotate_bytes = 16 * 1024;  // a file at least this long is followed by the next
};

class WalLog {
 public:
  using Replay = std::function<void(std::string_view payload)>;

  // Opens or creates the log and replays what it holds, oldest first. Code::corruption when a file
  // is missing or damaged other than at the end of the last; Code::io_error, Code::no_space.
  [[nodiscard]] static Result<WalLog> open(Node& node, WalLogOptions options, const Replay& replay);

  // Writes a record behind the last. Not durable before sync(). Code::too_large;
  // Code::no_space: nothing has changed. Stops the process when the device fails otherwise.
  Status append(std::string_view payload);
  // Makes all records durable. Stops the process when the device fails.
  void sync();

 private:
  WalLog(Node& node, WalLogOptions options) : node_(&node), options_(std::move(options)) {}

  Status recover(const Replay& replay);
  // How many files there are. Clears away what an earlier recovery left unfinished.
  [[nodiscard]] Result<uint64_t> count_files();
  // Returns the bytes of its whole records. A file that is not the last has no others.
  [[nodiscard]] Result<std::string> replay_file(uint64_t number, bool is_last,
                                                const Replay& replay);
  [[nodiscard]] uint64_t replay_bytes(std::string_view bytes, const Replay& replay);
  Status rewrite_last_file(std::string_view bytes);
  Status create_file(uint64_t number);
  Status rotate();

  Node* node_;
  WalLogOptions options_;
  std::optional<File> file_;  // the last one
  uint64_t file_number_ = 0;
  uint64_t length_bytes_ = 0;  // of its whole records
  uint64_t next_sequence_ = 1;
};

}  // namespace aftersync::demo
