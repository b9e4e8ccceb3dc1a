// Clock, Rng and ErrorLog: the small contracts.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(ClockContract, MonotonicTimeNeverGoesBackOnAnyTask) {
  run_on_node([](Node& node) {
    Mutex mutex;
    MonoTime latest;
    EXPECT_GE(node.clock().now(), MonoTime());
    in_tasks(node, 4, [&](size_t) {
      for (int i = 0; i < 200; ++i) {
        MutexLock lock(mutex);
        const MonoTime now = node.clock().now();
        EXPECT_GE(now, latest);
        latest = now;
      }
    });
  });
}

TEST(ClockContract, BothClocksMoveOn) {
  run_on_node([](Node& node) {
    const MonoTime mono = node.clock().now();
    const WallTime wall = node.clock().wall_now();
    EXPECT_TRUE(eventually(node, [&] { return node.clock().now() > mono; }));
    EXPECT_TRUE(eventually(node, [&] { return node.clock().wall_now() != wall; }));
    EXPECT_GT(wall, WallTime());
  });
}

TEST(RngContract, NumbersDiffer) {
  run_on_node([](Node& node) {
    std::set<uint64_t> seen;
    for (int i = 0; i < 500; ++i) seen.insert(node.rng().next());
    EXPECT_EQ(seen.size(), 500u);
  });
}

TEST(RngContract, TasksDrawDifferentNumbers) {
  run_on_node([](Node& node) {
    Mutex mutex;
    std::set<uint64_t> seen;
    in_tasks(node, 4, [&](size_t) {
      for (int i = 0; i < 50; ++i) {
        const uint64_t number = node.rng().next();
        MutexLock lock(mutex);
        seen.insert(number);
      }
    });
    EXPECT_EQ(seen.size(), 200u);
  });
}

TEST(RngContract, FillReachesEveryByteAndNoneBeyond) {
  run_on_node([](Node& node) {
    for (const size_t size : {0u, 1u, 7u, 8u, 9u, 255u, 256u, 300u, 5000u}) {
      std::string bytes(size + 1, '\0');
      std::string touched(size, '\0');
      for (int i = 0; i < 8; ++i) {
        node.rng().fill({bytes.data(), size});
        for (size_t at = 0; at < size; ++at) touched[at] |= bytes[at];
      }
      EXPECT_EQ(touched.find('\0'), std::string::npos) << size;
      EXPECT_EQ(bytes.back(), '\0');
    }
  });
}

TEST(RngContract, EachBitIsSometimesSet) {
  run_on_node([](Node& node) {
    uint64_t ones = 0;
    uint64_t zeroes = 0;
    for (int i = 0; i < 100; ++i) {
      const uint64_t number = node.rng().next();
      ones |= number;
      zeroes |= ~number;
    }
    EXPECT_EQ(ones, UINT64_MAX);
    EXPECT_EQ(zeroes, UINT64_MAX);
  });
}

TEST(RngContract, UidsAreRandomAndOfVersion4) {
  run_on_node([](Node& node) {
    std::set<Uid> seen;
    for (int i = 0; i < 100; ++i) {
      const Uid uid = node.rng().uid();
      EXPECT_EQ(uid.to_string()[14], '4');
      seen.insert(uid);
    }
    EXPECT_EQ(seen.size(), 100u);
  });
}

TEST(RngContract, NodesDrawDifferentNumbers) {
  uint64_t drawn[2] = {};
  run_on_nodes({
      [&](Node& node) { drawn[0] = node.rng().next(); },
      [&](Node& node) { drawn[1] = node.rng().next(); },
  });
  EXPECT_NE(drawn[0], drawn[1]);
}

TEST(ErrorLogContract, TakesAnyLineFromAnyTask) {
  run_on_node([](Node& node) {
    in_tasks(node, 3, [&](size_t self) {
      for (const Severity severity :
           {Severity::system, Severity::error, Severity::warning, Severity::note}) {
        node.error_log().write(severity, "contract test, task " + std::to_string(self));
      }
    });
    node.error_log().write(Severity::note, "");
    node.error_log().write(Severity::note, std::string_view("one\nline\0", 9));
  });
}

}  // namespace
}  // namespace aftersync
