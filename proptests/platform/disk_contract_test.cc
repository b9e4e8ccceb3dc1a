// Disk: the names in a data directory.
//
// What survives a crash is not tested here: a real process cannot cut its own power. See the
// simulator's own tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void put(Node& node, std::string_view path, std::string_view bytes) {
  auto file = node.disk().open(path, OpenMode::create);
  ASSERT_TRUE(file.ok()) << file.status().to_string();
  EXPECT_TRUE(file->truncate(0).ok());
  EXPECT_TRUE(file->write(0, bytes).ok());
}

std::string get(Node& node, std::string_view path) {
  auto file = node.disk().open(path, OpenMode::read);
  if (!file.ok()) return file.status().to_string();
  std::string bytes(*file->size(), '\0');
  EXPECT_TRUE(file->read_exactly(0, bytes).ok());
  return bytes;
}

TEST(DiskContract, ModesDecideWhatMustExist) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_EQ(disk.open("a", OpenMode::read).code(), Code::not_found);
    EXPECT_EQ(disk.open("a", OpenMode::write).code(), Code::not_found);
    EXPECT_EQ(disk.open("no/a", OpenMode::create).code(), Code::not_found);
    EXPECT_EQ(disk.open("no/a", OpenMode::create_new).code(), Code::not_found);
    EXPECT_TRUE(disk.open("a", OpenMode::create_new).ok());
    EXPECT_EQ(disk.open("a", OpenMode::create_new).code(), Code::already_exists);
    put(node, "a", "bytes");
    EXPECT_TRUE(disk.open("a", OpenMode::create).ok());
    EXPECT_TRUE(disk.open("a", OpenMode::write).ok());
    EXPECT_EQ(get(node, "a"), "bytes");
  });
}

TEST(DiskContract, AFileOpenedForReadingRefusesWrites) {
  run_on_node([](Node& node) {
    put(node, "a", "bytes");
    auto file = node.disk().open("a", OpenMode::read);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->write(0, "x").code(), Code::bad_state);
    EXPECT_EQ(file->append("x").code(), Code::bad_state);
    EXPECT_EQ(file->truncate(0).code(), Code::bad_state);
    EXPECT_EQ(get(node, "a"), "bytes");
  });
}

TEST(DiskContract, PathsStayBelowTheDataDirectory) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    using namespace std::string_view_literals;
    for (const std::string_view path : {""sv, "/"sv, "/etc/passwd"sv, ".."sv, "a/../b"sv, "../a"sv,
                                        "a/.."sv, "a//b"sv, "a/"sv, "./a"sv, "."sv, "a\0b"sv}) {
      EXPECT_EQ(disk.open(path, OpenMode::create).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.rename(path, "b").code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.rename("b", path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.remove(path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.make_directory(path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.remove_directory(path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.exists(path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.lock_file(path).code(), Code::invalid_argument) << path;
      if (path.empty()) continue;  // the data directory itself, to these two
      EXPECT_EQ(disk.list(path).code(), Code::invalid_argument) << path;
      EXPECT_EQ(disk.sync_directory(path).code(), Code::invalid_argument) << path;
    }
    EXPECT_THAT(*disk.list(""), IsEmpty());
  });
}

TEST(DiskContract, PathsHaveALimit) {
  run_on_node([](Node& node) {
    std::string path(200, 'a');
    path += "/" + std::string(200, 'b') + "/" + std::string(limits::kMaxPathBytes - 402, 'c');
    ASSERT_EQ(path.size(), limits::kMaxPathBytes);
    EXPECT_EQ(node.disk().open(path, OpenMode::read).code(), Code::not_found);
    EXPECT_EQ(node.disk().open(path + "c", OpenMode::read).code(), Code::too_large);
    EXPECT_EQ(node.disk().make_directory(path + "c").code(), Code::too_large);
  });
}

TEST(DiskContract, NamesMayHoldAnyOtherByte) {
  run_on_node([](Node& node) {
    for (const std::string name : {"...", "a b", "\xc3\xa9", "#sql-1", "a\nb", "*", "-"}) {
      put(node, name, name);
      EXPECT_EQ(get(node, name), name);
      EXPECT_TRUE(node.disk().remove(name).ok());
    }
    EXPECT_THAT(*node.disk().list(""), IsEmpty());
  });
}

TEST(DiskContract, ListIsSortedAndMarksDirectories) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_THAT(*disk.list(""), IsEmpty());
    put(node, "b", "");
    put(node, "a10", "");
    put(node, "a9", "");
    EXPECT_TRUE(disk.make_directory("a").ok());
    EXPECT_TRUE(disk.make_directory("a/deep").ok());
    put(node, "a/file", "");
    EXPECT_THAT(*disk.list(""), ElementsAre("a/", "a10", "a9", "b"));
    EXPECT_THAT(*disk.list("a"), ElementsAre("deep/", "file"));
    EXPECT_THAT(*disk.list("a/deep"), IsEmpty());
    EXPECT_EQ(disk.list("no").code(), Code::not_found);
    EXPECT_EQ(disk.list("b").code(), Code::bad_state);
  });
}

