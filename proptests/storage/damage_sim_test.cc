// Bit rot: one flipped bit anywhere in a data directory. Whatever it hits is repaired, or makes no
// difference, or is refused with file, page, what was expected and what was found; nothing is ever
// answered wrong, the damaged bytes stay as they are for whoever wants to look, and other tables
// stay usable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/log/redo_format.h"
#include "core/storage/doublewrite_format.h"
#include "core/storage/engine.h"
#include "core/storage/index_page_format.h"
#include "core/storage/page_check.h"
#include "core/storage/tree_check.h"
#include "core/storage/tree_cursor.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"

namespace aftersync::storage {
namespace {

using Files = std::map<std::string, std::string>;

constexpr const char* kVictim = "tables/16.ibd";
constexpr uint64_t kVictimRows = 160;
constexpr uint64_t kOtherRows = 5;

EngineOptions options() {
  EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 256;
  options.background_purge = false;
  return options;
}

sim::WorldOptions seeded(uint64_t seed) {
  sim::WorldOptions options;
  options.seed = seed;
  return options;
}

TableDef definition(std::string name) {
  TableDef def;
  def.name = std::move(name);
  ColumnDef id{"id", ColumnType::unsigned_integer, 8, Collation::binary, false};
  ColumnDef body{"body", ColumnType::bytes, 8, Collation::binary, true};
  ColumnDef tag{"tag", ColumnType::unsigned_integer, 8, Collation::binary, true};
  def.columns = {id, body, tag};
  IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.resize(1);
  IndexDef by_tag;
  by_tag.name = "by_tag";
  by_tag.parts.resize(1);
  by_tag.parts[0].column = 2;
  def.indexes = {primary, by_tag};
  return def;
}

// Long every twentieth time.
Row row_of(uint64_t id) {
  return {id, std::string(id % 20 == 7 ? 40'000 : 700, static_cast<char>('a' + id % 26)), id * 7};
}

std::string key_of(const Table& table, uint64_t id) {
  const auto key = Engine::primary_key(table, {id});
  CHECK_OK(key);
  return *key;
}

void fill(Engine& engine, const std::string& name, uint64_t rows) {
  const auto table = engine.create_table(definition(name));
  CHECK_OK(table);
  Transaction trx;
  for (uint64_t id = 0; id < rows; ++id) CHECK_OK(engine.insert(trx, **table, row_of(id)));
  CHECK_OK(engine.commit(trx));
}

// Two tables on disk, deleted rows that purge has not seen, and, unless `closed`, redo that is not
// in the pages and a transaction that has not ended.
void build(Node& node, bool closed, bool& is_built) {
  auto engine = Engine::open(node, options());
  CHECK_OK(engine);
  fill(**engine, "victim", kVictimRows + 20);
  fill(**engine, "other", kOtherRows);
  const auto table = (*engine)->open_table("victim");
  CHECK_OK(table);
  Transaction removing;
  for (uint64_t id = kVictimRows; id < kVictimRows + 20; ++id) {
    CHECK_OK((*engine)->remove(removing, **table, key_of(**table, id)));
  }
  CHECK_OK((*engine)->commit(removing));
  CHECK_OK((*engine)->pages().pool().flush_all());
  (*engine)->pages().cleaner().checkpoint();
  if (closed) {
    CHECK_OK((*engine)->close());
    is_built = true;
    return;
  }
  Transaction unfinished;
  for (uint64_t id = 0; id < 30; ++id) {
    Row row = row_of(id);
    row[1] = std::string(500, 'z');
    CHECK_OK((*engine)->update(unfinished, **table, key_of(**table, id), row));
  }
  (*engine)->pages().log().flush_to((*engine)->pages().log().end());
  is_built = true;
  while (true) (void)node.tasks().sleep_for(1s);  // until it is killed
}

Files files_of(sim::DiskImage& disk) {
  Files files;
  for (const std::string& path : disk.list()) {
    if (!path.ends_with('/')) files[path] = disk.read_file(path).value();
  }
  return files;
}

Files built(bool closed) {
  sim::World world(seeded(1));
  sim::Machine& server = world.add_machine("db");
  Files files;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    bool is_built = false;
    server.start([&](Node& own) { build(own, closed, is_built); });
    while (!is_built) (void)node.tasks().sleep_for(1ms);
    while (closed && server.running()) (void)node.tasks().sleep_for(1ms);
    server.kill();
    const sim::HostScope host;
    files = files_of(server.disk());
  });
  const sim::RunResult result = world.run();
  CHECK_EQ(result.violation, "");
  return files;
}

// What an engine makes of a data directory.
struct Verdict {
  std::string refused;         // to open; empty: it opened
  std::string victim_refused;  // some use of it
  std::string other_refused;
  std::string wrong;  // an answer that is not true
  Files after;
};

Status read_rows(Engine& engine, const std::string& name, uint64_t rows, std::string& wrong) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, engine.open_table(name));
  for (uint64_t id = 0; id < rows; ++id) {
    ASSIGN_OR_RETURN(const auto row, engine.get(*table, key_of(*table, id)));
    const sim::HostScope host;
    if (!row || *row != row_of(id)) wrong = name + ": row " + std::to_string(id);
  }
  for (size_t i = 0; i < table->indexes(); ++i) {
    ASSIGN_OR_RETURN(const TreeReport report, check_tree(engine.pages(), table->tree(i).root()));
    const sim::HostScope host;
    if (report.records - report.delete_marked != rows) wrong = name + ": index of another size";
  }
  return SpaceAllocator(engine.pages()).check(table->def().space);
}

