// RedoFiles: the ring of redo files on disk, block by block. Knows formats and files, no policy.
//
// Creation is atomic: the files are made under temporary names, filled to their full size (so that
// the redo log can never meet a full device later), synced, and renamed with file 0 last. A log
// exists if and only if `redo_0.log` exists. Anything unexplained (a missing or foreign member, an
// unknown version, another size) is refused with file, expected and found; nothing is written.
//
// Thread safety: reads and writes of distinct blocks may run in parallel; checkpoints and creation
// are serialised by the caller.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/base/uid.h"
#include "core/log/redo_format.h"
#include "core/platform/node.h"

namespace aftersync {

struct RedoGeometry {
  uint32_t files = 2;
  uint64_t file_bytes = 48 * 1024 * 1024;  // header included; rounded down to whole blocks

  [[nodiscard]] uint64_t slots_per_file() const {
    return (file_bytes - redo::kFileHeaderBytes) / redo::kBlockBytes;
  }
  [[nodiscard]] uint64_t slots() const { return slots_per_file() * files; }
};

struct RedoCheckpoint {
  uint64_t sequence = 0;
  Lsn lsn = redo::kFirstLsn;
  uint32_t epoch = 0;
  bool clean_shutdown = false;
};

// One decoded block; `payload` points into the caller's buffer.
struct RedoBlock {
  uint64_t number = 0;
  uint32_t epoch = 0;
  uint64_t durable_block = 0;  // all blocks before this one were durable when it was written
  std::string_view payload;
};

class RedoFiles {
 public:
  // Code::already_exists when there is a log in `directory` ("" for the data directory itself).
  [[nodiscard]] static Result<std::unique_ptr<RedoFiles>> create(Node& node, std::string directory,
                                                                 RedoGeometry geometry);
  // Code::not_found when there is none; Code::corruption or unsupported as described above. The
  // geometry is the one found on disk.
  [[nodiscard]] static Result<std::unique_ptr<RedoFiles>> open(Node& node, std::string directory);

  [[nodiscard]] const RedoGeometry& geometry() const { return geometry_; }
  [[nodiscard]] Uid uid() const { return uid_; }

  // The newest valid checkpoint; Code::corruption when neither block is valid.
  [[nodiscard]] Result<RedoCheckpoint> read_checkpoint();
  // Writes the block that `checkpoint.sequence` belongs to and syncs it.
  Status write_checkpoint(const RedoCheckpoint& checkpoint);

  // Reads `count` ring slots starting with that of block `first` into `into` (count * 512 bytes).
  Status read_slots(uint64_t first, size_t count, std::span<char> into);
  // Writes formatted blocks, `first` and following. Not durable before sync().
  Status write_blocks(uint64_t first, std::string_view formatted);
  // Makes all blocks written so far durable: one fdatasync for each file touched since.
  Status sync();
  // The same for what somebody else may have written: every file.
  Status sync_all();

  // File and offset of a block, for messages.
  [[nodiscard]] std::string where(uint64_t block) const;
  // The newest valid checkpoint in the first kFileHeaderBytes of file 0, judged for themselves: for
  // offline tools. `path` is for messages. Code::corruption, unsupported.
  [[nodiscard]] static Result<RedoCheckpoint> newest_checkpoint(const std::string& path,
                                                                std::string_view head);

  // Fills `to`, of kBlockBytes, with the block described.
  static void format_block(std::span<char> to, const RedoBlock& block);
  // False when the bytes are no valid block or not number `expected`.
  [[nodiscard]] static bool parse_block(std::string_view bytes, uint64_t expected,
                                        RedoBlock& block);

 private:
  struct Member {
    File file;
    std::atomic<bool> unsynced{false};
  };
  RedoFiles(Node& node, std::string directory) : node_(node), directory_(std::move(directory)) {}

  Status open_member(uint32_t number);
  // Member and offset of a slot, and how many slots follow it in that file.
  struct Place {
    Member* member;
    uint64_t offset;
    uint64_t slots;
  };
  [[nodiscard]] Place place_of(uint64_t block) const;

  Node& node_;
  const std::string directory_;
  RedoGeometry geometry_;
  Uid uid_;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace aftersync
