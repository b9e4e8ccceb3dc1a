// File: bytes at offsets, to the end and beyond it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/base/prng.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

File open_new(Node& node, std::string_view path) {
  auto file = node.disk().open(path, OpenMode::create_new);
  CHECK_OK(file);
  return *std::move(file);
}

// What is read at `offset` with room for `size` bytes.
std::string read(File& file, uint64_t offset, size_t size) {
  std::string bytes(size, '?');
  const auto got = file.read(offset, bytes);
  if (!got.ok()) return got.status().to_string();
  EXPECT_LE(*got, size);
  EXPECT_EQ(bytes.substr(*got), std::string(size - *got, '?')) << "touched beyond what it read";
  return bytes.substr(0, *got);
}

TEST(FileContract, WhatIsWrittenIsRead) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_EQ(file.path(), "a");
    EXPECT_EQ(*file.size(), 0u);
    EXPECT_TRUE(file.write(0, "hello world").ok());
    EXPECT_EQ(read(file, 0, 11), "hello world");
    EXPECT_EQ(read(file, 6, 3), "wor");
    EXPECT_TRUE(file.write(6, "W").ok());
    EXPECT_EQ(read(file, 0, 11), "hello World");
    EXPECT_EQ(*file.size(), 11u);
  });
}

TEST(FileContract, ReadsEndWhereTheFileEnds) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_EQ(read(file, 0, 4), "");
    EXPECT_TRUE(file.write(0, "12345").ok());
    EXPECT_EQ(read(file, 3, 4), "45");
    EXPECT_EQ(read(file, 5, 4), "");
    EXPECT_EQ(read(file, 1'000'000, 4), "");
    EXPECT_EQ(read(file, 0, 0), "");
    EXPECT_EQ(read(file, 9, 0), "");
  });
}

TEST(FileContract, ReadExactlyCallsAShortFileCorrupt) {
  run_on_node([](Node& node) {
    File file = open_new(node, "some-file");
    EXPECT_TRUE(file.write(0, "12345").ok());
    std::string bytes(5, '\0');
    EXPECT_TRUE(file.read_exactly(0, bytes).ok());
    EXPECT_EQ(bytes, "12345");
    const Status status = file.read_exactly(3, bytes);
    EXPECT_EQ(status.code(), Code::corruption);
    EXPECT_THAT(std::string(status.message()), HasSubstr("short file"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("some-file"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("3"));
    EXPECT_TRUE(file.read_exactly(77, {}).ok());
  });
}

TEST(FileContract, AWriteBeyondTheEndFillsWithZeroes) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_TRUE(file.write(0, "ab").ok());
    EXPECT_TRUE(file.write(5, "cd").ok());
    EXPECT_EQ(read(file, 0, 10), "ab\0\0\0cd"s);
    EXPECT_EQ(*file.size(), 7u);
  });
}

TEST(FileContract, NothingWrittenChangesNothing) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_TRUE(file.write(100, "").ok());
    EXPECT_TRUE(file.append("").ok());
    EXPECT_EQ(*file.size(), 0u);
  });
}

TEST(FileContract, AppendsGoToTheEnd) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_TRUE(file.append("one").ok());
    EXPECT_TRUE(file.append("two").ok());
    EXPECT_TRUE(file.write(8, "x").ok());
    EXPECT_TRUE(file.append("end").ok());
    EXPECT_EQ(read(file, 0, 99), "onetwo\0\0xend"s);
    EXPECT_TRUE(file.truncate(3).ok());
    EXPECT_TRUE(file.append("!").ok());
    EXPECT_EQ(read(file, 0, 99), "one!");
    auto again = node.disk().open("a", OpenMode::write);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->append("?").ok());
    EXPECT_TRUE(file.append(".").ok());
    EXPECT_EQ(read(file, 0, 99), "one!?.");
  });
}

TEST(FileContract, TruncateCutsAndExtendsWithZeroes) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_TRUE(file.write(0, "123456").ok());
    EXPECT_TRUE(file.truncate(2).ok());
    EXPECT_EQ(read(file, 0, 9), "12");
    EXPECT_TRUE(file.truncate(5).ok());
    EXPECT_EQ(read(file, 0, 9), "12\0\0\0"s);  // what was cut off does not come back
    EXPECT_TRUE(file.truncate(5).ok());
    EXPECT_EQ(*file.size(), 5u);
    EXPECT_TRUE(file.truncate(0).ok());
    EXPECT_EQ(*file.size(), 0u);
  });
}

TEST(FileContract, HandlesOfOneFileSeeTheSameBytes) {
  run_on_node([](Node& node) {
    File first = open_new(node, "a");
    auto second = node.disk().open("a", OpenMode::read);
    ASSERT_TRUE(second.ok());
    EXPECT_TRUE(first.write(0, "abc").ok());
    EXPECT_EQ(read(*second, 0, 9), "abc");
    EXPECT_TRUE(first.truncate(1).ok());
    EXPECT_EQ(*second->size(), 1u);
    EXPECT_TRUE(second->sync_data().ok());
  });
}

