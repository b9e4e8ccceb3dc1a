// The lock table as one list: what the real one must do, written to be obviously right.
//
// All locks of all transactions stand in one vector in the order in which they came. Whether a
// request has to wait is asked by walking it; who waits for whom, by walking it for every waiter;
// circles, by walking that. The rules about what may stand side by side are spelt out here once
// more, as text.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/txn/lock_table.h"

namespace aftersync::txn {

// '+' the two may stand side by side, 'w' the wanted one waits. Rows: wanted, columns: there, both
// in the order of kModelTypes.
//                                         IS IX S  X  AI
inline constexpr const char* kTableRules[] = {"+++w+",   // IS
                                              "++ww+",   // IX
                                              "+w+ww",   // S
                                              "wwwww",   // X
                                              "++www"};  // AUTO_INC
// Of records, where not both modes are S: next-key, record, gap, insert intention.
inline constexpr const char* kRecordRules[] = {"ww++",   // next-key
                                               "ww++",   // record
                                               "++++",   // gap
                                               "w+w+"};  // insert intention
// Of a supremum, where all but insert intentions are next-key locks.
inline constexpr const char* kSupremumRules[] = {"+??+", "????", "????", "w??+"};

inline bool model_waits(LockType wanted, LockType there, bool on_supremum) {
  if (wanted.reach == LockReach::table) {
    return kTableRules[static_cast<int>(wanted.mode)][static_cast<int>(there.mode)] == 'w';
  }
  if (wanted.mode == LockMode::s && there.mode == LockMode::s) return false;
  const int row = static_cast<int>(wanted.reach) - 1;
  const int column = static_cast<int>(there.reach) - 1;
  return (on_supremum ? kSupremumRules : kRecordRules)[row][column] == 'w';
}

// Whether holding `held` makes asking for `wanted` unnecessary.
inline bool model_covers(LockType held, LockType wanted) {
  static const std::map<LockMode, std::set<LockMode>> kStronger = {
      {LockMode::is, {LockMode::is}},
      {LockMode::ix, {LockMode::is, LockMode::ix}},
      {LockMode::s, {LockMode::is, LockMode::s}},
      {LockMode::x, {LockMode::is, LockMode::ix, LockMode::s, LockMode::x, LockMode::auto_inc}},
      {LockMode::auto_inc, {LockMode::auto_inc}}};
  if (!kStronger.at(held.mode).contains(wanted.mode)) return false;
  if (held.reach == LockReach::insert_intention) return false;
  if (wanted.reach == LockReach::insert_intention) return false;
  return held.reach == wanted.reach || held.reach == LockReach::next_key;
}

struct ModelOwner {
  uint64_t number = 0;
  bool keeps_gaps = true;
  uint64_t weight = 0;
  bool ended = false;
  std::optional<LockAnswer> outcome;  // of a wait that has ended and was not asked for yet
};

class LockModel {
 public:
  std::map<uint64_t, ModelOwner> owners;

  LockAnswer request(uint64_t owner, const LockTarget& target, LockType type, bool may_wait,
                     bool keep) {
    LockInfo lock = make(owner, target, type);
    for (const LockInfo& other : locks_) {
      if (other.owner == owner && !other.waiting && same_place(other, lock) &&
          model_covers(other.type, lock.type)) {
        return LockAnswer::granted;
      }
    }
    if (blockers(lock, locks_.size()).empty()) {
      if (keep) locks_.push_back(lock);
      return LockAnswer::granted;
    }
    if (!may_wait) return LockAnswer::busy;
    lock.waiting = true;
    locks_.push_back(lock);
    while (waiting_of(owner)) {
      const auto circle = circle_from(owner);
      if (circle.empty()) return LockAnswer::waiting;
      end_wait(victim_of(circle), LockAnswer::deadlock);
    }
    if (owners.at(owner).outcome == LockAnswer::granted) return LockAnswer::waiting;  // and over
    return take_outcome(owner);
  }

  [[nodiscard]] bool is_waiting(uint64_t owner) const { return waiting_of(owner).has_value(); }

  // What a wait that ended while nobody looked has come to.
  LockAnswer take_outcome(uint64_t owner) {
    const LockAnswer outcome = owners.at(owner).outcome.value();
    owners.at(owner).outcome.reset();
    return outcome;
  }

  void time_out(uint64_t owner) { end_wait(owner, LockAnswer::timed_out); }

  void release(uint64_t owner, const LockTarget& target, LockType type) {
    const LockInfo lock = make(owner, target, type);
    const auto at = std::find(locks_.begin(), locks_.end(), lock);
    if (at == locks_.end()) return;
    locks_.erase(at);
    grant();
  }

  void release_auto_inc(uint64_t owner) {
    std::erase_if(locks_, [&](const LockInfo& l) {
      return l.owner == owner && !l.waiting && l.type.mode == LockMode::auto_inc;
    });
    grant();
  }

  void release_all(uint64_t owner) {
    owners.at(owner).ended = true;
    std::erase_if(locks_, [&](const LockInfo& l) { return l.owner == owner; });
    grant();
  }

