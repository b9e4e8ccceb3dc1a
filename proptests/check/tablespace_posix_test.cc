// aftersync-check tablespace: no damage goes unnoticed, each is named with its place, and what is
// sound is left in peace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/base/coding.h"
#include "core/base/prng.h"
#include "core/storage/doublewrite_format.h"
#include "core/storage/index_page_format.h"
#include "core/storage/overflow_format.h"
#include "core/storage/page_format.h"
#include "core/storage/space_format.h"
#include "core/storage/tree_cursor.h"
#include "core/storage/undo_format.h"
#include "proptests/check/data_directory.h"
#include "proptests/check/tablespace_check.h"
#include "proptests/support/store_on_disk_posix.h"

namespace aftersync::check {
namespace {

using storage::kPageBytes;
using storage::PageType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kLeft = "tables/16.ibd";
constexpr const char* kRight = "tables/17.ibd";

TablespaceReport check(const StoreOnDisk& store) {
  auto report =
      check_tablespaces(store.directory(), DataDirectory(store.directory()).tablespaces());
  CHECK_OK(report);
  return *report;
}

auto of_type(PageType type) {
  return [type](const char* page) { return storage::type_of(page) == type; };
}
auto of_level(bool is_leaf) {
  return [is_leaf](const char* page) {
    return storage::type_of(page) == PageType::index &&
           (load_be<uint16_t>(page + storage::index_format::kLevelAt) == 0) == is_leaf &&
           load_be<uint16_t>(page + storage::index_format::kSlotsAt) > 2;
  };
}

// One of each kind.
struct Kind {
  const char* name;
  const char* file;
  std::function<bool(const char*)> is_it;
};
const Kind kKinds[] = {
    {"space header", kLeft, of_type(PageType::space_header)},
    {"segments", kLeft, of_type(PageType::segments)},
    {"leaf", kLeft, of_level(true)},
    {"inner node", kLeft, of_level(false)},
    {"overflow", kLeft, of_type(PageType::overflow)},
    {"undo", "undo.ibd", of_type(PageType::undo)},
    {"undo directory", "undo.ibd", of_type(PageType::undo_header)},
    {"system", "system.ibd", of_type(PageType::system)},
};

TEST(Tablespace, SoundFilesYieldNothing) {
  const StoreOnDisk store;
  const auto before = store.contents();
  const TablespaceReport report = check(store);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(report.files, 4u);
  EXPECT_EQ(report.pages * kPageBytes, before.at("system.ibd").size() +
                                           before.at("undo.ibd").size() + before.at(kLeft).size() +
                                           before.at(kRight).size());
  EXPECT_EQ(store.contents(), before);
}

TEST(Tablespace, AFileAloneIsJudgedByItself) {
  const StoreOnDisk store;
  const auto report = check_tablespaces("", {store.path(kLeft)});
  CHECK_OK(report);
  EXPECT_THAT(report->findings, IsEmpty());
  EXPECT_THAT(report->notes, ElementsAre(HasSubstr("no redo log"), HasSubstr("no system.ibd")));
}

TEST(Tablespace, EveryFlippedBitIsReportedWithItsPage) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Prng prng(seed);
  const StoreOnDisk store;
  for (const Kind& kind : kKinds) {
    const uint32_t page = store.find_page(kind.file, kind.is_it);
    const std::string original = store.read(kind.file).substr(page * kPageBytes, kPageBytes);
    std::vector<size_t> places = {0, 4, 8, 12, 13, 14, 16, 24, 28, 32, kPageBytes - 1};
    for (int i = 0; i < 6; ++i) places.push_back(prng.below(kPageBytes));
    for (const size_t at : places) {
      const char flipped = static_cast<char>(original[at] ^ (1 << prng.below(8)));
      store.patch(kind.file, page, at, std::string(1, flipped), false);
      const auto report = check_tablespaces(store.directory(), {store.path(kind.file)});
      CHECK_OK(report);
      ASSERT_THAT(report->findings,
                  Contains(HasSubstr(std::string(kind.file) + " page " + std::to_string(page) +
                                     ": checksum: expected 0x")))
          << kind.name << ", byte " << at;
      store.patch(kind.file, page, at, std::string(1, original[at]), false);
    }
  }
  EXPECT_THAT(check(store).findings, IsEmpty());
}

// Damage that has a right checksum: only what pages say of one another can tell.
struct Lie {
  Kind kind;
  size_t offset;
  std::string bytes;
  std::string finding;
};

std::vector<Lie> lies() {
  namespace s = storage::space_format;
  namespace i = storage::index_format;
  const Kind& header = kKinds[0];
  const Kind& segments = kKinds[1];
  const Kind& leaf = kKinds[2];
  const Kind& overflow = kKinds[4];
  const Kind& undo = kKinds[5];
  const Kind& directory = kKinds[6];
  const Kind& system = kKinds[7];
  return {
      {header, s::kSizePagesAt, be(uint32_t{1} << 20), "short file: expected 1048576 pages"},
      {header, s::kMagicAt, "X", "its magic number is missing"},
      {header, s::kVersionAt, be(uint32_t{0}), "tablespace format version: expected 1, found 0"},
      {header, s::kTouchedExtentsAt, be(uint32_t{0}), "extents touched"},
      {header, s::kFragmentPagesFreeAt, be(uint32_t{63}), "free fragment pages: expected"},
      {header, s::kFragmentListAt, be(s::kNoExtent), "expected"},
      {header, s::kDescriptorsAt + 16, be(uint64_t{7}), "expected"},
      {segments, s::kInodesAt + s::kInodePagesAt, be(uint32_t{5000}), "segment 0: pages: expected"},
      {segments, s::kInodesAt + s::kInodeFragmentPagesAt, be(uint32_t{1}),
       "page 1, of the ledger: other owners: expected 0, found 1"},
      {leaf, storage::kPageNextAt, be(uint32_t{2}), "next page 2, expected"},
      {leaf, storage::kPagePrevAt, be(uint32_t{2}), "previous page 2, expected"},
      {leaf, i::kIndexIdAt, be(uint64_t{4711}), "belongs to index 4711"},
      {leaf, i::kLevelAt, be(uint16_t{3}), "not a child pointer"},
      {leaf, i::kGarbageAt, be(uint16_t{9}), "of garbage"},
      {leaf, storage::kPageLsnAt, be(uint64_t{1} << 50), "lsn at its end: expected"},
      {leaf, storage::kPageVersionAt, std::string(1, '\0'),
       "format version of type index: expected 1, found 0"},
      {leaf, storage::kPageTypeAt, "\x05", "page type: expected index, found overflow"},
      {leaf, storage::kPageTypeAt, "\x63", "page type: expected a known one, found 99"},
      {leaf, storage::kPageNoAt, be(uint32_t{1}), "page number: expected"},
      {leaf, storage::kPageSpaceAt, be(uint32_t{17}), "space id: expected 16, found 17"},
      {overflow, storage::overflow_format::kPositionAt, be(uint32_t{1}), "not the part expected"},
      {overflow, storage::overflow_format::kBytesAt, "X", "checksum of the value"},
      {overflow, storage::kPageNextAt, be(uint32_t{2}), "expected overflow, found segments"},
      {undo, storage::undo_format::kStreamAt, be(uint32_t{900}), "stream: expected 0, found 900"},
      {undo, storage::undo_format::kEndAt, be(uint16_t{16'380}), "end of the records"},
      {undo, storage::undo_format::kRecordsAt, be(uint16_t{3}), "record lengths disagree"},
      {undo, storage::undo_format::kRecordsAt + 2, "\x09", "unknown kind of record"},
      {directory, storage::undo_format::kStreamCountAt, be(uint32_t{5000}), "streams, at most"},
      {directory, storage::undo_format::kStreamCountAt, be(uint32_t{0}),
       "pages of the undo segment: expected 1"},
      {system, storage::kPageBodyAt, "X", "its magic number is missing"},
      {system, storage::kPageBodyAt + 8, be(uint32_t{9}),
       "catalog format version: expected 1, found 9"},
  };
}

TEST(Tablespace, LiesWithARightChecksumAreReported) {
  for (const Lie& lie : lies()) {
    const StoreOnDisk store;
    const bool is_long_value = lie.kind.name == std::string_view("overflow");
    const uint32_t page = is_long_value ? store.find_long_value(lie.kind.file)
                                        : store.find_page(lie.kind.file, lie.kind.is_it);
    store.patch(lie.kind.file, page, lie.offset, lie.bytes, true);
    const TablespaceReport report = check(store);
    EXPECT_THAT(report.findings,
                Contains(testing::AllOf(HasSubstr(lie.kind.file), HasSubstr(lie.finding))))
        << lie.kind.name << ", offset " << lie.offset;
  }
}

TEST(Tablespace, FilesThatAreNotWhatTheirNamesSay) {
  const StoreOnDisk store;
  const std::string right = store.read(kRight);
  store.write(kLeft, right);
  EXPECT_THAT(check(store).findings,
              Contains("tables/16.ibd page 0: space id: expected 16, found 17"));
  store.write(kLeft, std::string(5 * kPageBytes, 'x'));
  EXPECT_THAT(check(store).findings, Contains(HasSubstr("tables/16.ibd page 4: checksum")));
  store.write(kLeft, std::string(5 * kPageBytes, '\0'));
  EXPECT_THAT(check(store).findings, Contains(HasSubstr("expected a space header, found zeroes")));
  store.write(kLeft, "");
  EXPECT_THAT(check(store).findings, Contains(HasSubstr("size: expected at least a page")));
}

TEST(Tablespace, FilesOfAnotherLength) {
  const StoreOnDisk store;
  const std::string whole = store.read(kLeft);
  store.write(kLeft, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(check(store).findings,
              Contains(HasSubstr("tables/16.ibd: short file: expected " +
                                 std::to_string(whole.size() / kPageBytes) + " pages, found ")));
  store.write(kLeft, whole + "tail");
  EXPECT_THAT(check(store).findings, Contains(HasSubstr("found 4 bytes behind page")));
}

TEST(Tablespace, ASecondaryIndexMustSayWhatTheRowsSay) {
  const StoreOnDisk store;
  const Status done = store.with_engine([](storage::Engine& engine) {
    auto table = engine.open_table("left");
    CHECK_OK(table);
    storage::TreeCursor cursor((*table)->tree(1));
    CHECK_OK(cursor.first());
    const std::string key(cursor.record().key);
    struct Erase final : storage::LeafChange {
      Result<Decision> decide(const storage::RecordView*, const storage::Frame&,
                              uint16_t) override {
        return Decision{Action::erase, {}, 0};
      }
      void finish(storage::Mtr&) override {}
    } erase;
    CHECK_OK((*table)->tree(1).modify(key, erase));
    CHECK_OK(engine.close());
  });
  CHECK_OK(done);
  const TablespaceReport report = check(store);
  EXPECT_THAT(report.findings,
              ElementsAre(HasSubstr("table 'left', index 'by_group': a row: expected the entry")));
}

TEST(Tablespace, AfterACrashOnlyPagesAreJudged) {
  const StoreOnDisk store;
  const Status done = store.with_engine([](storage::Engine& engine) {
    auto table = engine.open_table("left");
    CHECK_OK(table);
    storage::Transaction trx;
    for (int64_t id = 1000; id < 1200; ++id) {
      CHECK_OK(engine.insert(trx, **table, StoreOnDisk::row(id, 300)));
    }
    CHECK_OK(engine.commit(trx));
    CHECK_OK(engine.pages().pool().flush_all());
  });
  CHECK_OK(done);
  const TablespaceReport unclean = check(store);
  EXPECT_THAT(unclean.findings, IsEmpty());
  EXPECT_THAT(unclean.notes, ElementsAre(HasSubstr("trees, space and undo are not judged")));
  // A page of the last batch may be torn: the doublewrite file has it. No other may.
  const std::string copies = store.read("doublewrite.dblwr");
  const char* const entry = copies.data() + storage::doublewrite_format::kEntriesAt;
  const std::string file = storage::space_path(SpaceId(load_be<uint32_t>(entry)));
  store.patch(file, load_be<uint32_t>(entry + 4), 9000, "torn", false);
  const TablespaceReport torn = check(store);
  EXPECT_THAT(torn.findings, IsEmpty());
  EXPECT_THAT(torn.notes, Contains(HasSubstr("restores it from doublewrite.dblwr")));
  store.patch("system.ibd", 1, 9000, "torn", false);
  EXPECT_THAT(check(store).findings, ElementsAre(HasSubstr("system.ibd page 1: checksum")));
}

}  // namespace
}  // namespace aftersync::check