void judge(Node& node, Verdict& verdict) {
  const auto keep = [](std::string& where, const Status& status) {
    const sim::HostScope host;
    if (!status.ok()) where = status.to_string();
  };
  auto engine = Engine::open(node, options());
  keep(verdict.refused, engine.status());
  if (!engine.ok()) return;
  keep(verdict.victim_refused, read_rows(**engine, "victim", kVictimRows, verdict.wrong));
  keep(verdict.other_refused, read_rows(**engine, "other", kOtherRows, verdict.wrong));
  const auto purged = (*engine)->purge(1000);
  if (verdict.victim_refused.empty()) keep(verdict.victim_refused, purged.status());
}

Verdict judged(const Files& files) {
  sim::World world(seeded(2));
  sim::Machine& server = world.add_machine("db");
  CHECK(server.disk().make_directory("tables") == Code::ok);
  CHECK(server.disk().sync_directory("", false) == Code::ok);
  for (const auto& [path, bytes] : files) server.disk().put_file(path, bytes);
  Verdict verdict;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    server.start([&](Node& own) { judge(own, verdict); });
    while (server.running()) (void)node.tasks().sleep_for(1ms);
    const sim::HostScope host;
    if (server.last_end() == sim::ProcessEnd::crashed) verdict.refused = server.crash_reason();
    verdict.after = files_of(server.disk());
  });
  const sim::RunResult result = world.run();
  if (!result.violation.empty()) verdict.wrong = result.violation;
  return verdict;
}

// Names file and page or offset, what was expected, what was found.
bool says_all(const std::string& message, const std::string& path) {
  const auto has = [&](const char* text) { return message.find(text) != std::string::npos; };
  return message.find(path) != std::string::npos && has("expected") && has("found");
}

// Where the pages of each kind stand in a file.
std::map<std::string, std::vector<uint64_t>> places_of(const std::string& bytes) {
  std::map<std::string, std::vector<uint64_t>> places;
  for (uint64_t at = 0; at + kPageBytes <= bytes.size(); at += kPageBytes) {
    const char* const page = bytes.data() + at;
    if (is_zero_page(page)) continue;
    std::string kind(to_string(type_of(page)));
    if (type_of(page) == PageType::index) {
      kind += load_be<uint16_t>(page + index_format::kLevelAt) == 0 ? " leaf" : " inner";
    }
    places[kind].push_back(at);
  }
  return places;
}

