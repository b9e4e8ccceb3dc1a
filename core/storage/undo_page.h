// Undo pages: the operations that change one, and the reading of records. Layout: undo_format.h.
//
// Everything here is about a single page in memory: no latches, no redo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/undo_format.h"

namespace aftersync::storage {

struct UndoRecord {
  undo_format::UndoKind kind{};
  TrxId trx;
  RollPtr previous_of_trx;
  // insert, update, delete_mark
  TableId table;
  TrxId old_trx;
  RollPtr old_roll;
  uint8_t old_flags = 0;
  std::string key;
  std::string old_value;
  // commit
  uint64_t commit_number = 0;
  std::string note;
};

[[nodiscard]] std::string encode_undo(const UndoRecord& record);

// The record of `page` at `offset`; Code::corruption when there is none.
[[nodiscard]] Result<UndoRecord> decode_undo(const char* page, uint16_t offset);

// Where the record after the one at `offset` begins, without decoding it. Code::corruption for
// lengths that lead out of the page.
[[nodiscard]] Result<uint16_t> next_undo(const char* page, uint16_t offset);

[[nodiscard]] uint16_t undo_end(const char* page);

}  // namespace aftersync::storage
