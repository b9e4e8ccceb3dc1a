// Names: what each call does, and which of them a power loss may leave done.
#include "faults/sim/directory_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "proptests/sim/disk_model.h"

namespace aftersync::sim {
namespace {

std::string listing(const DirectoryTree& tree) {
  std::string text;
  tree.walk([&](const std::string& path, const Inode& inode) {
    text += (text.empty() ? "" : " ") + path + (inode.is_directory ? "/" : "");
  });
  return text;
}

// Creates a file that holds its own number, durably, so that it is known again under any name.
void create(DirectoryTree& tree, const std::string& path, int number = 0) {
  InodePtr inode;
  ASSERT_EQ(tree.create(path, false, inode), Code::ok);
  inode->content.write(0, std::to_string(number), nullptr);
  inode->content.sync();
}

void make_directory(DirectoryTree& tree, const std::string& path) {
  InodePtr inode;
  ASSERT_EQ(tree.create(path, true, inode), Code::ok);
}

// What power losses over many seeds leave of what `build` does.
std::set<std::string> outcomes(const std::function<void(DirectoryTree&)>& build) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    DirectoryTree tree;
    build(tree);
    Prng prng(seed);
    tree.power_loss(prng, true);
    seen.insert(listing(tree));
  }
  return seen;
}

using Outcomes = std::set<std::string>;

TEST(DirectoryTree, PathsAreRelativeAndPlain) {
  for (const char* good : {"a", "a/b.c", "..a", "a/...", "-"}) {
    EXPECT_EQ(DirectoryTree::check_path(good), Code::ok) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a"}) {
    EXPECT_EQ(DirectoryTree::check_path(bad), Code::invalid_argument) << bad;
  }
  EXPECT_EQ(DirectoryTree::check_path(std::string(512, 'a')), Code::ok);
  EXPECT_EQ(DirectoryTree::check_path(std::string(513, 'a')), Code::too_large);
}

TEST(DirectoryTree, CallsAnswerAsTheContractSays) {
  DirectoryTree tree;
  InodePtr inode;
  create(tree, "f");
  make_directory(tree, "d");
  create(tree, "d/x");
  EXPECT_EQ(tree.create("f", false, inode), Code::already_exists);
  EXPECT_EQ(tree.create("none/f", false, inode), Code::not_found);
  EXPECT_EQ(tree.create("f/g", false, inode), Code::bad_state);
  EXPECT_EQ(tree.create("f/g/h", false, inode), Code::bad_state);
  EXPECT_EQ(tree.remove("none", false), Code::not_found);
  EXPECT_EQ(tree.remove("d", false), Code::bad_state);
  EXPECT_EQ(tree.remove("f", true), Code::bad_state);
  EXPECT_EQ(tree.remove("d", true), Code::bad_state);  // not empty
  EXPECT_EQ(tree.rename("none", "g"), Code::not_found);
  EXPECT_EQ(tree.rename("f", "none/g"), Code::not_found);
  EXPECT_EQ(tree.rename("f", "d"), Code::bad_state);
  EXPECT_EQ(tree.rename("d", "f"), Code::bad_state);
  EXPECT_EQ(tree.rename("d", "d/e"), Code::invalid_argument);
  EXPECT_EQ(tree.sync("none"), Code::not_found);
  EXPECT_EQ(tree.sync("f"), Code::bad_state);
  EXPECT_EQ(tree.rename("f", "f"), Code::ok);
  EXPECT_EQ(tree.rename("f", "d/x"), Code::ok);  // replaces
  EXPECT_EQ(listing(tree), "d/ d/x");
  EXPECT_EQ(tree.remove("d/x", false), Code::ok);
  EXPECT_EQ(tree.remove("d", true), Code::ok);
  EXPECT_EQ(listing(tree), "");
}

TEST(DirectoryTree, ACreateIsDurableAfterASyncOfItsDirectory) {
  EXPECT_EQ(outcomes([](DirectoryTree& tree) { create(tree, "a"); }), (Outcomes{"", "a"}));
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              create(tree, "a");
              ASSERT_EQ(tree.sync(""), Code::ok);
              create(tree, "b");
            }),
            (Outcomes{"a", "a b"}));
}