// Printed by whatever fails, because AFTERSYNC_DAMAGE_SEED brings it back.
uint64_t fresh_seed() {
  const char* const given = std::getenv("AFTERSYNC_DAMAGE_SEED");
  const uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  testing::Test::RecordProperty("seed", std::to_string(seed));
  std::printf("replay with AFTERSYNC_DAMAGE_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

// Whether the directory was closed in good order.
class Damage : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { before_ = built(GetParam()); }

  // Flips one bit, lets the engine see it, and checks the promise at the head of this file. Without
  // the copies of the last batch nothing can be repaired.
  void flip(const std::string& path, uint64_t offset, int bit, bool has_copies) {
    Files files = before_;
    if (!has_copies) files.at("doublewrite.dblwr").at(doublewrite_format::kEntriesAt) ^= 1;
    char& byte = files.at(path).at(offset);
    byte = static_cast<char>(byte ^ (1 << bit));
    const Verdict verdict = judged(files);
    const std::string where = path + " offset " + std::to_string(offset) + " (page " +
                              std::to_string(offset / kPageBytes) + ") bit " + std::to_string(bit);
    EXPECT_EQ(verdict.wrong, "") << where;
    for (const std::string& refused :
         {verdict.refused, verdict.victim_refused, verdict.other_refused}) {
      if (refused.empty()) continue;
      EXPECT_TRUE(says_all(refused, path)) << where << ": " << refused;
      EXPECT_EQ(verdict.after.at(path).at(offset), byte) << where << ": was touched";
    }
    if (path == kVictim) {
      EXPECT_EQ(verdict.refused + verdict.other_refused, "") << where;
    }
    if (!verdict.refused.empty() || !verdict.victim_refused.empty()) ++refused_;
    ++tried_;
  }

  // `tries` times at random in [from, to).
  void flip_within(const std::string& path, uint64_t from, uint64_t to, int tries,
                   bool has_copies = true) {
    for (int i = 0; i < tries && !HasFailure(); ++i) {
      flip(path, from + prng_.below(to - from), static_cast<int>(prng_.below(8)), has_copies);
    }
  }

  Files before_;
  const uint64_t seed_ = fresh_seed();
  Prng prng_{seed_};
  uint64_t tried_ = 0;
  uint64_t refused_ = 0;  // and not repaired, nor without a meaning
};

TEST_P(Damage, AnUndamagedDirectoryIsWhatItShouldBe) {
  const Verdict verdict = judged(before_);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_EQ(verdict.refused + verdict.victim_refused + verdict.other_refused, "");
}

TEST_P(Damage, InAPageOfEveryKind) {
  std::set<std::string> kinds;
  for (const auto& [path, bytes] : before_) {
    if (!path.ends_with(".ibd")) continue;
    for (const auto& [kind, places] : places_of(bytes)) {
      kinds.insert(kind);
      const uint64_t at = places[prng_.below(places.size())];
      flip_within(path, at, at + kPageBytes, 1, true);
      flip_within(path, at, at + kPageBytes, 1, false);
    }
  }
  EXPECT_THAT(kinds, testing::IsSupersetOf({"space header", "segments", "index leaf", "index inner",
                                            "overflow", "undo", "undo header", "system"}));
  EXPECT_GT(refused_, tried_ / 4) << "seed " << seed_;
}

TEST_P(Damage, OutsideOfPages) {
  using doublewrite_format::kHeaderBytes;
  flip_within("redo_0.log", 0, redo::kFileHeaderBytes, 3);
  flip_within("redo_1.log", 0, 64, 2);
  flip_within("redo_0.log", redo::kFileHeaderBytes, redo::kFileHeaderBytes + 200'000, 6);
  flip_within("doublewrite.dblwr", 0, kHeaderBytes, 4);
  flip_within("doublewrite.dblwr", kHeaderBytes, kHeaderBytes + 20 * kPageBytes, 4);
  flip_within("aftersync.state", 0, before_.at("aftersync.state").size(), 4);
}

INSTANTIATE_TEST_SUITE_P(Closed, Damage, testing::Bool(), [](const auto& param) {
  return std::string(param.param ? "InGoodOrder" : "ByAKill");
});

}  // namespace
}  // namespace aftersync::storage
