// The lock table beside the model: any sequence of requests, releases, time-outs and changes of the
// keys, by any owners; after each step all answers, locks and waits are the same. And what the
// model does not say: memory, reports, bad use.
#include "core/txn/lock_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "proptests/support/on_node.h"
#include "proptests/txn/lock_model.h"

namespace aftersync::txn {
namespace {

constexpr IndexId kIndex{9};
constexpr MonoTime kNow{};  // a deadline that has passed

// What to do, as numbers that any bytes can be read as, so that a failing history shrinks.
using Action = std::array<uint8_t, 5>;

class Lockstep {
 public:
  explicit Lockstep(Node& node) : table_(node, {}) {
    for (size_t i = 0; i < kSlots; ++i) begin(i);
  }
  ~Lockstep() {
    for (auto& owner : owners_) {
      (void)table_.wait(*owner, kNow);
      table_.release_all(*owner);
    }
  }

  // What differs after this step; empty: nothing.
  std::string step(const Action& action) {
    const size_t slot = action[1] % kSlots;
    LockOwner& owner = *owners_[slot];
    std::string wrong;
    if (model_.is_waiting(owner.number())) {
      if (action[0] % 4 == 0) wrong = time_out(owner);
    } else {
      wrong = act(action, slot);
    }
    if (wrong.empty()) wrong = compare_outcomes();
    if (wrong.empty() && table_.list_locks() != model_.sorted_locks()) wrong = "locks differ";
    if (wrong.empty() && table_.list_waits() != model_.sorted_waits()) wrong = "waits differ";
    return wrong.empty() ? "" : wrong + "\n" + shown();
  }

 private:
  static constexpr size_t kSlots = 5;

  void begin(size_t slot) {
    const bool keeps_gaps = next_number_ % 3 != 0;
    const uint64_t number = next_number_++;
    if (owners_.size() <= slot) owners_.resize(slot + 1);
    owners_[slot] = std::make_unique<LockOwner>(number, keeps_gaps);
    model_.owners[number] = {number, keeps_gaps, 0, false, {}};
  }

  std::string act(const Action& action, size_t slot) {
    LockOwner& owner = *owners_[slot];
    switch (action[0] % 16) {
      default: return request(owner, action);
      case 10: release(owner, action); return {};
      case 11:
        table_.release_all(owner);
        model_.release_all(owner.number());
        begin(slot);
        return {};
      case 12:
        owner.set_weight(action[2] % 4);
        model_.owners.at(owner.number()).weight = action[2] % 4;
        return {};
      case 13: change_keys(action[2]); return {};
      case 14: add_implicit(owner, action); return {};
      case 15:
        table_.release_auto_inc(owner);
        model_.release_auto_inc(owner.number());
        return {};
    }
  }

  std::string request(LockOwner& owner, const Action& action) {
    const LockTarget target = target_of(action[2]);
    const LockType type = type_of(target, action[3]);
    const bool may_wait = action[4] % 8 != 0;
    const bool keep = type.reach != LockReach::insert_intention && action[4] % 5 != 0;
    const LockAnswer expected = model_.request(owner.number(), target, type, may_wait, keep);
    const LockAnswer answer = table_.request(
        owner, target, type, may_wait ? LockTable::IfBusy::enqueue : LockTable::IfBusy::give_up,
        keep ? LockTable::Keep::lock : LockTable::Keep::asked_only);
    return answer == expected ? "" : "a request of " + to_string(type) + " on " + to_string(target);
  }

  void release(LockOwner& owner, const Action& action) {
    const LockTarget target = target_of(action[2]);
    const LockType type = type_of(target, action[3]);
    table_.release(owner, target, type);
    model_.release(owner.number(), target, type);
  }

  void change_keys(uint8_t choice) {
    const std::string key(1, static_cast<char>('a' + choice % 4));
    if (!keys_.contains(key)) {
      const LockTarget successor = successor_of(key);
      table_.key_inserted(kIndex, key, successor);
      model_.key_inserted(kIndex, key, successor);
      keys_.insert(key);
    } else {
      keys_.erase(key);
      const LockTarget successor = successor_of(key);
      table_.key_erased(kIndex, key, successor);
      model_.key_erased(kIndex, key, successor);
    }
  }

