// Trees for tests, and the changes that tests make.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/prng.h"
#include "core/storage/btree.h"
#include "proptests/storage/store_fixture.h"

namespace aftersync::storage {

inline TreeRoot make_tree(PageStore& store, uint64_t index = 7) {
  auto reservation = SpaceAllocator(store).reserve_fragments(kTestSpace, 1);
  CHECK_OK(reservation);
  Mtr mtr(store);
  auto root = BTree::create(store, mtr, kTestSpace, IndexId(index), *reservation);
  CHECK_OK(root);
  return *root;
}

// One decision, whatever is found.
class Change final : public LeafChange {
 public:
  static Change put(std::string_view value, uint8_t flags = 0) {
    return Change(Kind::put, value, flags);
  }
  static Change mark(std::string_view beginning, uint8_t flags) {
    return Change(Kind::mark, beginning, flags);
  }
  static Change remove() { return Change(Kind::remove, "", 0); }

  Result<Decision> decide(const RecordView* found, const Frame&, uint16_t) override {
    found_ = found != nullptr;
    switch (kind_) {
      case Kind::put: return Decision{found_ ? Action::replace : Action::insert, value_, flags_};
      case Kind::mark:
        if (!found_) return Decision{};
        if (found->value.size() < value_.size()) return Decision{Action::set_flags, "", flags_};
        return Decision{Action::set_flags, value_, flags_};
      default: return found_ ? Decision{Action::erase, {}, 0} : Decision{};
    }
  }
  void finish(Mtr&) override { ++finished_; }
  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] int finished() const { return finished_; }

 private:
  enum class Kind : uint8_t { put, mark, remove };
  Change(Kind kind, std::string_view value, uint8_t flags)
      : kind_(kind), value_(value), flags_(flags) {}
  Kind kind_;
  std::string value_;
  uint8_t flags_;
  bool found_ = false;
  int finished_ = 0;
};

struct Entry {
  std::string value;
  uint8_t flags = 0;
  friend bool operator==(const Entry&, const Entry&) = default;
};
using TreeModel = std::map<std::string, Entry>;

inline std::string be_key(uint64_t n) {
  std::string key;
  append_be(key, n);
  return key;
}

inline void put(BTree& tree, std::string_view key, std::string_view value, uint8_t flags = 0) {
  Change change = Change::put(value, flags);
  CHECK_OK(tree.modify(key, change));
  CHECK_EQ(change.finished(), 1);
}

inline bool remove(BTree& tree, std::string_view key) {
  Change change = Change::remove();
  CHECK_OK(tree.modify(key, change));
  return change.found();
}

}  // namespace aftersync::storage
