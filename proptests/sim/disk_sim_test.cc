// The simulated Disk as a process sees it: faults, space, kills and power losses at any moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "faults/sim/disk_image.h"
#include "faults/sim/world.h"

namespace aftersync::sim {
namespace {

WorldOptions seeded(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.schedule = ScheduleOptions::drawn_from(seed);
  return options;
}

// Runs `body` as a harness on a machine of its own World; `prepare` sees the disk before.
RunResult run_on_disk(uint64_t seed, const std::function<void(Disk&, Machine&)>& body,
                      const std::function<void(DiskImage&)>& prepare = {}) {
  World world(seeded(seed));
  Machine& machine = world.add_machine("m");
  if (prepare) prepare(machine.disk());
  world.start_harness(machine, [&](Node& node) { body(node.disk(), machine); });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
  return result;
}

File open(Disk& disk, std::string_view path, OpenMode mode = OpenMode::create) {
  auto file = disk.open(path, mode);
  EXPECT_TRUE(file.ok()) << file.status().to_string();
  return std::move(file).value();
}

TEST(SimDisk, ReadsShortOnlyAtTheEnd) {
  run_on_disk(1, [](Disk& disk, Machine&) {
    File file = open(disk, "f");
    EXPECT_TRUE(file.write(0, std::string(3000, 'a')).ok());
    std::string buffer(4000, '\0');
    for (int i = 0; i < 50; ++i) {
      const auto n = file.read(100, buffer);
      ASSERT_TRUE(n.ok());
      EXPECT_EQ(*n, 2900u);
    }
    EXPECT_EQ(file.read_exactly(2999, std::span(buffer).first(2)).code(), Code::corruption);
    EXPECT_TRUE(file.read_exactly(2998, std::span(buffer).first(2)).ok());
  });
}

TEST(SimDisk, MessagesNameOperationPathOffsetAndCause) {
  run_on_disk(2, [](Disk& disk, Machine& machine) {
    EXPECT_EQ(disk.open("log/1", OpenMode::read).status().to_string(),
              "not_found: open log/1: no such file or directory");
    EXPECT_EQ(disk.open("../x", OpenMode::create).code(), Code::invalid_argument);
    File file = open(disk, "f");
    machine.disk().faults().write_error = 1;
    EXPECT_EQ(file.write(4096, "abc").to_string(),
              "io_error: write f: 3 bytes at offset 4096: input/output error");
  });
}

TEST(SimDisk, AReaderCannotWrite) {
  run_on_disk(3, [](Disk& disk, Machine& machine) {
    machine.disk().put_file("f", "abc");
    File file = open(disk, "f", OpenMode::read);
    EXPECT_EQ(file.write(0, "x").code(), Code::bad_state);
    EXPECT_EQ(file.truncate(0).code(), Code::bad_state);
    EXPECT_EQ(machine.disk().read_file("f"), "abc");
  });
}

TEST(SimDisk, WithoutSpaceNothingIsWrittenAndReadsGoOn) {
  run_on_disk(
      4,
      [](Disk& disk, Machine& machine) {
        File file = open(disk, "f");
        ASSERT_TRUE(file.write(0, std::string(6000, 'a')).ok());
        EXPECT_EQ(file.append(std::string(5000, 'b')).code(), Code::no_space);
        EXPECT_EQ(file.truncate(20'000).code(), Code::no_space);
        EXPECT_EQ(machine.disk().read_file("f"), std::string(6000, 'a'));
        std::string buffer(6000, '\0');
        EXPECT_TRUE(file.read_exactly(0, buffer).ok());
        EXPECT_TRUE(file.write(0, std::string(6000, 'c')).ok());  // in place
        EXPECT_TRUE(file.append(std::string(4000, 'd')).ok());    // to the last byte
        EXPECT_EQ(machine.disk().used_bytes(), 10'000u);
        // A removed file gives its space back once it is closed.
        ASSERT_TRUE(disk.remove("f").ok());
        File other = open(disk, "g");
        EXPECT_EQ(other.append("x").code(), Code::no_space);
        file = open(disk, "h");
        EXPECT_TRUE(other.append("x").ok());
      },
      [](DiskImage& disk) { disk.faults().capacity_bytes = 10'000; });
}

TEST(SimDisk, DrawnErrorsAreErrorsOfTheirOperation) {
  run_on_disk(5, [](Disk& disk, Machine& machine) {
    DiskFaults& faults = machine.disk().faults();
    machine.disk().put_file("f", std::string(2000, 'a'));
    File file = open(disk, "f", OpenMode::write);
    std::string buffer(100, '\0');
    faults.read_error = 1;
    EXPECT_EQ(file.read(0, buffer).code(), Code::io_error);
    EXPECT_EQ(buffer, std::string(100, '\0'));
    EXPECT_EQ(disk.list("").code(), Code::io_error);
    faults = {};
    faults.no_space = 1;
    EXPECT_EQ(file.append("x").code(), Code::no_space);
    EXPECT_EQ(disk.open("new", OpenMode::create).code(), Code::no_space);
    EXPECT_EQ(machine.disk().list(), std::vector<std::string>{"f"});
    faults = {};
    faults.write_error = 1;
    EXPECT_EQ(file.write(0, std::string(2000, 'b')).code(), Code::io_error);
    const std::string left = *machine.disk().read_file("f");
    EXPECT_EQ(left.find_first_not_of("ab"), std::string::npos);
    faults = {};
    faults.sync_error = 1;
    EXPECT_EQ(file.sync_data().code(), Code::io_error);
    EXPECT_EQ(disk.sync_directory("").code(), Code::io_error);
  });
}

TEST(SimDisk, ARetriedSyncSucceedsWithoutTheBytes) {
  int lost = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    run_on_disk(seed, [&](Disk& disk, Machine& machine) {
      machine.disk().put_file("f", std::string(512, 'a'));
      File file = open(disk, "f", OpenMode::write);
      EXPECT_TRUE(file.write(0, std::string(512, 'b')).ok());
      machine.disk().faults().sync_error = 1;
      EXPECT_EQ(file.sync_data().code(), Code::io_error);
      machine.disk().faults().sync_error = 0;
      EXPECT_TRUE(file.sync_data().ok());
      EXPECT_EQ(machine.disk().read_file("f"), std::string(512, 'b'));
      if (machine.disk().durable_bytes("f") == std::string(512, 'a')) ++lost;
    });
  }
  EXPECT_GT(lost, 50);
}

TEST(SimDisk, RotStaysAndMisdirectionShowsOnceTheCacheIsGone) {
  run_on_disk(6, [](Disk& disk, Machine& machine) {
    const std::string all(2048, 'a');
    machine.disk().put_file("f", all);
    File file = open(disk, "f", OpenMode::write);
    std::string buffer(2048, '\0');
    machine.disk().faults().bit_rot = 1;
    EXPECT_TRUE(file.read_exactly(0, buffer).ok());
    machine.disk().faults().bit_rot = 0;
    EXPECT_NE(buffer, all);
    const std::string rotten = buffer;
    EXPECT_TRUE(file.read_exactly(0, buffer).ok());
    EXPECT_EQ(buffer, rotten);
    EXPECT_EQ(machine.disk().durable_bytes("f"), rotten);

    EXPECT_TRUE(file.write(0, all).ok());
    EXPECT_TRUE(file.sync_data().ok());
    machine.disk().faults().misdirected_write = 1;
    EXPECT_TRUE(file.write(512, std::string(512, 'b')).ok());
    EXPECT_TRUE(file.sync_data().ok());
    const std::string written = *machine.disk().read_file("f");
    int reads = 0;
    do {
      EXPECT_TRUE(file.read_exactly(0, buffer).ok());
    } while (buffer == written && ++reads < 1000);
    EXPECT_LT(reads, 1000);
    EXPECT_EQ(buffer.substr(512, 512), std::string(512, 'a'));
    EXPECT_EQ(std::count(buffer.begin(), buffer.end(), 'b'), 512);
  });
}

TEST(SimDisk, OperationsTakeTimeAndStall) {
  World world(seeded(7));
  Machine& machine = world.add_machine("m");
  world.start_harness(machine, [&](Node& node) {
    File file = open(node.disk(), "f");
    const MonoTime start = world.now();
    EXPECT_TRUE(file.append("a").ok());
    const Duration append = world.now() - start;
    EXPECT_GE(append, 10us);
    EXPECT_LT(append, 200us);
    EXPECT_TRUE(file.sync_data().ok());
    EXPECT_GE(world.now() - start - append, 100us);
    machine.disk().faults().stall = 1;
    const MonoTime stalled = world.now();
    EXPECT_TRUE(file.append("a").ok());
    EXPECT_GE(world.now() - stalled, 2s);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
}

TEST(SimDisk, ALockEndsWithItsHolderHoweverThatDies) {
  World world(seeded(8));
  Machine& server = world.add_machine("s");
  int locked = 0;
  server.start([&](Node& node) {
    auto lock = node.disk().lock_file("data/lock");
    EXPECT_EQ(lock.code(), Code::not_found);
    lock = node.disk().lock_file("lock");
    EXPECT_TRUE(lock.ok());
    EXPECT_EQ(node.disk().lock_file("lock").code(), Code::unavailable);
    ++locked;
    (void)node.tasks().sleep_for(1h);
  });
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    (void)node.tasks().sleep_for(1s);
    server.kill();
    server.restart();
    (void)node.tasks().sleep_for(1s);
    server.power_off();
    server.restart();
    (void)node.tasks().sleep_for(1s);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
  EXPECT_EQ(locked, 3);
}

TEST(SimDisk, AReplacedDiskIsEmpty) {
  World world(seeded(9));
  Machine& server = world.add_machine("s");
  server.disk().put_file("f", "abc");
  server.replace_disk();
  EXPECT_TRUE(server.disk().list().empty());
  EXPECT_EQ(server.disk().used_bytes(), 0u);
}

TEST(SimDisk, CorruptionPlantedByAScenarioIsRead) {
  run_on_disk(10, [](Disk& disk, Machine& machine) {
    machine.disk().put_file("f", "abc");
    EXPECT_FALSE(machine.disk().corrupt("f", 3, 0));
    EXPECT_FALSE(machine.disk().corrupt("g", 0, 0));
    EXPECT_TRUE(machine.disk().corrupt("f", 1, 0));
    File file = open(disk, "f", OpenMode::read);
    std::string buffer(3, '\0');
    EXPECT_TRUE(file.read_exactly(0, buffer).ok());
    EXPECT_EQ(buffer, "acc");
    EXPECT_EQ(machine.disk().durable_bytes("f"), "acc");
  });
}

// What is written while a sync waits for the device may or may not be covered by it.
TEST(SimDisk, ASyncCoversWhatWasWrittenBeforeItAndSomeOfTheRest) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    World world(seeded(seed));
    Machine& machine = world.add_machine("m");
    world.start_harness(machine, [&](Node& node) {
      File file = open(node.disk(), "f");
      EXPECT_TRUE(node.disk().sync_directory("").ok());
      EXPECT_TRUE(file.write(0, std::string(512, 'a')).ok());
      machine.disk().faults().sync_latency_min = machine.disk().faults().sync_latency_max = 10ms;
      Task sync = node.tasks().spawn("sync", [&] { EXPECT_TRUE(file.sync_data().ok()); });
      (void)node.tasks().sleep_for(1ms);
      EXPECT_TRUE(file.write(512, std::string(512, 'b')).ok());
      sync.join();
      const std::string durable = machine.disk().durable_bytes("f").value_or("");
      EXPECT_EQ(durable.substr(0, 512), std::string(512, 'a'));
      // Zeroes: written back early, before it was overwritten or extended.
      const std::string rest = durable.substr(512);
      seen.insert(rest.find('b') == std::string::npos ? "not covered" : "covered");
    });
    EXPECT_EQ(world.run().end, RunEnd::completed);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"covered", "not covered"}));
}

TEST(SimDisk, AKilledWriteIsThereInPartInWholeOrNotAtAll) {
  std::set<size_t> lengths;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    World world(seeded(seed));
    Machine& server = world.add_machine("s");
    server.start([](Node& node) {
      File file = open(node.disk(), "f");
      (void)node.tasks().sleep_until(node.clock().now() + 10ms);
      (void)file.write(0, std::string(1000, 'a'));
    });
    world.start_harness(world.add_machine("h"), [&](Node& node) {
      (void)node.tasks().sleep_for(10ms + Duration(static_cast<int64_t>(seed) * 1000));
      server.kill();
    });
    EXPECT_EQ(world.run().end, RunEnd::completed);
    if (!server.disk().read_file("f").has_value()) continue;
    const std::string bytes = *server.disk().read_file("f");
    EXPECT_EQ(bytes, std::string(bytes.size(), 'a'));
    lengths.insert(bytes.size());
  }
  EXPECT_EQ(lengths, (std::set<size_t>{0, 512, 1000}));
}

}  // namespace
}  // namespace aftersync::sim
