// BinlogIndex: which binlog files there are, oldest first.
//
// A directory listing cannot say: after a crash there may be a file that was made and never used,
// or purged and not yet removed. So the names stand in a file of their own, BASE.index, one a line,
// as MySQL has it. It is replaced whole (a new file, renamed over the old one): there is always one
// that can be believed. Files are made before they are entered and removed after they are struck
// out; what is not entered is nobody's, and is removed at the next start.
//
// Names are BASE.NUMBER, of at least six digits, ascending without gaps.
//
// Source: MySQL 8.0 manual, "The Binary Log".
// Thread safety: one task at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/disk.h"

namespace aftersync::binlog {

class BinlogIndex {
 public:
  // `base` is a path within the data directory. Removes files that a crash has left.
  // Code::corruption when the index holds anything but names of its own, in order, of files that
  // are there; or when files are there and it is not.
  [[nodiscard]] static Result<BinlogIndex> open(Disk& disk, std::string_view base);

  // Numbers of the files: first() to last(); none when last() is 0.
  [[nodiscard]] uint64_t first() const { return first_; }
  [[nodiscard]] uint64_t last() const { return last_; }
  [[nodiscard]] std::string path_of(uint64_t number) const;
  // As path_of, without directories: what the file is called in events and statements.
  [[nodiscard]] std::string name_of(uint64_t number) const;
  // The number in a name. Code::not_found when no file is called so.
  [[nodiscard]] Result<uint64_t> find(std::string_view name) const;

  // Enters the file after the last one, which has been made and synced. Durable on return.
  Status append();
  // Strikes out the files before `number`, durably; first() < number <= last(). They stay until
  // remove_struck_out(), so that readers can be told in between.
  Status strike_out_before(uint64_t number);
  Status remove_struck_out();

 private:
  BinlogIndex(Disk& disk, std::string_view base);

  Status read(std::string_view text);
  Status write(uint64_t first, uint64_t last);
  // Paths of the files that are not entered, and may be there.
  [[nodiscard]] Result<std::vector<std::string>> look_at_files(bool has_index) const;
  [[nodiscard]] std::string index_path() const { return base_ + ".index"; }

  Disk* disk_;
  std::string base_;
  std::string directory_;  // of base_; empty for the data directory
  std::string stem_;       // base_ without it
  uint64_t oldest_ = 1;    // of the files that are there
  uint64_t first_ = 1;
  uint64_t last_ = 0;
};

}  // namespace aftersync::binlog
