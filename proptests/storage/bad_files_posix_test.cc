// Bad files: what has been cut off, swapped, made by another version, or has rotted, is refused by
// name, place, what was expected and what was found; it stays as it is on disk; and whoever does
// not depend on it goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/log/redo_format.h"
#include "core/storage/doublewrite_format.h"
#include "core/storage/index_page_format.h"
#include "core/storage/overflow_format.h"
#include "core/storage/page_format.h"
#include "core/storage/space_format.h"
#include "core/storage/undo_format.h"
#include "proptests/support/store_on_disk_posix.h"

namespace aftersync::storage {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kLeft = "tables/16.ibd";
constexpr const char* kRight = "tables/17.ibd";

auto of_type(PageType type) {
  return [type](const char* page) { return type_of(page) == type; };
}
bool is_full_leaf(const char* page) {
  return type_of(page) == PageType::index &&
         load_be<uint16_t>(page + index_format::kLevelAt) == 0 &&
         load_be<uint16_t>(page + index_format::kSlotsAt) > 2;
}

// "left" answers with `message`, whatever is asked of it, and its file stays as it is; "right"
// works, and the engine closes in good order.
void expect_left_lost(const StoreOnDisk& store, const std::string& message) {
  const std::string before = store.read(kLeft);
  const Status opened = store.with_engine([&](Engine& engine) {
    const auto scanned = StoreOnDisk::count(engine, "left", 0);
    EXPECT_THAT(scanned.status().to_string(), HasSubstr(message));
    const auto again = engine.open_table("left");
    EXPECT_THAT(again.status().to_string(), AllOf(HasSubstr("table 'left'"), HasSubstr(message)));
    const auto right = engine.open_table("right");
    ASSERT_TRUE(right.ok()) << right.status().to_string();
    Transaction trx;
    EXPECT_EQ(StoreOnDisk::count(engine, "right", 1).value(), StoreOnDisk::kRows);
    CHECK_OK(engine.insert(trx, **right, StoreOnDisk::row(5000, 300)));
    CHECK_OK(engine.commit(trx));
    CHECK_OK(engine.close());
  });
  EXPECT_TRUE(opened.ok()) << opened.to_string();
  EXPECT_TRUE(store.read(kLeft) == before) << "the file has been changed";
  EXPECT_THAT(store.error_log(), HasSubstr(message));
}

// The engine does not start, says why, and has changed none of the files that hold data.
void expect_refused(const StoreOnDisk& store, Code code, const std::string& message) {
  const auto before = store.contents();
  const Status opened = store.with_engine([](Engine&) {});
  EXPECT_EQ(opened.code(), code) << opened.to_string();
  EXPECT_THAT(opened.to_string(), HasSubstr(message));
  auto after = store.contents();
  for (const auto& [name, bytes] : before) {
    // What a start writes before it can know better.
    if (name.ends_with(".log") && message.find(name) == std::string::npos) continue;
    EXPECT_TRUE(after[name] == bytes) << name << " has been changed";
  }
}

// --- tablespaces of tables ---

TEST(BadTableFile, CutOff) {
  const StoreOnDisk store;
  const std::string whole = store.read(kLeft);
  store.write(kLeft, whole.substr(0, 20 * kPageBytes));
  expect_left_lost(store, "tables/16.ibd: short file: expected " +
                              std::to_string(whole.size() / kPageBytes) + " pages, found 20");
}

TEST(BadTableFile, Empty) {
  const StoreOnDisk store;
  store.write(kLeft, "");
  expect_left_lost(store, "tables/16.ibd page 0: short file: expected 16384 bytes, found 0");
}

TEST(BadTableFile, OfAnotherTable) {
  const StoreOnDisk store;
  store.write(kLeft, store.read(kRight));
  expect_left_lost(store, "tables/16.ibd page 0: space id: expected 16, found 17");
}

TEST(BadTableFile, Foreign) {
  const StoreOnDisk store;
  store.write(kLeft, std::string(1 << 20, 'x'));
  expect_left_lost(store, "tables/16.ibd page 0: checksum: expected 0x");
}

TEST(BadTableFile, Zeroed) {
  const StoreOnDisk store;
  store.write(kLeft, std::string(1 << 20, '\0'));
  expect_left_lost(store, "tables/16.ibd page 0: expected a space header, found zeroes");
}

TEST(BadTableFile, OfAnOlderVersion) {
  const StoreOnDisk store;
  store.patch(kLeft, 0, space_format::kVersionAt, be(uint32_t{0}), true);
  expect_left_lost(store, "tables/16.ibd page 0: tablespace format version: expected 1, found 0");
}

TEST(BadTableFile, WithAPageOfAnOlderVersion) {
  const StoreOnDisk store;
  const uint32_t page = store.find_page(kLeft, is_full_leaf);
  store.patch(kLeft, page, kPageVersionAt, std::string(1, '\0'), true);
  expect_left_lost(store, "tables/16.ibd page " + std::to_string(page) +
                              ": format version of type index: expected 1, found 0");
}

TEST(BadTableFile, WithABitFlippedInALeaf) {
  const StoreOnDisk store;
  const uint32_t page = store.find_page(kLeft, is_full_leaf);
  const char old = store.read(kLeft)[page * kPageBytes + 5000];
  store.patch(kLeft, page, 5000, std::string(1, static_cast<char>(old ^ 4)), false);
  expect_left_lost(store, "tables/16.ibd page " + std::to_string(page) + ": checksum: expected 0x");
}

TEST(BadTableFile, WithABitFlippedInALongValue) {
  const StoreOnDisk store;
  const uint32_t page = store.find_long_value(kLeft);
  store.patch(kLeft, page, 9000, "\xfe", false);
  expect_left_lost(store, "tables/16.ibd page " + std::to_string(page) + ": checksum: expected 0x");
}

TEST(BadTableFile, WithAPageWrittenInAnothersPlace) {
  const StoreOnDisk store;
  const std::string file = store.read(kLeft);
  const uint32_t page = store.find_page(kLeft, is_full_leaf);
  store.patch(kLeft, page, 0, file.substr(size_t{page + 1} * kPageBytes, kPageBytes), false);
  expect_left_lost(store, "tables/16.ibd page " + std::to_string(page) +
                              ": page number: expected " + std::to_string(page) + ", found " +
                              std::to_string(page + 1));
}

TEST(BadTableFile, Gone) {
  const StoreOnDisk store;
  std::filesystem::remove(store.path(kLeft));
  const Status opened = store.with_engine([](Engine& engine) {
    EXPECT_THAT(engine.open_table("left").status().to_string(), HasSubstr("tables/16.ibd"));
    EXPECT_EQ(StoreOnDisk::count(engine, "right", 0).value(), StoreOnDisk::kRows);
    CHECK_OK(engine.close());
  });
  EXPECT_TRUE(opened.ok()) << opened.to_string();
  EXPECT_FALSE(std::filesystem::exists(store.path(kLeft)));
}

// --- files that nothing goes without ---

TEST(BadSystemFile, Missing) {
  for (const char* const name : {"system.ibd", "undo.ibd", "doublewrite.dblwr"}) {
    const StoreOnDisk store;
    std::filesystem::remove(store.path(name));
    expect_refused(store, Code::corruption, std::string(name) + ": expected");
    EXPECT_FALSE(std::filesystem::exists(store.path(name)));
  }
}

TEST(BadSystemFile, CutOff) {
  for (const char* const name : {"system.ibd", "undo.ibd"}) {
    const StoreOnDisk store;
    store.write(name, store.read(name).substr(0, 3 * kPageBytes));
    expect_refused(store, Code::corruption, std::string(name) + ": short file: expected ");
  }
}

TEST(BadSystemFile, OfAnOlderVersion) {
  for (const char* const name : {"system.ibd", "undo.ibd"}) {
    const StoreOnDisk store;
    store.patch(name, 0, space_format::kVersionAt, be(uint32_t{0}), true);
    expect_refused(store, Code::unsupported,
                   std::string(name) + " page 0: tablespace format version: expected 1, found 0");
  }
}

TEST(BadSystemFile, WithABitFlipped) {
  struct Place {
    const char* name;
    uint32_t page;
  };
  for (const auto& [name, page] : {Place{"system.ibd", 0}, Place{"system.ibd", 3},
                                   Place{"undo.ibd", 0}, Place{"undo.ibd", 3}}) {
    const StoreOnDisk store;
    const char old = store.read(name)[size_t{page} * kPageBytes + 40];
    store.patch(name, page, 40, std::string(1, static_cast<char>(old ^ 16)), false);
    expect_refused(store, Code::corruption,
                   std::string(name) + " page " + std::to_string(page) + ": checksum: expected 0x");
  }
}

TEST(BadSystemFile, WithABitFlippedInUndo) {
  const StoreOnDisk store;
  const uint32_t page = store.find_page("undo.ibd", of_type(PageType::undo));
  store.patch("undo.ibd", page, 9000, "\xfe", false);
  expect_refused(store, Code::corruption,
                 "undo.ibd page " + std::to_string(page) + ": checksum: expected 0x");
}

TEST(BadSystemFile, WithACatalogOfAnotherVersion) {
  const StoreOnDisk store;
  store.patch("system.ibd", 3, kPageBodyAt + 8, be(uint32_t{7}), true);
  expect_refused(store, Code::unsupported,
                 "system.ibd page 3: catalog format version: expected 1, found 7");
}

// --- doublewrite file ---

TEST(BadDoublewriteFile, CutOffForeignOrOlder) {
  constexpr const char* kName = "doublewrite.dblwr";
  const StoreOnDisk store;
  const std::string whole = store.read(kName);
  store.write(kName, whole.substr(0, whole.size() - 1));
  expect_refused(store, Code::corruption,
                 "doublewrite.dblwr: size: expected " + std::to_string(whole.size()) +
                     " bytes, found " + std::to_string(whole.size() - 1));
  store.write(kName, std::string(whole.size(), 'x'));
  expect_refused(store, Code::corruption, "doublewrite.dblwr: not a doublewrite file");
  std::string older = whole;
  older.replace(8, 4, be(uint32_t{0}));
  store.write(kName, older);
  expect_refused(store, Code::unsupported,
                 "doublewrite.dblwr: doublewrite format version: expected 1, found 0");
}

// --- redo ---

TEST(BadRedoFile, CutOff) {
  for (const char* const name : {"redo_0.log", "redo_1.log"}) {
    const StoreOnDisk store;
    const std::string whole = store.read(name);
    store.write(name, whole.substr(0, whole.size() / 2));
    expect_refused(store, Code::corruption, std::string(name) + ": size: expected ");
  }
}

TEST(BadRedoFile, Missing) {
  const StoreOnDisk store;
  std::filesystem::remove(store.path("redo_1.log"));
  expect_refused(store, Code::corruption, "redo_1.log: missing: the redo log has 2 files");
}

TEST(BadRedoFile, OfAnotherLog) {
  const StoreOnDisk store;
  std::string bytes = store.read("redo_1.log");
  bytes[24] = static_cast<char>(bytes[24] ^ 1);  // the uid
  bytes.replace(redo::kHeaderCrcAt, 4,
                be(crc32c(std::string_view(bytes).substr(0, redo::kHeaderCrcAt))));
  store.write("redo_1.log", bytes);
  expect_refused(store, Code::corruption, "redo_1.log: uid: expected ");
}

TEST(BadRedoFile, ForeignOlderOrFlipped) {
  const StoreOnDisk store;
  const std::string whole = store.read("redo_0.log");
  store.write("redo_0.log", std::string(whole.size(), 'x'));
  expect_refused(store, Code::corruption, "redo_0.log: not a redo file");
  std::string older = whole;
  older.replace(8, 4, be(uint32_t{0}));
  store.write("redo_0.log", older);
  expect_refused(store, Code::unsupported, "redo_0.log: redo format version: expected 1, found 0");
  std::string flipped = whole;
  flipped[20] = static_cast<char>(flipped[20] ^ 1);
  store.write("redo_0.log", flipped);
  expect_refused(store, Code::corruption, "redo_0.log: header checksum: expected ");
}

TEST(BadRedoFile, WithoutAValidCheckpoint) {
  const StoreOnDisk store;
  std::string bytes = store.read("redo_0.log");
  for (const size_t at : redo::kCheckpointAt)
    bytes[at + 20] = static_cast<char>(bytes[at + 20] ^ 1);
  store.write("redo_0.log", bytes);
  expect_refused(store, Code::corruption,
                 "redo_0.log: expected a valid checkpoint block, found none");
}

TEST(BadRedoFile, WithABitFlippedInWhatMustBeReplayed) {
  const StoreOnDisk store;
  uint64_t block = 0;
  const Status done = store.with_engine([&](Engine& engine) {
    auto table = engine.open_table("left");
    CHECK_OK(table);
    block = redo::block_of(engine.pages().log().end()) + 2;
    Transaction trx;
    for (int64_t id = 2000; id < 2020; ++id) {
      CHECK_OK(engine.insert(trx, **table, StoreOnDisk::row(id, 300)));
    }
    CHECK_OK(engine.commit(trx));
  });
  CHECK_OK(done);
  std::string bytes = store.read("redo_0.log");
  const uint64_t slots = (bytes.size() - redo::kFileHeaderBytes) / redo::kBlockBytes;
  const std::string name = block % (2 * slots) < slots ? "redo_0.log" : "redo_1.log";
  bytes = store.read(name);
  const size_t at = redo::kFileHeaderBytes + block % slots * redo::kBlockBytes + 99;
  bytes[at] = static_cast<char>(bytes[at] ^ 2);
  store.write(name, bytes);
  expect_refused(store, Code::corruption,
                 name + " offset " + std::to_string(at - 99) + ", redo block " +
                     std::to_string(block) + " (lsn " +
                     std::to_string(redo::block_start(block).value()) + "): checksum: expected ");
}

// --- the state of the directory ---

// Nothing may be taken for a store that is only half made, and made again, but what says so itself.
TEST(BadStateFile, IsNoReasonToBeginAnew) {
  for (const char* const text : {"", "\n", "initialiseD\n", "unfinished", "unfinished\nx", "xyz"}) {
    const StoreOnDisk store;
    store.write("aftersync.state", text);
    expect_refused(store, Code::corruption,
                   "aftersync.state: expected 'initialised' or 'unfinished', found '");
  }
}

}  // namespace
}  // namespace aftersync::storage
