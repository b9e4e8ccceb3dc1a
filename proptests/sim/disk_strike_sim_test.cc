// One fault at one chosen operation of a disk: it falls exactly there, once, and says what it is.
#include <gtest/gtest.h>

#include "faults/sim/disk_image.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"

namespace aftersync::sim {
namespace {

// How far a process came that writes ten sectors, each with a sync after it.
struct Course {
  uint64_t written = 0;  // in this life
  uint64_t synced = 0;
  Status failure;  // the first
  ProcessEnd end = ProcessEnd::never_started;
  uint64_t durable_bytes = 0;
};

void write_ten(Node& node, Course& course) {
  const auto run = [&]() -> Status {
    ASSIGN_OR_RETURN(File file, node.disk().open("f", OpenMode::create));
    RETURN_IF_ERROR(node.disk().sync_directory(""));
    for (uint64_t i = 0; i < 10; ++i) {
      RETURN_IF_ERROR(file.write(i * 512, std::string(512, 'x')));
      ++course.written;
      RETURN_IF_ERROR(file.sync_data());
      ++course.synced;
    }
    char byte = 0;
    return file.read_exactly(0, {&byte, 1});
  };
  const Status status = run();
  const HostScope host;
  if (!status.ok()) course.failure = Status(status.code(), std::string(status.message()));
}

Course course_with(DiskStrike strike, DiskCounts* counts = nullptr) {
  WorldOptions options;
  options.seed = 7;
  World world(options);
  Machine& server = world.add_machine("s");
  server.disk().faults().torn_power_loss = false;
  server.disk().set_strike(strike);
  Course course;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    server.start([&](Node& own) { write_ten(own, course); });
    while (server.running()) (void)node.tasks().sleep_for(1ms);
    course.end = server.last_end();
    const HostScope host;
    course.durable_bytes = server.disk().durable_bytes("f").value_or("").size();
    if (counts != nullptr) *counts = server.disk().counts();
  });
  EXPECT_EQ(world.run().violation, "");
  return course;
}

TEST(DiskStrike, CountsWhatItMayStrike) {
  DiskCounts counts;
  const Course course = course_with({}, &counts);
  EXPECT_EQ(course.end, ProcessEnd::exited);
  EXPECT_EQ(counts.changes, 22u);  // a name, its sync, ten writes, ten syncs
  EXPECT_EQ(counts.syncs, 11u);
  EXPECT_EQ(counts.growths, 11u);
  EXPECT_EQ(counts.reads, 1u);
}

TEST(DiskStrike, AKillFallsIntoTheOperation) {
  const Course course = course_with({StrikeKind::kill, 5});  // the second write
  EXPECT_EQ(course.end, ProcessEnd::killed);
  EXPECT_EQ(course.written, 1u);
  EXPECT_EQ(course.synced, 1u);
}

TEST(DiskStrike, APowerLossTakesWhatWasNotSynced) {
  const Course course = course_with({StrikeKind::power_loss, 7});  // the third write
  EXPECT_EQ(course.end, ProcessEnd::powered_off);
  EXPECT_EQ(course.synced, 2u);
  EXPECT_EQ(course.durable_bytes, 1024u);
}

TEST(DiskStrike, ErrorsAreOfTheirKind) {
  const Course full = course_with({StrikeKind::no_space, 3});  // the name, then the second write
  EXPECT_EQ(full.failure.code(), Code::no_space);
  EXPECT_EQ(full.written, 1u);
  const Course unsynced = course_with({StrikeKind::sync_error, 4});  // the directory, then three
  EXPECT_EQ(unsynced.failure.code(), Code::io_error);
  EXPECT_EQ(unsynced.synced, 2u);
  const Course unread = course_with({StrikeKind::read_error, 1});
  EXPECT_EQ(unread.failure.code(), Code::io_error);
  EXPECT_EQ(unread.synced, 10u);
}

}  // namespace
}  // namespace aftersync::sim
