// SchedulePolicy: which ready fiber goes on at a scheduling point.
//
// Two searches of the space of interleavings. The random walk switches with a probability p drawn
// for each run: p near 1 finds races between neighbouring steps, a small p long unfair stretches.
// PCT (Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs",
// ASPLOS 2010) gives each fiber a random priority, always runs the highest, and lowers the running
// one's at d random steps: a bug that needs d ordering constraints is hit with probability of at
// least 1/(n k^(d-1)).
//
// The choice at step i is a function of (seed, i) and the ready set, not of earlier draws. So a
// schedule can be masked: outside the given windows of steps the policy is the plain default (go on
// with the same fiber; else the oldest). Minimising a failing seed means finding few, short
// windows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace aftersync::sim {

class Fiber;

// Steps [first, last).
struct StepWindow {
  uint64_t first = 0;
  uint64_t last = UINT64_MAX;
};

struct ScheduleOptions {
  enum class Kind : uint8_t { random_walk, pct };
  Kind kind = Kind::random_walk;
  // Random walk: probability that a point considers switching at all, in [0, 1].
  double switch_probability = 1.0;
  // PCT: how many priority changes, spread over this many steps.
  uint32_t change_points = 3;
  uint64_t expected_steps = 20'000;
  // Where the policy may deviate from the default. Empty: nowhere.
  std::vector<StepWindow> windows = {StepWindow{}};

  // A kind and parameters drawn from `seed` (swarm testing of schedules).
  [[nodiscard]] static ScheduleOptions drawn_from(uint64_t seed);
};

class SchedulePolicy {
 public:
  SchedulePolicy(uint64_t seed, ScheduleOptions options);

  static constexpr size_t kKeepCurrent = SIZE_MAX;

  // The index into `ready` of the fiber to run, or kKeepCurrent. `current` is null when the running
  // fiber cannot go on; then `ready` is not empty.
  [[nodiscard]] size_t choose(std::span<Fiber* const> ready, Fiber* current, uint64_t step);

  // A priority for a new fiber (PCT); higher runs first.
  [[nodiscard]] uint64_t priority_of_new(uint64_t fiber_id) const;

 private:
  [[nodiscard]] bool in_window(uint64_t step);
  [[nodiscard]] size_t choose_default(std::span<Fiber* const> ready, Fiber* current) const;
  [[nodiscard]] size_t choose_random(std::span<Fiber* const> ready, Fiber* current,
                                     uint64_t step) const;
  [[nodiscard]] size_t choose_by_priority(std::span<Fiber* const> ready, Fiber* current,
                                          uint64_t step);

  const uint64_t seed_;
  const ScheduleOptions options_;
  const uint64_t switch_threshold_;
  size_t window_ = 0;                    // the first window that does not end before this step
  std::vector<uint64_t> change_points_;  // ascending
  size_t next_change_point_ = 0;
};

}  // namespace aftersync::sim