  void add(uint64_t owner, const LockTarget& target, LockType type) {
    if (owners.at(owner).ended) return;
    const LockInfo lock = make(owner, target, type);
    for (const LockInfo& other : locks_) {
      if (other.owner == owner && !other.waiting && same_place(other, lock) &&
          model_covers(other.type, lock.type)) {
        return;
      }
    }
    locks_.push_back(lock);
  }

  // What is inherited is added unless the very same is there.
  void inherit(uint64_t owner, const LockTarget& target, LockType type) {
    const LockInfo lock = make(owner, target, type);
    if (owners.at(owner).ended || std::ranges::find(locks_, lock) != locks_.end()) return;
    locks_.push_back(lock);
  }

  void key_inserted(IndexId index, const std::string& key, const LockTarget& successor) {
    for (const LockInfo& lock : std::vector<LockInfo>(locks_)) {
      if (lock.target() != successor || lock.type.reach == LockReach::insert_intention) continue;
      if (lock.type.reach == LockReach::record) continue;
      inherit(lock.owner, LockTarget::record(index, key), gap_only(lock.type.mode));
    }
  }

  void key_erased(IndexId index, const std::string& key, const LockTarget& successor) {
    const LockTarget gone = LockTarget::record(index, key);
    for (const LockInfo& lock : std::vector<LockInfo>(locks_)) {
      if (lock.target() != gone) continue;
      const bool kept = owners.at(lock.owner).keeps_gaps || lock.type.mode == LockMode::s;
      if (kept && lock.type.reach != LockReach::insert_intention) {
        inherit(lock.owner, successor, gap_only(lock.type.mode));
      }
      if (lock.waiting) owners.at(lock.owner).outcome = LockAnswer::vanished;
    }
    std::erase_if(locks_, [&](const LockInfo& l) { return l.target() == gone; });
  }

  [[nodiscard]] std::vector<LockInfo> sorted_locks() const {
    std::vector<LockInfo> sorted = locks_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  [[nodiscard]] std::vector<LockWaitInfo> sorted_waits() const {
    std::vector<LockWaitInfo> waits;
    for (size_t i = 0; i < locks_.size(); ++i) {
      if (!locks_[i].waiting) continue;
      for (const size_t by : blockers(locks_[i], i)) waits.push_back({locks_[i], locks_[by]});
    }
    std::sort(waits.begin(), waits.end());
    return waits;
  }

 private:
  static LockInfo make(uint64_t owner, const LockTarget& target, LockType type) {
    if (target.is_supremum() && type.reach == LockReach::gap) type.reach = LockReach::next_key;
    return {owner, target.kind, target.object, std::string(target.key), type, false};
  }
  static bool same_place(const LockInfo& a, const LockInfo& b) { return a.target() == b.target(); }

  // Indexes of what is before `end` and in the way.
  [[nodiscard]] std::vector<size_t> blockers(const LockInfo& lock, size_t end) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < end; ++i) {
      const LockInfo& other = locks_[i];
      if (other.owner != lock.owner && same_place(other, lock) &&
          model_waits(lock.type, other.type, lock.target().is_supremum())) {
        found.push_back(i);
      }
    }
    return found;
  }

  [[nodiscard]] std::optional<size_t> waiting_of(uint64_t owner) const {
    for (size_t i = 0; i < locks_.size(); ++i) {
      if (locks_[i].owner == owner && locks_[i].waiting) return i;
    }
    return std::nullopt;
  }

  void end_wait(uint64_t owner, LockAnswer outcome) {
    locks_.erase(locks_.begin() + static_cast<ptrdiff_t>(waiting_of(owner).value()));
    owners.at(owner).outcome = outcome;
    grant();
  }

  // Whoever is not in anybody's way any more.
  void grant() {
    for (size_t i = 0; i < locks_.size(); ++i) {
      if (!locks_[i].waiting || !blockers(locks_[i], i).empty()) continue;
      locks_[i].waiting = false;
      owners.at(locks_[i].owner).outcome = LockAnswer::granted;
    }
  }

  // The owners of a shortest circle through `start`, in the order of waiting; empty: none. Of
  // several the first, those in the way taken in the order of their locks.
  [[nodiscard]] std::vector<uint64_t> circle_from(uint64_t start) const {
    std::vector<std::vector<uint64_t>> paths = {{start}};
    std::set<uint64_t> seen;
    for (size_t i = 0; i < paths.size(); ++i) {
      const std::vector<uint64_t> path = paths[i];
      const auto waits = waiting_of(path.back());
      if (!waits) continue;
      for (const size_t by : blockers(locks_[*waits], *waits)) {
        const uint64_t next = locks_[by].owner;
        if (next == start) return path;
        if (!seen.insert(next).second) continue;
        paths.push_back(path);
        paths.back().push_back(next);
      }
    }
    return {};
  }

  // The lightest; of several, the first.
  [[nodiscard]] uint64_t victim_of(const std::vector<uint64_t>& circle) const {
    return *std::ranges::min_element(circle, {},
                                     [&](uint64_t owner) { return owners.at(owner).weight; });
  }

  std::vector<LockInfo> locks_;
};

}  // namespace aftersync::txn