  // Only where nobody has locked the record: an implicit lock is older than all requests for it.
  void add_implicit(LockOwner& owner, const Action& action) {
    const LockTarget target = target_of(action[2]);
    if (target.kind != LockTarget::Kind::record) return;
    for (const LockInfo& lock : model_.sorted_locks()) {
      if (lock.target() == target) return;
    }
    EXPECT_TRUE(table_.add_implicit(owner, target));
    model_.add(owner.number(), target, record_only(LockMode::x));
  }

  std::string time_out(LockOwner& owner) {
    model_.time_out(owner.number());
    (void)model_.take_outcome(owner.number());
    return table_.wait(owner, kNow) == LockAnswer::timed_out ? "" : "a wait does not time out";
  }

  // Waits that this step has ended.
  std::string compare_outcomes() {
    for (auto& owner : owners_) {
      ModelOwner& expected = model_.owners.at(owner->number());
      if (!expected.outcome) continue;
      if (table_.wait(*owner, kNow) != *expected.outcome) {
        return "the end of the wait of " + std::to_string(owner->number());
      }
      expected.outcome.reset();
    }
    return {};
  }

  LockTarget successor_of(const std::string& key) const {
    const auto at = keys_.upper_bound(key);
    return at == keys_.end() ? LockTarget::supremum(kIndex) : LockTarget::record(kIndex, *at);
  }

  // A key that is there, the supremum, or a table.
  LockTarget target_of(uint8_t choice) const {
    const size_t number = choice % (keys_.size() + 3);
    if (number < keys_.size()) {
      return LockTarget::record(kIndex, *std::next(keys_.begin(), static_cast<ptrdiff_t>(number)));
    }
    if (number == keys_.size()) return LockTarget::supremum(kIndex);
    return LockTarget::table(TableId(number - keys_.size()));
  }

  static LockType type_of(const LockTarget& target, uint8_t choice) {
    if (target.kind == LockTarget::Kind::table) return {static_cast<LockMode>(choice % 5)};
    const LockMode mode = choice % 2 == 0 ? LockMode::s : LockMode::x;
    switch (choice / 2 % 4) {
      case 0: return next_key(mode);
      case 1: return target.is_supremum() ? gap_only(mode) : record_only(mode);
      case 2: return gap_only(mode);
      default: return kInsertIntention;
    }
  }

  std::string shown() {
    std::string text;
    const auto add = [&](const char* title, const std::vector<LockInfo>& locks) {
      text += title;
      for (const LockInfo& l : locks) {
        text += "  " + std::to_string(l.owner) + (l.waiting ? " waits for " : " holds ") +
                to_string(l) + "\n";
      }
    };
    add("table:\n", table_.list_locks());
    add("model:\n", model_.sorted_locks());
    return text;
  }

