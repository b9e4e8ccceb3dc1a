// RowChange: one insert, update or delete of a clustered record, together with its undo record.
//
// A LeafChange decides with the leaf latched, so this is where the old version is seen, where a
// duplicate is found, and where the undo record is made from what was there.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/long_value.h"
#include "core/storage/row_format.h"
#include "core/storage/table.h"
#include "core/storage/undo.h"

namespace aftersync::storage {

class RowChange final : public LeafChange {
 public:
  enum class Kind : uint8_t { insert, update, remove };

  RowChange(Kind kind, Undo& undo, UndoLog& log, const Table& table, std::string_view key,
            const LongValue& value, KeyHooks hooks);
  // Makes of it the same kind of change of another row, which is not a long one.
  void restart(std::string_view key, std::string_view row);

  // Code::duplicate_key (naming the index), Code::not_found; Code::internal when the undo record
  // needs room_wanted() bytes and they have not been prepared; what the guard answers.
  [[nodiscard]] Result<Decision> decide(const RecordView* found, const Frame& leaf,
                                        uint16_t slot) override;
  void finish(Mtr& mtr) override;
  [[nodiscard]] KeyHooks hooks() const override { return hooks_; }

  [[nodiscard]] std::string_view key() const { return record_.key; }
  [[nodiscard]] size_t room_wanted() const { return room_wanted_; }
  // What the record held behind the system columns, and its flags, before the change.
  [[nodiscard]] const std::string& old_value() const { return record_.old_value; }
  [[nodiscard]] uint8_t old_flags() const { return record_.old_flags; }

 private:
  const Kind kind_;
  Undo& undo_;
  UndoLog& log_;
  const Table& table_;
  const KeyHooks hooks_;
  std::string value_;  // system columns first; they are filled in by finish()
  uint8_t flags_;
  UndoRecord record_;
  size_t room_wanted_ = 0;
};

}  // namespace aftersync::storage
