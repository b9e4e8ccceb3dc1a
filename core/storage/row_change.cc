// RowChange: from what stands there to what shall, and the undo record in between.
#include "core/storage/row_change.h"

#include "core/base/check.h"

namespace aftersync::storage {

using undo_format::UndoKind;

RowChange::RowChange(Kind kind, Undo& undo, UndoLog& log, const Table& table, std::string_view key,
                     const LongValue& value, KeyHooks hooks)
    : kind_(kind),
      undo_(undo),
      log_(log),
      table_(table),
      hooks_(hooks),
      value_(kSystemBytes, '\0'),
      flags_(kind == Kind::remove ? index_format::kDeleteMark : value.flags()) {
  if (kind != Kind::remove) value_ += value.in_leaf();
  record_.table = table.id();
  record_.key = key;
}

void RowChange::restart(std::string_view key, std::string_view row) {
  CHECK(kind_ != Kind::remove);
  value_.resize(kSystemBytes);
  value_ += row;
  flags_ = 0;
  record_.key = key;
  record_.old_trx = TrxId();
  record_.old_roll = RollPtr();
  record_.old_flags = 0;
  record_.old_value.clear();
  room_wanted_ = 0;
}

Result<LeafChange::Decision> RowChange::decide(const RecordView* found, const Frame&, uint16_t) {
  const bool is_there = found != nullptr && !found->is_delete_marked();
  if (kind_ == Kind::insert && is_there) {
    return {Code::duplicate_key, table_.def().indexes[0].name};
  }
  if (kind_ != Kind::insert && !is_there) return {Code::not_found, "no such row"};
  Decision decision{Action::insert, value_, flags_};
  record_.kind = UndoKind::insert;
  if (found != nullptr) {
    if (found->value.size() < kSystemBytes) {
      return {Code::corruption, "clustered record without system columns"};
    }
    if (hooks_.guard != nullptr) {
      RETURN_IF_ERROR(hooks_.guard->may_change(table_.def().indexes[0].id, record_.key));
    }
    const SystemColumns old = load_system_columns(found->value.data());
    record_.old_trx = old.trx;
    record_.old_roll = old.roll;
    record_.old_flags = found->flags;
    if (kind_ == Kind::remove) {
      record_.kind = UndoKind::delete_mark;
      decision = {Action::set_flags, value_,
                  static_cast<uint8_t>(found->flags | index_format::kDeleteMark)};
    } else {
      record_.kind = UndoKind::update;
      record_.old_value = found->value.substr(kSystemBytes);
      decision.action = Action::replace;
    }
  }
  room_wanted_ = Undo::record_bytes(record_.key.size(), record_.old_value.size());
  if (!Undo::has_room(log_, room_wanted_)) return {Code::internal, "more undo room wanted"};
  return decision;
}

void RowChange::finish(Mtr& mtr) {
  const RollPtr roll = undo_.append(mtr, log_, record_);
  store_system_columns(value_.data(), {log_.trx, roll});
}

}  // namespace aftersync::storage