TEST(DiskContract, ExistsKnowsFilesAndDirectories) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_FALSE(*disk.exists("a"));
    put(node, "a", "");
    EXPECT_TRUE(*disk.exists("a"));
    EXPECT_FALSE(*disk.exists("a/b"));
    EXPECT_FALSE(*disk.exists("no/b"));
    EXPECT_TRUE(disk.make_directory("d").ok());
    EXPECT_TRUE(*disk.exists("d"));
    EXPECT_TRUE(disk.remove("a").ok());
    EXPECT_FALSE(*disk.exists("a"));
  });
}

TEST(DiskContract, RenameMovesAndReplaces) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    put(node, "a", "one");
    put(node, "b", "two");
    EXPECT_TRUE(disk.rename("a", "c").ok());
    EXPECT_EQ(get(node, "c"), "one");
    EXPECT_FALSE(*disk.exists("a"));
    EXPECT_TRUE(disk.rename("c", "b").ok());
    EXPECT_EQ(get(node, "b"), "one");
    EXPECT_TRUE(disk.make_directory("d").ok());
    EXPECT_TRUE(disk.rename("b", "d/e").ok());
    EXPECT_EQ(get(node, "d/e"), "one");
    EXPECT_THAT(*disk.list(""), ElementsAre("d/"));
    EXPECT_EQ(disk.rename("a", "b").code(), Code::not_found);
    EXPECT_EQ(disk.rename("d/e", "no/e").code(), Code::not_found);
    EXPECT_EQ(get(node, "d/e"), "one");
  });
}

TEST(DiskContract, RenameMovesDirectoriesWithWhatIsInThem) {
  run_on_node([](Node& node) {
    EXPECT_TRUE(node.disk().make_directory("d").ok());
    put(node, "d/a", "one");
    EXPECT_TRUE(node.disk().rename("d", "e").ok());
    EXPECT_EQ(get(node, "e/a"), "one");
    EXPECT_THAT(*node.disk().list(""), ElementsAre("e/"));
  });
}

TEST(DiskContract, RemoveTakesFilesAndRemoveDirectoryEmptyDirectories) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_EQ(disk.remove("a").code(), Code::not_found);
    EXPECT_EQ(disk.remove_directory("d").code(), Code::not_found);
    EXPECT_TRUE(disk.make_directory("d").ok());
    EXPECT_EQ(disk.make_directory("d").code(), Code::already_exists);
    EXPECT_EQ(disk.make_directory("no/d").code(), Code::not_found);
    put(node, "d/a", "");
    EXPECT_EQ(disk.make_directory("d/a").code(), Code::already_exists);
    EXPECT_EQ(disk.remove_directory("d").code(), Code::bad_state);
    EXPECT_EQ(disk.remove_directory("d/a").code(), Code::bad_state);
    EXPECT_EQ(disk.remove("d").code(), Code::bad_state);
    EXPECT_TRUE(disk.remove("d/a").ok());
    EXPECT_TRUE(disk.remove_directory("d").ok());
    EXPECT_THAT(*disk.list(""), IsEmpty());
  });
}

