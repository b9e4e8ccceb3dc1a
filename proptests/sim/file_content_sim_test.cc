// The two images of one file: every shape that a power loss may leave is left by some seed, and
// none that it may not.
#include "faults/sim/file_content.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "proptests/sim/disk_model.h"

namespace aftersync::sim {
namespace {

constexpr size_t kSector = 512;

FileContent file_of(const std::string& synced) {
  FileContent content;
  content.write(0, synced, nullptr);
  content.sync();
  return content;
}

std::string sectors(const std::string& letters) {
  std::string bytes;
  for (const char c : letters) bytes += std::string(kSector, c);
  return bytes;
}

// One letter a sector, '*' where a sector is not all the same.
std::string letters_of(const std::string& bytes) {
  std::string letters;
  for (size_t at = 0; at < bytes.size(); at += kSector) {
    const std::string sector = bytes.substr(at, kSector);
    const bool uniform = sector.find_first_not_of(sector[0]) == std::string::npos;
    letters += uniform ? (sector[0] == '\0' ? '0' : sector[0]) : '*';
  }
  return letters;
}

TEST(FileContent, ReadsWhatWasWritten) {
  FileContent content;
  content.write(1000, "abc", nullptr);
  char buffer[8] = {};
  EXPECT_EQ(content.size_bytes(), 1003u);
  EXPECT_EQ(content.read(998, buffer), 5u);
  EXPECT_EQ(std::string(buffer, 5), std::string("\0\0abc", 5));
  EXPECT_EQ(content.read(1003, buffer), 0u);
  EXPECT_EQ(content.durable(), "");
}

TEST(FileContent, APowerLossKeepsEverySubsetOfUnsyncedSectorsAndNothingElse) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    FileContent content = file_of(sectors("aaaa"));
    Prng prng(seed);
    content.write(0, sectors("bbbb"), &prng);
    content.power_loss(prng, true);
    EXPECT_EQ(content.cached(), content.durable());
    seen.insert(letters_of(content.cached()));
  }
  EXPECT_EQ(seen.size(), 16u);
  for (const std::string& letters : seen) {
    EXPECT_EQ(letters.size(), 4u);
    EXPECT_EQ(letters.find_first_not_of("ab"), std::string::npos) << letters;
  }
}

TEST(FileContent, AnOverwrittenVersionMayBeWhatIsOnTheDevice) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    FileContent content = file_of(sectors("a"));
    Prng prng(seed);
    content.write(0, sectors("b"), &prng);
    content.write(0, sectors("c"), &prng);
    content.power_loss(prng, true);
    ++seen[letters_of(content.cached())];
  }
  EXPECT_EQ(seen.size(), 3u);
  for (const char* version : {"a", "b", "c"}) EXPECT_GT(seen[version], 50) << version;
}

TEST(FileContent, WithoutTearingAPowerLossLeavesExactlyWhatWasSynced) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    FileContent content = file_of(sectors("aa"));
    Prng prng(seed);
    content.write(0, sectors("b"), nullptr);
    content.write(kSector * 2, sectors("c"), nullptr);
    content.power_loss(prng, false);
    EXPECT_EQ(letters_of(content.cached()), "aa");
  }
}

TEST(FileContent, SyncedBytesSurviveAnUnsyncedWriteToTheSameSector) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    FileContent content = file_of(std::string(100, 'a'));
    Prng prng(seed);
    content.write(100, std::string(100, 'b'), &prng);
    content.power_loss(prng, true);
    EXPECT_EQ(content.cached().substr(0, 100), std::string(100, 'a'));
    const std::string rest = content.cached().substr(100);
    EXPECT_TRUE(rest.empty() || rest == std::string(100, 'b') || rest == std::string(100, '\0'));
  }
}

