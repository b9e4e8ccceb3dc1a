// Undo pages: records survive the trip through bytes, pages refuse what does not fit, and damaged
// pages are reported, never followed.
#include "core/storage/undo_page.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "core/base/coding.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {
namespace {

using undo_format::UndoKind;

constexpr PageId kId{SpaceId(2), PageNo(9)};

std::vector<char> empty_page(uint32_t stream = 5) {
  std::vector<char> page(kPageBytes);
  const char init[] = {static_cast<char>(PageType::undo), undo_format::kVersion};
  EXPECT_TRUE(apply_page_op(PageOp::init, kId, {init, sizeof init}, page.data()).ok());
  char args[4];
  store_be(args, stream);
  EXPECT_TRUE(apply_undo_op(PageOp::undo_init, kId, {args, sizeof args}, page.data()).ok());
  return page;
}

UndoRecord arbitrary_record() {
  UndoRecord record;
  record.kind = *rc::gen::element(UndoKind::insert, UndoKind::update, UndoKind::delete_mark,
                                  UndoKind::commit);
  record.trx = TrxId(*rc::gen::inRange<uint64_t>(0, uint64_t{1} << 48));
  record.previous_of_trx = RollPtr(*rc::gen::arbitrary<uint64_t>());
  if (record.kind == UndoKind::commit) {
    record.commit_number = *rc::gen::arbitrary<uint64_t>();
    record.note = *rc::gen::resize(100, rc::gen::string<std::string>());
    return record;
  }
  record.table = TableId(*rc::gen::arbitrary<uint64_t>());
  record.key = *rc::gen::string<std::string>();
  if (record.kind == UndoKind::insert) return record;
  record.old_trx = TrxId(*rc::gen::inRange<uint64_t>(0, uint64_t{1} << 48));
  record.old_roll = RollPtr(*rc::gen::arbitrary<uint64_t>());
  record.old_flags = *rc::gen::arbitrary<uint8_t>();
  record.old_value = *rc::gen::string<std::string>();
  return record;
}

bool same(const UndoRecord& a, const UndoRecord& b) {
  return a.kind == b.kind && a.trx == b.trx && a.previous_of_trx == b.previous_of_trx &&
         a.table == b.table && a.old_trx == b.old_trx && a.old_roll == b.old_roll &&
         a.old_flags == b.old_flags && a.key == b.key && a.old_value == b.old_value &&
         a.commit_number == b.commit_number && a.note == b.note;
}

RC_GTEST_PROP(UndoPage, RecordsAreReadBackInOrder, ()) {
  std::vector<char> page = empty_page();
  std::vector<UndoRecord> records;
  std::vector<uint16_t> offsets;
  const auto count = *rc::gen::inRange<size_t>(1, 20);
  for (size_t i = 0; i < count; ++i) {
    records.push_back(arbitrary_record());
    offsets.push_back(undo_end(page.data()));
    RC_ASSERT(apply_undo_op(PageOp::undo_append, kId, encode_undo(records[i]), page.data()).ok());
  }
  uint16_t at = undo_format::kRecordsAt;
  for (size_t i = 0; i < count; ++i) {
    RC_ASSERT(at == offsets[i]);
    RC_ASSERT(same(decode_undo(page.data(), at).value(), records[i]));
    at = next_undo(page.data(), at).value();
  }
}

RC_GTEST_PROP(UndoPage, TruncatingUndoesAppendingToTheByte, ()) {
  std::vector<char> page = empty_page();
  const UndoRecord first = arbitrary_record();
  RC_ASSERT(apply_undo_op(PageOp::undo_append, kId, encode_undo(first), page.data()).ok());
  const std::vector<char> before = page;
  char args[2];
  store_be(args, undo_end(page.data()));
  const UndoRecord second = arbitrary_record();
  RC_ASSERT(apply_undo_op(PageOp::undo_append, kId, encode_undo(second), page.data()).ok());
  RC_ASSERT(apply_undo_op(PageOp::undo_truncate, kId, {args, sizeof args}, page.data()).ok());
  RC_ASSERT(page == before);
}

RC_GTEST_PROP(UndoPage, DamageIsReportedOrHarmlessNeverFollowed, ()) {
  std::vector<char> page = empty_page();
  for (int i = 0; i < 3; ++i) {
    RC_ASSERT(
        apply_undo_op(PageOp::undo_append, kId, encode_undo(arbitrary_record()), page.data()).ok());
  }
  for (int i = 0; i < 8; ++i) {
    const auto at = *rc::gen::inRange<size_t>(kPageBodyAt, 1000);
    page[at] = *rc::gen::arbitrary<char>();
  }
  // The sanitizers are the check: nothing may be read outside the page.
  for (uint16_t at = 0; at < 2000; ++at) {
    (void)decode_undo(page.data(), at);
    (void)next_undo(page.data(), at);
  }
}

TEST(UndoPage, RefusesWhatDoesNotFit) {
  std::vector<char> page = empty_page();
  UndoRecord big;
  big.kind = UndoKind::update;
  big.old_value = std::string(8000, 'v');
  const std::string bytes = encode_undo(big);
  ASSERT_TRUE(apply_undo_op(PageOp::undo_append, kId, bytes, page.data()).ok());
  ASSERT_TRUE(apply_undo_op(PageOp::undo_append, kId, bytes, page.data()).ok());
  const std::vector<char> before = page;
  EXPECT_EQ(apply_undo_op(PageOp::undo_append, kId, bytes, page.data()).code(), Code::corruption);
  char args[2];
  store_be(args, uint16_t{16200});
  EXPECT_EQ(apply_undo_op(PageOp::undo_truncate, kId, {args, 2}, page.data()).code(),
            Code::corruption);
  EXPECT_EQ(apply_undo_op(PageOp::undo_truncate, kId, "x", page.data()).code(), Code::corruption);
  EXPECT_EQ(page, before);
}

TEST(UndoPage, RollPointersCarryPageOffsetAndKind) {
  const RollPtr at = undo_format::roll_ptr(PageNo(0xfffffffe), 16000, true);
  EXPECT_EQ(undo_format::page_of(at), PageNo(0xfffffffe));
  EXPECT_EQ(undo_format::offset_of(at), 16000);
  EXPECT_TRUE(undo_format::is_insert(at));
  EXPECT_FALSE(undo_format::is_insert(undo_format::roll_ptr(PageNo(1), 40, false)));
}

}  // namespace
}  // namespace aftersync::storage
