// A process that does anything to its files, and is killed or loses power at any moment: what is
// left is what the contract allows, by a model that knows only the contract.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"
#include "proptests/sim/disk_model.h"

namespace aftersync::sim {
namespace {

WorldOptions seeded(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.schedule = ScheduleOptions::drawn_from(seed);
  return options;
}

std::map<std::string, std::string> files_of(DiskImage& disk) {
  std::map<std::string, std::string> files;
  for (const std::string& path : disk.list()) {
    if (!path.ends_with('/')) files[path] = disk.read_file(path).value();
  }
  return files;
}

File open(Disk& disk, std::string_view path, OpenMode mode = OpenMode::create) {
  auto file = disk.open(path, mode);
  EXPECT_TRUE(file.ok()) << file.status().to_string();
  return std::move(file).value();
}

struct Step {
  enum Kind { write, append, truncate, sync, create, remove, rename, sync_directory } kind;
  std::string path;
  std::string other;
  uint64_t offset;
  uint64_t size_bytes;
  char fill;
};

[[maybe_unused]] void showValue(const Step& step, std::ostream& out) {
  constexpr const char* kNames[] = {"write",  "append", "truncate", "sync",
                                    "create", "remove", "rename",   "sync_directory"};
  out << kNames[step.kind] << '(' << step.path << ", " << step.other << ", " << step.offset << ", "
      << step.size_bytes << ", " << step.fill << ')';
}

rc::Gen<Step> any_step() {
  const std::vector<std::string> paths = {"a", "b", "d/a", "d/b"};
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind,
                   rc::gen::element(Step::write, Step::write, Step::append, Step::append,
                                    Step::truncate, Step::sync, Step::create, Step::create,
                                    Step::remove, Step::rename, Step::sync_directory)),
      rc::gen::set(&Step::path, rc::gen::elementOf(paths)),
      rc::gen::set(&Step::other, rc::gen::elementOf(paths)),
      rc::gen::set(&Step::offset, rc::gen::inRange<uint64_t>(0, 2600)),
      rc::gen::set(&Step::size_bytes, rc::gen::inRange<uint64_t>(1, 1300)),
      rc::gen::set(&Step::fill, rc::gen::inRange<char>('a', 'z')));
}

// A process that carries out steps and tells the model, which is the host's.
class Script {
 public:
  Script(DiskModel& model, const std::vector<Step>& steps) : model_(model), steps_(steps) {}

  void run(Node& node) {
    Disk& disk = node.disk();
    for (const Step& step : steps_) {
      if (model_.pending() >= 8) sync_directories(disk);
      if (step.kind <= Step::sync) {
        if (model_.exists(step.path)) change_content(disk, step);
      } else {
        change_names(disk, step);
      }
    }
  }

 private:
  void change_content(Disk& disk, const Step& step) {
    FileModel& model = model_.file(step.path);
    File file = open(disk, step.path, OpenMode::write);
    const std::string bytes(step.size_bytes, step.fill);
    const uint64_t offset = step.kind == Step::append ? model.cached().size() : step.offset;
    if (step.kind == Step::truncate) {
      note([&] { model.begin_truncate(step.offset); });
      EXPECT_TRUE(file.truncate(step.offset).ok());
      note([&] { model.truncate(step.offset); });
    } else if (step.kind == Step::sync) {
      EXPECT_TRUE(file.sync_data().ok());
      note([&] { model.sync(); });
    } else {
      note([&] { model.begin_write(offset, bytes); });
      EXPECT_TRUE(
          (step.kind == Step::append ? file.append(bytes) : file.write(offset, bytes)).ok());
      note([&] { model.write(offset, bytes); });
    }
    note([&] { model.end(); });
  }

  void change_names(Disk& disk, const Step& step) {
    if (step.kind == Step::sync_directory) {
      const std::string directory = step.path.starts_with("d/") ? "d" : "";
      EXPECT_TRUE(disk.sync_directory(directory).ok());
      note([&] { model_.sync_directory(directory); });
      return;
    }
    if (model_.exists(step.path) == (step.kind == Step::create)) return;
    if (step.kind == Step::create) {
      note([&] { model_.begin_create(step.path); });
      (void)open(disk, step.path, OpenMode::create_new);
    } else if (step.kind == Step::remove) {
      note([&] { model_.begin_remove(step.path); });
      EXPECT_TRUE(disk.remove(step.path).ok());
    } else {
      if (step.path == step.other) return;
      note([&] { model_.begin_rename(step.path, step.other); });
      EXPECT_TRUE(disk.rename(step.path, step.other).ok());
    }
    note([&] { model_.end_names(); });
  }

  void sync_directories(Disk& disk) {
    for (const char* directory : {"", "d"}) {
      EXPECT_TRUE(disk.sync_directory(directory).ok());
      note([&] { model_.sync_directory(directory); });
    }
  }

  // The model outlives the process.
  template <typename Change>
  void note(Change&& change) {
    const HostScope host;
    change();
  }

  DiskModel& model_;
  const std::vector<Step>& steps_;
};

// Three lives of one process, each ended at a moment of the seed's choice. What is wrong, or "".
std::string three_lives(uint64_t seed, const std::vector<Step>& steps, uint64_t* digest = nullptr) {
  World world(seeded(seed));
  Machine& server = world.add_machine("s");
  CHECK(server.disk().make_directory("d") == Code::ok);
  CHECK(server.disk().sync_directory("", false) == Code::ok);
  DiskModel model;
  std::string wrong;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    for (int life = 0; life < 3 && wrong.empty(); ++life) {
      server.start([&](Node& own) { Script(model, steps).run(own); });
      const uint64_t longest = 50'000 + steps.size() * 400'000;
      (void)node.tasks().sleep_for(
          Duration(static_cast<int64_t>(world.workload_prng().below(longest))));
      // A kill, a power loss, or a power loss when the process is already dead.
      const uint64_t end = world.workload_prng().below(3);
      if (end > 0) {
        server.kill();
        wrong = model.check_after_kill(files_of(server.disk()));
      }
      if (end == 1 || !wrong.empty()) break;
      server.power_off();
      wrong = model.check_after_power_loss(files_of(server.disk()));
      model.reset(files_of(server.disk()));
    }
  });
  const RunResult result = world.run();
  if (digest != nullptr) *digest = result.digest;
  if (!result.violation.empty()) return result.violation;
  return wrong;
}

RC_GTEST_PROP(DiskLives, WhateverIsDoneWhatIsLeftIsWhatTheContractAllows, (uint64_t seed)) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  uint64_t first = 0;
  RC_ASSERT(three_lives(seed, steps, &first) == "");
  if (seed % 8 != 0) return;
  uint64_t second = 0;
  (void)three_lives(seed, steps, &second);
  RC_ASSERT(first == second);
}

}  // namespace
}  // namespace aftersync::sim
