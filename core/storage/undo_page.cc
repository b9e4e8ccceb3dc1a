// Undo pages: records to bytes and back, and the three operations of redo.
#include "core/storage/undo_page.h"

#include <cstring>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

using undo_format::UndoKind;

namespace {

constexpr size_t kLengthBytes = 2;

void append_id6(std::string& to, uint64_t id) {
  char bytes[8];
  store_be(bytes, id);
  CHECK_EQ(id >> 48, uint64_t{0});
  to.append(bytes + 2, undo_format::kTrxBytes);
}

uint64_t read_id6(Reader& reader) {
  const uint64_t high = reader.be<uint16_t>();
  return (high << 32) | reader.be<uint32_t>();
}

Status damaged(const char* page, uint16_t offset, std::string_view what) {
  return {Code::corruption, "undo page " + std::to_string(page_no_of(page).value()) + " offset " +
                                std::to_string(offset) + ": " + std::string(what)};
}

// The whole record at `offset`, both lengths checked.
Result<std::string_view> record_bytes_at(const char* page, uint16_t offset) {
  const uint16_t end = undo_end(page);
  if (end > kPageTrailerAt) return damaged(page, offset, "the end of the records lies outside");
  if (offset < undo_format::kRecordsAt || offset + kLengthBytes > end) {
    return damaged(page, offset, "no record begins here");
  }
  const auto length = load_be<uint16_t>(page + offset);
  if (length < undo_format::kBodyAt + kLengthBytes || offset + length > end ||
      load_be<uint16_t>(page + offset + length - kLengthBytes) != length) {
    return damaged(page, offset, "record lengths disagree");
  }
  return std::string_view(page + offset, length);
}

void read_row_part(Reader& reader, UndoRecord& record) {
  record.table = TableId(reader.be<uint64_t>());
  const bool has_old = record.kind != UndoKind::insert;
  if (has_old) {
    record.old_trx = TrxId(read_id6(reader));
    record.old_roll = RollPtr(reader.be<uint64_t>());
    record.old_flags = reader.be<uint8_t>();
  }
  record.key = reader.bytes(reader.be<uint16_t>());
  if (has_old) record.old_value = reader.bytes(reader.be<uint16_t>());
}

void append_row_part(std::string& bytes, const UndoRecord& record) {
  append_be(bytes, record.table.value());
  const bool has_old = record.kind != UndoKind::insert;
  if (has_old) {
    append_id6(bytes, record.old_trx.value());
    append_be(bytes, record.old_roll.value());
    append_be(bytes, record.old_flags);
  }
  append_be(bytes, static_cast<uint16_t>(record.key.size()));
  bytes += record.key;
  if (has_old) {
    append_be(bytes, static_cast<uint16_t>(record.old_value.size()));
    bytes += record.old_value;
  }
}

}  // namespace

uint16_t undo_end(const char* page) { return load_be<uint16_t>(page + undo_format::kEndAt); }

std::string encode_undo(const UndoRecord& record) {
  std::string bytes(kLengthBytes, '\0');
  append_be(bytes, static_cast<uint8_t>(record.kind));
  append_id6(bytes, record.trx.value());
  append_be(bytes, record.previous_of_trx.value());
  if (record.kind == UndoKind::commit) {
    CHECK_LE(record.note.size(), undo_format::kMaxNoteBytes);
    append_be(bytes, record.commit_number);
    append_be(bytes, static_cast<uint8_t>(record.note.size()));
    bytes += record.note;
  } else {
    append_row_part(bytes, record);
  }
  const size_t length = bytes.size() + kLengthBytes;
  CHECK_LE(length, undo_format::kMaxRecordBytes);
  store_be(bytes.data(), static_cast<uint16_t>(length));
  append_be(bytes, static_cast<uint16_t>(length));
  return bytes;
}

Result<UndoRecord> decode_undo(const char* page, uint16_t offset) {
  ASSIGN_OR_RETURN(const std::string_view bytes, record_bytes_at(page, offset));
  Reader reader(bytes.substr(kLengthBytes, bytes.size() - 2 * kLengthBytes));
  UndoRecord record;
  record.kind = static_cast<UndoKind>(reader.be<uint8_t>());
  record.trx = TrxId(read_id6(reader));
  record.previous_of_trx = RollPtr(reader.be<uint64_t>());
  switch (record.kind) {
    case UndoKind::insert:
    case UndoKind::update:
    case UndoKind::delete_mark: read_row_part(reader, record); break;
    case UndoKind::commit:
      record.commit_number = reader.be<uint64_t>();
      record.note = reader.bytes(reader.be<uint8_t>());
      break;
    default: return damaged(page, offset, "unknown kind of record");
  }
  if (!reader.ok() || !reader.at_end()) return damaged(page, offset, "malformed record");
  return record;
}

Result<uint16_t> next_undo(const char* page, uint16_t offset) {
  ASSIGN_OR_RETURN(const std::string_view bytes, record_bytes_at(page, offset));
  return static_cast<uint16_t>(offset + bytes.size());
}

namespace {

// undo_init: stream (4). The page has just been initialised (PageOp::init).
Status apply_init(Reader args, char* page) {
  const auto stream = args.be<uint32_t>();
  if (!args.ok() || !args.at_end()) return {Code::corruption, "undo_init: malformed arguments"};
  store_be(page + undo_format::kStreamAt, stream);
  store_be(page + undo_format::kEndAt, static_cast<uint16_t>(undo_format::kRecordsAt));
  return {};
}

// undo_append: the record's bytes.
Status apply_append(std::string_view record, char* page) {
  const uint16_t end = undo_end(page);
  const bool fits = end >= undo_format::kRecordsAt && end + record.size() <= kPageTrailerAt;
  if (!fits || record.size() < undo_format::kBodyAt ||
      load_be<uint16_t>(record.data()) != record.size()) {
    return {Code::corruption, "undo_append: the record does not fit the page"};
  }
  std::memcpy(page + end, record.data(), record.size());
  store_be(page + undo_format::kEndAt, static_cast<uint16_t>(end + record.size()));
  return {};
}

// undo_truncate: new end (2). What is cut off is zeroed, so that equal pages are equal bytes.
Status apply_truncate(Reader args, char* page) {
  const auto new_end = args.be<uint16_t>();
  const uint16_t end = undo_end(page);
  if (!args.ok() || !args.at_end() || new_end < undo_format::kRecordsAt || new_end > end ||
      end > kPageTrailerAt) {
    return {Code::corruption, "undo_truncate: the new end lies outside the records"};
  }
  std::memset(page + new_end, 0, end - new_end);
  store_be(page + undo_format::kEndAt, new_end);
  return {};
}

}  // namespace

Status apply_undo_op(PageOp op, PageId id, std::string_view args, char* page) {
  const std::string where =
      "space " + std::to_string(id.space.value()) + " page " + std::to_string(id.page.value());
  if (type_of(page) != PageType::undo) {
    return {Code::corruption, where + ": an undo operation on a page of another type"};
  }
  switch (op) {
    case PageOp::undo_init: return apply_init(Reader(args), page).in(where);
    case PageOp::undo_append: return apply_append(args, page).in(where);
    case PageOp::undo_truncate: return apply_truncate(Reader(args), page).in(where);
    default: return {Code::unsupported, where + ": unknown undo operation"};
  }
}

}  // namespace aftersync::storage