TEST(FileContent, AnUnsyncedExtensionComesBackShorterOrWithZeroesInIt) {
  std::set<size_t> lengths;
  bool zeroes = false;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    FileContent content = file_of(std::string(1000, 'a'));
    Prng prng(seed);
    content.write(1000, std::string(1500, 'b'), &prng);
    content.power_loss(prng, true);
    const std::string& bytes = content.cached();
    lengths.insert(bytes.size());
    EXPECT_EQ(bytes.substr(0, 1000), std::string(1000, 'a'));
    zeroes = zeroes || bytes.find('\0') != std::string::npos;
  }
  EXPECT_EQ(lengths, (std::set<size_t>{1000, 1024, 1536, 2048, 2500}));
  EXPECT_TRUE(zeroes);
}

TEST(FileContent, AnUnsyncedTruncationHappenedOrNot) {
  std::set<size_t> lengths;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    FileContent content = file_of(sectors("abc"));
    Prng prng(seed);
    content.truncate(600, &prng);
    content.power_loss(prng, true);
    lengths.insert(content.size_bytes());
    EXPECT_EQ(letters_of(content.cached())[0], 'a');
    if (content.size_bytes() == 3 * kSector) {
      EXPECT_EQ(letters_of(content.cached())[2], 'c');
    }
  }
  EXPECT_EQ(lengths, (std::set<size_t>{600, 3 * kSector}));
}

TEST(FileContent, ATruncatedFileGrowsAgainWithZeroes) {
  FileContent content = file_of(sectors("ab"));
  content.truncate(0, nullptr);
  content.truncate(2 * kSector, nullptr);
  EXPECT_EQ(letters_of(content.cached()), "00");
  content.sync();
  EXPECT_EQ(letters_of(content.durable()), "00");
}

// Rebello et al., "Can Applications Recover from fsync Failures?", ATC 2020: after the error the
// pages are clean, read as written, and never reach the device.
TEST(FileContent, AFailedSyncDropsWhatItDidNotWriteAndARetryDoesNotBringItBack) {
  int dropped = 0;
  int written = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    FileContent content = file_of(sectors("aa"));
    Prng prng(seed);
    content.write(0, sectors("bb"), &prng);
    content.fail_sync(prng);
    EXPECT_EQ(letters_of(content.cached()), "bb");
    content.sync();  // reports success
    EXPECT_EQ(letters_of(content.cached()), "bb");
    content.power_loss(prng, true);
    for (const char c : letters_of(content.cached())) ++(c == 'a' ? dropped : written);
  }
  EXPECT_GT(dropped, 150);
  EXPECT_GT(written, 30);
}

TEST(FileContent, WhatAFailedSyncDroppedIsReadUntilItIsEvictedAndSavedByWritingItAgain) {
  int lost = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    FileContent content = file_of(sectors("aa"));
    Prng prng(seed);
    content.write(0, sectors("bb"), &prng);
    content.fail_sync(prng);
    content.write(kSector, "b", &prng);
    content.sync();
    EXPECT_EQ(letters_of(content.durable())[1], 'b');
    content.evict(0, 2 * kSector);
    EXPECT_EQ(content.cached(), content.durable());
    if (letters_of(content.cached()) == "ab") ++lost;
  }
  EXPECT_GT(lost, 20);
}

TEST(FileContent, AMisdirectedWriteHitsAnotherSectorAndLeavesItsOwnOld) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    FileContent content = file_of(sectors("abcd"));
    Prng prng(seed);
    content.write(kSector, sectors("x"), nullptr);
    ASSERT_TRUE(content.sync_misdirected(prng));
    EXPECT_EQ(letters_of(content.cached()), "axcd");
    const std::string device = letters_of(content.durable());
    EXPECT_TRUE(device == "xbcd" || device == "abxd" || device == "abcx") << device;
    content.evict(0, 4 * kSector);
    EXPECT_EQ(content.cached(), content.durable());
    EXPECT_TRUE(content.is_consistent());
  }
  FileContent clean = file_of(sectors("ab"));
  Prng prng(0);
  EXPECT_FALSE(clean.sync_misdirected(prng));
}