TEST(FileContract, AnOpenFileOutlivesItsName) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    EXPECT_TRUE(file.write(0, "one").ok());
    EXPECT_TRUE(node.disk().rename("a", "b").ok());
    EXPECT_TRUE(file.append("two").ok());
    EXPECT_TRUE(node.disk().remove("b").ok());
    EXPECT_TRUE(file.append("three").ok());
    EXPECT_EQ(read(file, 0, 99), "onetwothree");
    EXPECT_TRUE(file.sync_data().ok());
    File other = open_new(node, "a");
    EXPECT_EQ(*other.size(), 0u);
    EXPECT_TRUE(other.write(0, "new").ok());
    EXPECT_TRUE(node.disk().rename("a", "c").ok());
    EXPECT_EQ(read(file, 0, 99), "onetwothree");
  });
}

TEST(FileContract, ARenameOverAnOpenFileLeavesItAlone) {
  run_on_node([](Node& node) {
    File before = open_new(node, "a");
    EXPECT_TRUE(before.write(0, "before").ok());
    File after = open_new(node, "a.new");
    EXPECT_TRUE(after.write(0, "after").ok());
    EXPECT_TRUE(node.disk().rename("a.new", "a").ok());
    EXPECT_EQ(read(before, 0, 99), "before");
    auto reopened = node.disk().open("a", OpenMode::read);
    ASSERT_TRUE(reopened.ok());
    EXPECT_EQ(read(*reopened, 0, 99), "after");
  });
}

TEST(FileContract, ImpossibleRangesAreRefused) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
    std::string bytes(8, '\0');
    EXPECT_EQ(file.read(kMax, bytes).code(), Code::invalid_argument);
    EXPECT_EQ(file.read(kMax / 2, bytes).code(), Code::invalid_argument);
    EXPECT_EQ(file.write(kMax - 3, bytes).code(), Code::invalid_argument);
    EXPECT_EQ(file.truncate(kMax).code(), Code::invalid_argument);
    EXPECT_EQ(*file.size(), 0u);
  });
}

TEST(FileContract, LargeTransfersAreComplete) {
  run_on_node([](Node& node) {
    File file = open_new(node, "a");
    std::string bytes(1'000'003, '\0');
    Prng prng(1);
    for (char& c : bytes) c = static_cast<char>(prng.next());
    EXPECT_TRUE(file.write(777, bytes).ok());
    EXPECT_TRUE(read(file, 777, bytes.size()) == bytes);
    EXPECT_EQ(*file.size(), 777 + bytes.size());
  });
}

TEST(FileContract, TasksWriteTheirOwnRangesInParallel) {
  run_on_node([](Node& node) {
    constexpr size_t kBlock = 700;  // not a multiple of any sector or page
    File file = open_new(node, "a");
    in_tasks(node, 4, [&](size_t self) {
      const std::string mine(kBlock, static_cast<char>('a' + self));
      for (size_t block = self; block < 40; block += 4) {
        EXPECT_TRUE(file.write(block * kBlock, mine).ok());
        EXPECT_EQ(read(file, block * kBlock, kBlock), mine);
      }
    });
    for (size_t block = 0; block < 40; ++block) {
      EXPECT_EQ(read(file, block * kBlock, kBlock),
                std::string(kBlock, static_cast<char>('a' + block % 4)));
    }
  });
}

// A string is all that a file is; every sequence of operations must leave them equal.
TEST(FileContract, BehavesLikeAString) {
  run_on_node([](Node& node) {
    Prng prng(7);
    File file = open_new(node, "a");
    std::string model;
    for (int step = 0; step < 400; ++step) {
      const size_t offset = prng.below(5000);
      const std::string bytes(prng.below(1500), static_cast<char>('a' + step % 26));
      const uint64_t kind = prng.below(8);
      if (kind < 3) {
        ASSERT_TRUE(file.write(offset, bytes).ok());
        if (!bytes.empty()) model.resize(std::max(model.size(), offset + bytes.size()));
        model.replace(std::min(offset, model.size()), bytes.size(), bytes);
      } else if (kind < 4) {
        ASSERT_TRUE(file.append(bytes).ok());
        model += bytes;
      } else if (kind < 5) {
        ASSERT_TRUE(file.truncate(offset).ok());
        model.resize(offset);
      } else if (kind < 6) {
        ASSERT_TRUE(file.sync_data().ok());
      } else {
        const std::string expected =
            offset < model.size() ? model.substr(offset, bytes.size()) : std::string();
        ASSERT_EQ(read(file, offset, bytes.size()), expected);
      }
      ASSERT_EQ(*file.size(), model.size()) << "step " << step;
    }
    EXPECT_EQ(read(file, 0, model.size() + 1), model);
  });
}

}  // namespace
}  // namespace aftersync