TEST(DiskContract, ADirectoryIsNoFile) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_TRUE(disk.make_directory("d").ok());
    EXPECT_EQ(disk.open("d", OpenMode::read).code(), Code::bad_state);
    EXPECT_EQ(disk.open("d", OpenMode::write).code(), Code::bad_state);
    EXPECT_EQ(disk.open("d", OpenMode::create).code(), Code::bad_state);
    EXPECT_EQ(disk.open("d", OpenMode::create_new).code(), Code::already_exists);
    put(node, "a", "");
    EXPECT_EQ(disk.open("a/b", OpenMode::create).code(), Code::bad_state);
    EXPECT_EQ(disk.sync_directory("a").code(), Code::bad_state);
  });
}

TEST(DiskContract, SyncsSucceedOnWhatExists) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    EXPECT_TRUE(disk.make_directory("d").ok());
    auto file = disk.open("d/a", OpenMode::create);
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(file->sync_data().ok());
    EXPECT_TRUE(file->append("bytes").ok());
    EXPECT_TRUE(file->sync_data().ok());
    EXPECT_TRUE(disk.sync_directory("").ok());
    EXPECT_TRUE(disk.sync_directory("d").ok());
    EXPECT_EQ(disk.sync_directory("no").code(), Code::not_found);
    EXPECT_EQ(get(node, "d/a"), "bytes");
    auto reader = disk.open("d/a", OpenMode::read);
    ASSERT_TRUE(reader.ok());
    EXPECT_TRUE(reader->sync_data().ok());
  });
}

TEST(DiskContract, MessagesNameOperationAndPath) {
  run_on_node([](Node& node) {
    Disk& disk = node.disk();
    const std::string text = disk.open("some/file", OpenMode::read).status().to_string();
    EXPECT_THAT(text, HasSubstr("open"));
    EXPECT_THAT(text, HasSubstr("some/file"));
    const std::string rename = disk.rename("from-here", "to-there").to_string();
    EXPECT_THAT(rename, HasSubstr("rename"));
    EXPECT_THAT(rename, HasSubstr("from-here"));
    EXPECT_THAT(rename, HasSubstr("to-there"));
  });
}

TEST(DiskContract, ALockedFileIsLockedForOthers) {
  run_on_node([](Node& node) {
    {
      auto lock = node.disk().lock_file("lock");
      ASSERT_TRUE(lock.ok()) << lock.status().to_string();
      const auto second = node.disk().lock_file("lock");
      EXPECT_EQ(second.code(), Code::unavailable);
      EXPECT_THAT(second.status().to_string(), HasSubstr("lock"));
      EXPECT_TRUE(node.disk().lock_file("other").ok());
      FileLock moved = *std::move(lock);
      EXPECT_EQ(node.disk().lock_file("lock").code(), Code::unavailable);
    }
    EXPECT_TRUE(*node.disk().exists("lock"));
    EXPECT_TRUE(node.disk().lock_file("lock").ok());
    EXPECT_EQ(node.disk().lock_file("no/lock").code(), Code::not_found);
  });
}

TEST(DiskContract, NodesHaveTheirOwnDisks) {
  run_on_nodes({
      [](Node& node) {
        put(node, "a", "first");
        EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
        EXPECT_EQ(get(node, "a"), "first");
      },
      [](Node& node) {
        put(node, "a", "second");
        EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
        EXPECT_EQ(get(node, "a"), "second");
      },
  });
}

}  // namespace
}  // namespace aftersync