TEST(DirectoryTree, ARenameIsAtomicAndReplaces) {
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              create(tree, "old");
              ASSERT_EQ(tree.sync(""), Code::ok);
              ASSERT_EQ(tree.rename("old", "new"), Code::ok);
            }),
            (Outcomes{"old", "new"}));
  for (uint64_t seed = 0; seed < 50; ++seed) {
    DirectoryTree tree;
    create(tree, "current", 1);
    create(tree, "temporary", 2);
    ASSERT_EQ(tree.sync(""), Code::ok);
    ASSERT_EQ(tree.rename("temporary", "current"), Code::ok);
    Prng prng(seed);
    tree.power_loss(prng, true);
    const std::string found = tree.find("current")->content.cached();
    EXPECT_EQ(found, listing(tree) == "current" ? "2" : "1");
  }
}

TEST(DirectoryTree, ARenameNeedsBothDirectoriesSynced) {
  const auto moved = [](std::initializer_list<const char*> synced) {
    return outcomes([synced](DirectoryTree& tree) {
      make_directory(tree, "a");
      make_directory(tree, "b");
      create(tree, "a/f");
      for (const char* directory : {"", "a", "b"}) ASSERT_EQ(tree.sync(directory), Code::ok);
      ASSERT_EQ(tree.rename("a/f", "b/f"), Code::ok);
      for (const char* directory : synced) ASSERT_EQ(tree.sync(directory), Code::ok);
    });
  };
  EXPECT_EQ(moved({}), (Outcomes{"a/ a/f b/", "a/ b/ b/f"}));
  EXPECT_EQ(moved({"a"}), (Outcomes{"a/ a/f b/", "a/ b/ b/f"}));
  EXPECT_EQ(moved({"b"}), (Outcomes{"a/ a/f b/", "a/ b/ b/f"}));
  EXPECT_EQ(moved({"b", "a"}), (Outcomes{"a/ b/ b/f"}));
}

TEST(DirectoryTree, IndependentNamesSurviveInAnySubset) {
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              for (const char* path : {"a", "b", "c"}) create(tree, path);
            }),
            (Outcomes{"", "a", "b", "c", "a b", "a c", "b c", "a b c"}));
}

TEST(DirectoryTree, OperationsOnOneNameHappenInOrder) {
  // The file is never under both names, nor under the last but not through the middle one.
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              create(tree, "a");
              ASSERT_EQ(tree.sync(""), Code::ok);
              ASSERT_EQ(tree.rename("a", "b"), Code::ok);
              ASSERT_EQ(tree.rename("b", "c"), Code::ok);
            }),
            (Outcomes{"a", "b", "c"}));
}

TEST(DirectoryTree, ANewDirectoryIsNotDurableThroughASyncOfItself) {
  const auto build = [](std::initializer_list<const char*> synced) {
    return outcomes([synced](DirectoryTree& tree) {
      make_directory(tree, "d");
      create(tree, "d/f");
      for (const char* directory : synced) ASSERT_EQ(tree.sync(directory), Code::ok);
    });
  };
  EXPECT_EQ(build({}), (Outcomes{"", "d/", "d/ d/f"}));
  EXPECT_EQ(build({"d"}), (Outcomes{"", "d/ d/f"}));
  EXPECT_EQ(build({""}), (Outcomes{"d/", "d/ d/f"}));
  EXPECT_EQ(build({"d", ""}), (Outcomes{"d/ d/f"}));
}

TEST(DirectoryTree, AFileMovedBeforeItsDirectoryWasRemovedIsNotLost) {
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              make_directory(tree, "d");
              create(tree, "d/f");
              for (const char* directory : {"", "d"}) ASSERT_EQ(tree.sync(directory), Code::ok);
              ASSERT_EQ(tree.rename("d/f", "f"), Code::ok);
              ASSERT_EQ(tree.remove("d", true), Code::ok);
            }),
            (Outcomes{"d/ d/f", "d/ f", "f"}));
  EXPECT_EQ(outcomes([](DirectoryTree& tree) {
              create(tree, "f");
              ASSERT_EQ(tree.sync(""), Code::ok);
              make_directory(tree, "d");
              ASSERT_EQ(tree.rename("f", "d/f"), Code::ok);
            }),
            (Outcomes{"f", "d/ f", "d/ d/f"}));
}

TEST(DirectoryTree, DirectoriesNeverEndInACircle) {
  const auto turn = [](std::initializer_list<const char*> synced) {
    return outcomes([synced](DirectoryTree& tree) {
      make_directory(tree, "a");
      make_directory(tree, "b");
      ASSERT_EQ(tree.sync(""), Code::ok);
      ASSERT_EQ(tree.rename("a", "b/a"), Code::ok);
      ASSERT_EQ(tree.rename("b/a", "a"), Code::ok);
      ASSERT_EQ(tree.rename("b", "a/b"), Code::ok);
      for (const char* directory : synced) ASSERT_EQ(tree.sync(directory), Code::ok);
    });
  };
  EXPECT_EQ(turn({}), (Outcomes{"a/ b/", "b/ b/a/", "a/ a/b/"}));
  // The last move is durable now, and so is what it builds on.
  EXPECT_EQ(turn({"", "a"}), (Outcomes{"a/ a/b/"}));
}

