// The lock table under tasks that run at once: exclusive is exclusive, nobody waits for good,
// circles are broken, and when all is done nothing is left. The time-outs are so long that only a
// lost wake-up or a circle not seen can reach them.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/txn/lock_table.h"
#include "proptests/support/on_node.h"

namespace aftersync::txn {
namespace {

constexpr IndexId kIndex{3};
constexpr Duration kPatience = 300s;
constexpr size_t kKeys = 4;
constexpr size_t kTasks = 5;
constexpr int kRounds = AFTERSYNC_ON_SIM ? 100 : 1500;
// On a busy machine a yield is a time slice.
constexpr double kYields = AFTERSYNC_ON_SIM ? 0.3 : 0.01;

std::string key_of(size_t number) { return "key" + std::to_string(number); }

// What those inside a lock can see of each other.
struct Inside {
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
};

class Crowd {
 public:
  explicit Crowd(Node& node) : node_(node), table_(node, {.shards = 4}) {}

  LockTable& table() { return table_; }
  [[nodiscard]] uint64_t next_number() { return numbers_.fetch_add(1) + 1; }

  // One transaction: a few locks, a look around under each, and the end.
  void transact(Prng& random) {
    LockOwner owner(next_number(), true);
    owner.set_weight(random.below(3));
    std::array<int, kKeys> held{};  // 1: S, 2: X
    for (uint64_t i = random.between(1, 4); i > 0; --i) {
      const size_t key = random.below(kKeys);
      const bool exclusive = random.chance(0.6);
      const Status status = lock(owner, key, exclusive, random);
      EXPECT_NE(status.code(), Code::lock_wait_timeout) << status.to_string();
      if (!status.ok()) break;
      enter(held, key, exclusive ? 2 : 1);
      if (random.chance(kYields)) node_.tasks().yield();
      EXPECT_LE(inside_[key].writers.load() * (inside_[key].readers.load() + 1), 1);
    }
    for (size_t key = 0; key < kKeys; ++key) enter(held, key, 0);
    table_.release_all(owner);
  }

 private:
  Status lock(LockOwner& owner, size_t key, bool exclusive, Prng& random) {
    const LockMode mode = exclusive ? LockMode::x : LockMode::s;
    const std::string bytes = key_of(key);
    const LockTarget target = LockTarget::record(kIndex, bytes);
    return table_.lock(owner, target, random.chance(0.5) ? next_key(mode) : record_only(mode),
                       kPatience);
  }

  // Goes from what is held of a key to more of it, or to nothing.
  void enter(std::array<int, kKeys>& held, size_t key, int now) {
    if (now != 0 && held[key] >= now) return;
    if (held[key] == 1) --inside_[key].readers;
    if (held[key] == 2) --inside_[key].writers;
    if (now == 1) ++inside_[key].readers;
    if (now == 2) ++inside_[key].writers;
    held[key] = now;
  }

  Node& node_;
  LockTable table_;
  std::atomic<uint64_t> numbers_{0};
  std::array<Inside, kKeys> inside_;
};

void expect_empty(LockTable& table) {
  EXPECT_EQ(table.stats().locks, 0u);
  EXPECT_EQ(table.stats().bytes, 0u);
  EXPECT_EQ(table.stats().waiting, 0u);
}

TEST(LockTableContract, ExclusiveIsExclusiveAndNobodyWaitsForGood) {
  on_node([](Node& node) {
    Crowd crowd(node);
    const uint64_t seed = node.rng().next();
    in_tasks(node, kTasks, [&](size_t task) {
      Prng random(seed, task);
      for (int i = 0; i < kRounds; ++i) crowd.transact(random);
    });
    expect_empty(crowd.table());
    EXPECT_EQ(crowd.table().stats().timeouts, 0u) << "seed " << seed;
  });
}

// Keys that come and go while they are being waited for: the keeper of the keys has the leaf, as it
// were, and every change and every request is made under it.
TEST(LockTableContract, KeysComeAndGoUnderWaiters) {
  on_node([](Node& node) {
    Crowd crowd(node);
    LockTable& table = crowd.table();
    SharedMutex leaf;
    bool present = true;  // whether key 1 is there; key 2 always is
    const uint64_t seed = node.rng().next();
    in_tasks(node, kTasks, [&](size_t task) {
      Prng random(seed, task);
      for (int i = 0; i < kRounds; ++i) {
        if (task == 0) {
          const ExclusiveLock latch(leaf);
          const LockTarget successor = LockTarget::record(kIndex, "2");
          present ? table.key_erased(kIndex, "1", successor)
                  : table.key_inserted(kIndex, "1", successor);
          present = !present;
          continue;
        }
        LockOwner owner(crowd.next_number(), random.chance(0.5));
        LockAnswer answer;
        {
          const SharedLock latch(leaf);
          answer = table.request(owner, LockTarget::record(kIndex, present ? "1" : "2"),
                                 random.chance(0.3) ? kInsertIntention : next_key(LockMode::x));
        }
        if (answer == LockAnswer::waiting) answer = table.wait(owner, node.clock().now() + 300s);
        EXPECT_NE(answer, LockAnswer::timed_out) << "seed " << seed;
        table.release_all(owner);
      }
    });
    expect_empty(table);
  });
}

}  // namespace
}  // namespace aftersync::txn