TEST(FileContent, RotFlipsOneBitOfTheDeviceAndShowsUnlessItWasWrittenSince) {
  FileContent content = file_of(sectors("ab"));
  content.write(0, "x", nullptr);
  content.rot(0, 0);
  EXPECT_EQ(content.cached()[0], 'x');
  EXPECT_EQ(content.durable()[0], 'a' ^ 1);
  content.rot(kSector, 7);
  EXPECT_EQ(content.cached()[kSector], static_cast<char>('b' ^ 0x80));
  EXPECT_EQ(content.durable()[kSector], static_cast<char>('b' ^ 0x80));
  content.rot(10 * kSector, 0);  // behind the end: nothing to flip
  EXPECT_TRUE(content.is_consistent());
}

// --- any sequence of operations ---

struct Step {
  enum Kind { write, truncate, sync, fail_sync, misdirect, evict, rot, power_loss } kind;
  uint64_t offset;
  uint64_t size_bytes;
  char fill;
};

[[maybe_unused]] void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kNames[] = {"write",     "truncate", "sync", "fail_sync",
                                    "misdirect", "evict",    "rot",  "power_loss"};
  out << kNames[step.kind] << '(' << step.offset << ", " << step.size_bytes << ", " << step.fill
      << ')';
}

rc::Gen<Step> any_step(std::initializer_list<Step::Kind> kinds) {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::elementOf(std::vector<Step::Kind>(kinds))),
      rc::gen::set(&Step::offset, rc::gen::inRange<uint64_t>(0, 2600)),
      rc::gen::set(&Step::size_bytes, rc::gen::inRange<uint64_t>(1, 1300)),
      rc::gen::set(&Step::fill, rc::gen::inRange<char>('a', 'z')));
}

void take(FileContent& content, const Step& step, Prng& prng) {
  switch (step.kind) {
    case Step::write:
      return content.write(step.offset, std::string(step.size_bytes, step.fill), &prng);
    case Step::truncate: return content.truncate(step.offset, &prng);
    case Step::sync: return content.sync();
    case Step::fail_sync: return content.fail_sync(prng);
    case Step::misdirect: (void)content.sync_misdirected(prng); return;
    case Step::evict: return content.evict(step.offset, step.size_bytes);
    case Step::rot: return content.rot(step.offset, step.fill % 8);
    case Step::power_loss: return content.power_loss(prng, true);
  }
}

RC_GTEST_PROP(FileContent, CleanSectorsAreTheSameInBothImagesWhateverHappens, (uint64_t seed)) {
  Prng prng(seed);
  FileContent content;
  const auto steps = *rc::gen::container<std::vector<Step>>(
      any_step({Step::write, Step::write, Step::truncate, Step::sync, Step::fail_sync,
                Step::misdirect, Step::evict, Step::rot, Step::power_loss}));
  for (const Step& step : steps) {
    take(content, step, prng);
    RC_ASSERT(content.is_consistent());
  }
}

RC_GTEST_PROP(FileContent, APowerLossLeavesWhatTheContractAllows, (uint64_t seed)) {
  Prng prng(seed);
  FileContent content;
  FileModel model;
  const auto steps = *rc::gen::container<std::vector<Step>>(
      any_step({Step::write, Step::write, Step::write, Step::truncate, Step::sync}));
  for (const Step& step : steps) {
    take(content, step, prng);
    if (step.kind == Step::write) model.write(step.offset, std::string(step.size_bytes, step.fill));
    if (step.kind == Step::truncate) model.truncate(step.offset);
    if (step.kind == Step::sync) model.sync();
    RC_ASSERT(content.cached() == model.cached());
    FileContent copy = content;
    copy.power_loss(prng, true);
    RC_ASSERT(model.allows_after_power_loss(copy.cached()));
  }
}

}  // namespace
}  // namespace aftersync::sim