TEST(DirectoryTree, AFailedSyncMayLoseNamesForGood) {
  Outcomes seen;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    DirectoryTree tree;
    Prng prng(seed);
    create(tree, "a");
    ASSERT_EQ(tree.fail_sync("", prng), Code::ok);
    ASSERT_EQ(tree.sync(""), Code::ok);  // reports success
    EXPECT_EQ(listing(tree), "a");
    tree.power_loss(prng, true);
    seen.insert(listing(tree));
  }
  EXPECT_EQ(seen, (Outcomes{"", "a"}));
}

TEST(DirectoryTree, WithoutTearingOnlySyncedNamesAreLeft) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    DirectoryTree tree;
    create(tree, "a");
    ASSERT_EQ(tree.sync(""), Code::ok);
    create(tree, "b");
    Prng prng(seed);
    tree.power_loss(prng, false);
    EXPECT_EQ(listing(tree), "a");
  }
}

TEST(DirectoryTree, ManyPendingNamesAreCommittedBySelf) {
  DirectoryTree tree;
  for (int i = 0; i < 2000; ++i) {
    create(tree, "f" + std::to_string(i));
    if (i % 2 == 0) {
      ASSERT_EQ(tree.remove("f" + std::to_string(i), false), Code::ok);
    }
  }
  Prng prng(1);
  tree.power_loss(prng, false);
  EXPECT_NE(tree.find("f1"), nullptr);
  EXPECT_EQ(tree.find("f0"), nullptr);
}

// --- any sequence of operations, against the model ---

struct Step {
  enum Kind { create, remove, rename, sync } kind;
  std::string path;
  std::string other;
};

[[maybe_unused]] void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kNames[] = {"create", "remove", "rename", "sync"};
  out << kNames[step.kind] << '(' << step.path << ", " << step.other << ')';
}

rc::Gen<Step> any_step() {
  const std::vector<std::string> paths = {"a", "b", "d/a", "d/b"};
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind,
                   rc::gen::element(Step::create, Step::create, Step::remove, Step::rename,
                                    Step::rename, Step::rename, Step::sync)),
      rc::gen::set(&Step::path, rc::gen::elementOf(paths)),
      rc::gen::set(&Step::other, rc::gen::elementOf(paths)));
}

void take(DirectoryTree& tree, DiskModel& model, const Step& step) {
  static int number = 0;
  if (step.kind == Step::sync) {
    const std::string directory = step.path.starts_with("d/") ? "d" : "";
    RC_ASSERT(tree.sync(directory) == Code::ok);
    model.sync_directory(directory);
  } else if (step.kind == Step::create && !model.exists(step.path)) {
    create(tree, step.path, ++number);
    model.begin_create(step.path);
    model.end_names();
    model.file(step.path).write(0, std::to_string(number));
    model.file(step.path).sync();
  } else if (step.kind == Step::remove && model.exists(step.path)) {
    RC_ASSERT(tree.remove(step.path, false) == Code::ok);
    model.begin_remove(step.path);
    model.end_names();
  } else if (step.kind == Step::rename && model.exists(step.path) && step.path != step.other) {
    RC_ASSERT(tree.rename(step.path, step.other) == Code::ok);
    model.begin_rename(step.path, step.other);
    model.end_names();
  }
}

RC_GTEST_PROP(DirectoryTree, APowerLossLeavesWhatTheContractAllows, (uint64_t seed)) {
  DirectoryTree tree;
  DiskModel model;
  make_directory(tree, "d");
  RC_ASSERT(tree.sync("") == Code::ok);
  Prng prng(seed);
  for (const Step& step : *rc::gen::container<std::vector<Step>>(any_step())) {
    take(tree, model, step);
    if (model.pending() < 10) continue;
    take(tree, model, {Step::sync, "a", ""});
    take(tree, model, {Step::sync, "d/a", ""});
  }
  tree.power_loss(prng, true);
  std::map<std::string, std::string> disk;
  tree.walk([&](const std::string& path, const Inode& inode) {
    if (!inode.is_directory) disk[path] = inode.content.cached();
  });
  RC_ASSERT(model.check_after_power_loss(disk) == "");
}

}  // namespace
}  // namespace aftersync::sim
