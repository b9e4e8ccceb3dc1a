// Rng: the only source of randomness in core (ids, salts, back-off jitter).
//
// From the operating system on posix, fit for secrets; from the seed in the simulator.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/uid.h"

namespace aftersync {

class NodeState;

class Rng {
 public:
  explicit Rng(NodeState& node) : node_(node) {}
  Rng(const Rng&) = delete;
  Rng& operator=(const Rng&) = delete;

  [[nodiscard]] uint64_t next();
  void fill(std::span<char> into);
  [[nodiscard]] Uid uid() {
    const uint64_t high = next();
    return Uid::from_random(high, next());
  }

 private:
  NodeState& node_;
};

}  // namespace aftersync