  LockTable table_;
  LockModel model_;
  std::set<std::string> keys_;
  uint64_t next_number_ = 1;
  std::vector<std::unique_ptr<LockOwner>> owners_;
};

TEST(LockTable, DoesWhatTheModelDoes) {
  on_node([](Node& node) {
    const bool ok = rc::check([&](const std::vector<Action>& head) {
      // Longer histories than RapidCheck's own: its lists end at 100.
      const auto tail = *rc::gen::resize(200, rc::gen::arbitrary<std::vector<Action>>());
      Lockstep lockstep(node);
      for (const auto* part : {&head, &tail}) {
        for (const Action& action : *part) {
          const std::string wrong = lockstep.step(action);
          if (!wrong.empty()) RC_FAIL(wrong);
        }
      }
    });
    EXPECT_TRUE(ok) << "replay with the RC_PARAMS that RapidCheck prints";
  });
}

// --- what the model does not say ---

LockTarget record(std::string_view key) { return LockTarget::record(kIndex, key); }

TEST(LockTable, TheReportShowsTheWholeCircle) {
  on_node([](Node& node) {
    LockTable table(node, {});
    LockOwner a(1, true);
    LockOwner b(2, true);
    LockOwner c(3, true);
    a.set_weight(5);
    a.describe("UPDATE t SET v = 1 WHERE id = 2");
    b.set_weight(1);
    c.set_weight(7);
    EXPECT_EQ(table.request(a, record("1"), record_only(LockMode::x)), LockAnswer::granted);
    EXPECT_EQ(table.request(b, record("2"), record_only(LockMode::x)), LockAnswer::granted);
    EXPECT_EQ(table.request(c, record("3"), next_key(LockMode::s)), LockAnswer::granted);
    EXPECT_EQ(table.request(b, record("3"), record_only(LockMode::x)), LockAnswer::waiting);
    EXPECT_EQ(table.request(c, record("1"), record_only(LockMode::x)), LockAnswer::waiting);
    EXPECT_EQ(table.latest_deadlock(), std::nullopt);
    EXPECT_EQ(table.request(a, record("2"), record_only(LockMode::x)), LockAnswer::waiting);
    EXPECT_EQ(table.latest_deadlock().value().to_string(),
              R"(LATEST DETECTED DEADLOCK
*** (1) TRANSACTION 1, 5 rows changed
UPDATE t SET v = 1 WHERE id = 2
*** (1) HOLDS, OR IS BEFORE OTHERS WITH: X,REC_NOT_GAP on index 9 key 31
*** (1) WAITS FOR: X,REC_NOT_GAP on index 9 key 32
*** (2) TRANSACTION 2, 1 rows changed
*** (2) HOLDS, OR IS BEFORE OTHERS WITH: X,REC_NOT_GAP on index 9 key 32
*** (2) WAITS FOR: X,REC_NOT_GAP on index 9 key 33
*** (3) TRANSACTION 3, 7 rows changed
*** (3) HOLDS, OR IS BEFORE OTHERS WITH: S on index 9 key 33
*** (3) WAITS FOR: X,REC_NOT_GAP on index 9 key 31
*** WE ROLL BACK TRANSACTION (2)
)");
    EXPECT_EQ(table.wait(b, kNow), LockAnswer::deadlock);
    table.release_all(b);
    EXPECT_EQ(table.wait(a, kNow), LockAnswer::granted);
    table.release_all(a);
    EXPECT_EQ(table.wait(c, kNow), LockAnswer::granted);
    table.release_all(c);
    EXPECT_EQ(table.stats().deadlocks, 1u);
    EXPECT_EQ(table.stats().waits, 3u);
    EXPECT_EQ(table.stats().locks, 0u);
  });
}

TEST(LockTable, IsRefusedWhenFullAndFreedAgain) {
  on_node([](Node& node) {
    LockTable table(node, {.max_bytes = 64 * 1024});
    LockOwner owner(1, true);
    Status status;
    size_t locks = 0;
    while (status.ok()) {
      const std::string key = std::to_string(locks);
      status = table.lock(owner, record(key), record_only(LockMode::x), 1s);
      if (status.ok()) ++locks;
    }
    EXPECT_EQ(status.code(), Code::too_large);
    EXPECT_NE(status.message().find("lock table full"), std::string_view::npos) << status.message();
    EXPECT_GT(locks, 100u);
    EXPECT_LE(table.stats().bytes, size_t{64} * 1024);
    // What is held still counts as held, and waiting needs room as well.
    EXPECT_EQ(table.request(owner, record("0"), record_only(LockMode::s)), LockAnswer::granted);
    LockOwner other(2, true);
    EXPECT_EQ(table.request(other, record("0"), record_only(LockMode::s)), LockAnswer::full);
    // What a row implies is not refused.
    EXPECT_TRUE(table.add_implicit(other, record("implicit")));
    table.release_all(owner);
    table.release_all(other);
    EXPECT_EQ(table.stats().bytes, 0u);
  });
}

TEST(LockTable, AnEndedOwnerIsGivenNothing) {
  on_node([](Node& node) {
    LockTable table(node, {});
    LockOwner owner(1, true);
    table.release_all(owner);
    EXPECT_FALSE(table.add_implicit(owner, record("1")));
    EXPECT_EQ(table.list_locks(), std::vector<LockInfo>());
  });
}

TEST(LockTable, LockSaysWhyItFailed) {
  on_node([](Node& node) {
    LockTable table(node, {});
    LockOwner a(1, true);
    LockOwner b(2, true);
    const LockTarget target = LockTarget::table(TableId(7));
    EXPECT_EQ(table.lock(a, target, {LockMode::x}, 1s).code(), Code::ok);
    const Status busy = table.lock(b, target, {LockMode::is}, 0s);
    EXPECT_EQ(busy.to_string(), "unavailable: somebody is in the way of IS on table 7");
    const Status late = table.lock(b, target, {LockMode::is}, 1ms);
    EXPECT_EQ(late.to_string(), "lock_wait_timeout: waiting for IS on table 7");
    EXPECT_EQ(table.stats().timeouts, 1u);
    table.release_all(a);
    EXPECT_EQ(table.lock(b, target, {LockMode::is}, 0s).code(), Code::ok);
    table.release_all(b);
  });
}

}  // namespace
}  // namespace aftersync::txn
