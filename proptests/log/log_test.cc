// The redo log: what was appended and flushed comes back, whole and in order; damage is told from
// an end; one sync serves many.
#include "core/log/log.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "core/base/prng.h"
#include "proptests/support/on_node.h"

namespace aftersync {
namespace {

LogOptions small_log() {
  LogOptions options;
  options.geometry = {.files = 3, .file_bytes = 512 * 1024};
  options.buffer_bytes = 1024 * 1024;
  return options;
}

struct Frame {
  Lsn start;
  Lsn end;
  std::string payload;
  friend bool operator==(const Frame&, const Frame&) = default;
};

std::unique_ptr<Log> open_log(Node& node, std::vector<Frame>& replayed) {
  auto log = Log::open(node, small_log(), true);
  CHECK_OK(log);
  replayed.clear();
  const auto scan = (*log)->replay([&](Lsn start, Lsn end, std::string_view payload) {
    replayed.push_back({start, end, std::string(payload)});
    return Status();
  });
  CHECK_OK(scan);
  CHECK_OK((*log)->start());
  return *std::move(log);
}

Frame append(Log& log, std::string payload) {
  CHECK_OK(log.reserve(Log::frame_bytes(payload.size())));
  const Log::Appended at = log.append(payload);
  log.unreserve(Log::frame_bytes(payload.size()));
  return {at.start, at.end, std::move(payload)};
}

std::string random_payload(Prng& prng) {
  const uint64_t size = prng.chance(0.1) ? prng.between(1, 40'000) : prng.between(1, 700);
  std::string payload(size, '\0');
  for (char& c : payload) c = static_cast<char>(prng.next());
  return payload;
}

TEST(Log, IsEmptyWhenNew) {
  on_node([](Node& node) {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    EXPECT_TRUE(replayed.empty());
    EXPECT_EQ(log->end(), redo::kFirstLsn);
    EXPECT_EQ(log->durable(), log->end());
  });
}

RC_GTEST_PROP(Log, GivesBackWhatWasFlushed, (uint64_t seed)) {
  on_node([&](Node& node) {
    Prng prng(seed);
    std::vector<Frame> expected;
    Lsn checkpoint = redo::kFirstLsn;
    for (int life = 0; life < 3; ++life) {
      std::vector<Frame> replayed;
      const auto log = open_log(node, replayed);
      RC_ASSERT(replayed == expected);
      for (uint64_t n = prng.below(80); n > 0; --n) {
        expected.push_back(append(*log, random_payload(prng)));
        if (prng.chance(0.03)) log->flush_to(expected.back().end);
        const uint64_t room = log->capacity() - log->used();
        if (prng.chance(0.02) || room < log->capacity() / 4) {
          log->flush_to(log->end());
          checkpoint = expected[prng.below(expected.size())].start;
          if (room < log->capacity() / 4) checkpoint = log->end();
          log->write_checkpoint(checkpoint);
          std::erase_if(expected, [&](const Frame& f) { return f.start < checkpoint; });
        }
      }
      log->flush_to(log->end());
    }
  });
}

TEST(Log, OneSyncServesManyWaiters) {
  on_node([](Node& node) {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    constexpr size_t kTasks = 16;
    constexpr size_t kEach = 200;
    std::vector<std::vector<Frame>> appended(kTasks);
    in_tasks(node, kTasks, [&](size_t i) {
      for (size_t n = 0; n < kEach; ++n) {
        appended[i].push_back(append(*log, std::to_string(i) + ":" + std::to_string(n)));
        log->flush_to(appended[i].back().end);
        CHECK(log->durable() >= appended[i].back().end);
      }
    });
    const LogStats stats = log->stats();
    EXPECT_EQ(stats.appends, kTasks * kEach);
    EXPECT_LE(stats.syncs, kTasks * kEach);
    RecordProperty("syncs", static_cast<int>(stats.syncs));
  });
}

TEST(Log, AReservationWaitsForACheckpoint) {
  on_node([](Node& node) {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    const std::string big(100'000, 'x');
    while (log->capacity() - log->used() >= 2 * big.size()) append(*log, big);
    log->flush_to(log->end());
    Event wanted;
    log->set_space_wanted([&] { wanted.set(); });
    Task helper = node.tasks().spawn("helper", [&] {
      wanted.wait();
      log->write_checkpoint(log->end());
    });
    CHECK_OK(log->reserve(3 * big.size()));
    log->unreserve(3 * big.size());
    helper.join();
    EXPECT_EQ(log->stats().reserve_waits, 1u);
  });
}

TEST(Log, AClosedLogRefusesReservationsThatWait) {
  on_node([](Node& node) {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    CHECK_OK(log->reserve(log->capacity()));
    log->close();
    EXPECT_EQ(log->reserve(1).code(), Code::shutdown);
    log->unreserve(log->capacity());
  });
}

TEST(Log, AStalledLogSaysWhyInsteadOfWaiting) {
  on_node([](Node& node) {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    CHECK_OK(log->reserve(log->capacity()));
    log->set_stalled({Code::no_space, "the device is full"});
    EXPECT_EQ(log->reserve(1).code(), Code::no_space);
    log->unreserve(log->capacity());
    CHECK_OK(log->reserve(1));
    log->unreserve(1);
  });
}

// Writes some frames, then lets `harm` at the files, then says what opening and replaying answers.
Status after_harm(Node& node, const std::function<void(Disk&, const std::vector<Frame>&)>& harm) {
  std::vector<Frame> frames;
  {
    std::vector<Frame> replayed;
    const auto log = open_log(node, replayed);
    for (int i = 0; i < 50; ++i) {
      frames.push_back(append(*log, std::string(100, static_cast<char>('a' + i % 26))));
      log->flush_to(frames.back().end);
    }
  }
  harm(node.disk(), frames);
  auto log = Log::open(node, small_log(), false);
  if (!log.ok()) return log.status();
  return (*log)->replay([](Lsn, Lsn, std::string_view) { return Status(); }).status();
}

void overwrite(Disk& disk, std::string_view path, uint64_t at, std::string_view bytes) {
  auto file = disk.open(path, OpenMode::write);
  CHECK_OK(file);
  CHECK_OK(file->write(at, bytes));
}

uint64_t offset_of_block(Lsn lsn) {
  return redo::kFileHeaderBytes + redo::block_of(lsn) * redo::kBlockBytes;
}

TEST(Log, TellsDamageFromAnEnd) {
  on_node([](Node& node) {
    const Status status = after_harm(node, [](Disk& disk, const std::vector<Frame>& frames) {
      overwrite(disk, "redo_0.log", offset_of_block(frames[20].start) + 100, "?");
    });
    EXPECT_EQ(status.code(), Code::corruption);
    EXPECT_NE(status.message().find(" block "), std::string::npos) << status.to_string();
  });
}

TEST(Log, ALostBlockThatWasDurableIsDamage) {
  on_node([](Node& node) {
    const Status status = after_harm(node, [](Disk& disk, const std::vector<Frame>& frames) {
      overwrite(disk, "redo_0.log", offset_of_block(frames[20].start),
                std::string(redo::kBlockBytes, '\0'));
    });
    EXPECT_EQ(status.code(), Code::corruption);
    EXPECT_NE(status.message().find("expected a full block"), std::string::npos)
        << status.to_string();
  });
}

TEST(Log, RefusesForeignOlderAndIncompleteFiles) {
  struct Case {
    const char* expected;
    Code code;
    std::function<void(Disk&)> harm;
  };
  const Case cases[] = {
      {"magic", Code::corruption, [](Disk& d) { overwrite(d, "redo_0.log", 0, "foreign!"); }},
      {"version", Code::unsupported,
       [](Disk& d) { overwrite(d, "redo_1.log", 8, std::string_view("\0\0\0\7", 4)); }},
      {"checksum", Code::corruption, [](Disk& d) { overwrite(d, "redo_2.log", 21, "x"); }},
      {"missing", Code::corruption, [](Disk& d) { CHECK_OK(d.remove("redo_2.log")); }},
      {"size", Code::corruption,
       [](Disk& d) {
         auto file = d.open("redo_1.log", OpenMode::write);
         CHECK_OK(file->truncate(200'000));
       }},
      {"checkpoint", Code::corruption,
       [](Disk& d) {
         overwrite(d, "redo_0.log", redo::kCheckpointAt[0], "x");
         overwrite(d, "redo_0.log", redo::kCheckpointAt[1], "x");
       }},
  };
  for (const Case& c : cases) {
    on_node([&](Node& node) {
      const Status status =
          after_harm(node, [&](Disk& disk, const std::vector<Frame>&) { c.harm(disk); });
      EXPECT_EQ(status.code(), c.code) << c.expected << ": " << status.to_string();
      EXPECT_NE(status.message().find(c.expected), std::string::npos) << status.to_string();
    });
  }
}

}  // namespace
}  // namespace aftersync
