// CommitNote: what the engine's commit record says of the binlog.
//
// The engine commits in the order of the binlog, and its log is a prefix of what it did: so the
// newest note that it has after a crash says exactly which transactions of the binlog it has (all
// before that end) and which it lacks (all behind it).
//
//        0     1  version: 1
//        1     8  number of the binlog file
//        9     8  position behind the transaction
//       17    16  UUID of its GTID; zero for an anonymous one
//       33     8  number of its GTID
//
// Integers are big-endian, as everywhere in storage.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/binlog.h"
#include "core/binlog/gtid.h"

namespace aftersync::txn {

struct CommitNote {
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kBytes = 41;

  binlog::BinlogPlace end;
  binlog::Gtid gtid;

  [[nodiscard]] std::string encode() const;
  // Code::corruption, Code::unsupported.
  [[nodiscard]] static Result<CommitNote> decode(std::string_view bytes);
};

}  // namespace aftersync::txn
