// Orders: in which order the sessions go on that one step set free.
//
// A server lets them run at once, so every order is right, and which one it takes nobody can say
// beforehand. Whoever holds the model against a server compares with all of them: a run asks here
// at every choice, and is repeated while there is an order left.
//
//   Orders orders;
//   do { ... interpreter.run(session, statement, orders) ... } while (orders.next());
//
// The first run follows the order in which the sessions were set free.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/check.h"

namespace aftersync::model::txn {

class Orders {
 public:
  // Which of `count` sessions goes on: less than `count`. CHECK: a repeated run asks as the one
  // before it did, up to the last choice that differs.
  size_t choose(size_t count) {
    if (at_ == choices_.size()) choices_.push_back({0, count});
    const Choice& choice = choices_[at_++];
    CHECK(choice.count == count);
    return choice.taken;
  }

  // Prepares the next run; false when there is none.
  bool next() {
    at_ = 0;
    while (!choices_.empty() && ++choices_.back().taken == choices_.back().count) {
      choices_.pop_back();
    }
    return !choices_.empty();
  }

 private:
  struct Choice {
    size_t taken = 0;
    size_t count = 0;
  };

  std::vector<Choice> choices_;
  size_t at_ = 0;
};

}  // namespace aftersync::model::txn
