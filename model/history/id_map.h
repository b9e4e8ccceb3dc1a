// IdMap: (space, number) -> 32-bit id, the one hash table of the history checkers.
//
// A million transactions mean millions of lookups, so the table is flat: 16 bytes a slot, linear
// probing, at most 5/8 full. It cannot be iterated: what comes out of it never depends on hashing.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/check.h"

namespace aftersync::model {

class IdMap {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  // The id stored for (space, number), or kAbsent.
  [[nodiscard]] uint32_t find(uint32_t space, int64_t number) const {
    if (slots_.empty()) return kAbsent;
    return slots_[slot_of(space, number)].id;
  }

  // Stores `id` unless there is one already; returns the one stored and whether it is new.
  std::pair<uint32_t, bool> insert(uint32_t space, int64_t number, uint32_t id) {
    CHECK(id != kAbsent);
    if ((used_ + 1) * 8 > slots_.size() * 5) grow();
    Slot& slot = slots_[slot_of(space, number)];
    if (slot.id != kAbsent) return {slot.id, false};
    slot = {number, space, id};
    ++used_;
    return {id, true};
  }

  [[nodiscard]] size_t size() const { return used_; }

 private:
  struct Slot {
    int64_t number = 0;
    uint32_t space = 0;
    uint32_t id = kAbsent;
  };

  [[nodiscard]] size_t slot_of(uint32_t space, int64_t number) const {
    uint64_t hash = static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15u;
    hash ^= (uint64_t{space} + 1) * 0xc2b2ae3d27d4eb4fu;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9u;
    size_t at = static_cast<size_t>(hash >> 32) & mask_;
    while (slots_[at].id != kAbsent && (slots_[at].number != number || slots_[at].space != space)) {
      at = (at + 1) & mask_;
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.id != kAbsent) slots_[slot_of(slot.space, slot.number)] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t used_ = 0;
};

}  // namespace aftersync::model
