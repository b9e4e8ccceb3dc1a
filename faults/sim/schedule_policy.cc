// SchedulePolicy: random walk, PCT, and the masked default.
#include "faults/sim/schedule_policy.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/base/prng.h"
#include "faults/sim/fiber.h"

namespace aftersync::sim {

namespace {

// A number that depends on seed and step alone.
uint64_t draw(uint64_t seed, uint64_t step) {
  uint64_t state = seed ^ (step * 0x9e3779b97f4a7c15u);
  return splitmix64(state);
}

size_t scaled(uint64_t random, size_t bound) {
  return static_cast<size_t>((static_cast<unsigned __int128>(random) * bound) >> 64);
}

uint64_t threshold_of(double probability) {
  if (probability >= 1.0) return UINT64_MAX;
  return static_cast<uint64_t>(std::ldexp(std::max(probability, 0.0), 64));
}

constexpr uint64_t kScheduleStream = 0x5ced;

}  // namespace

ScheduleOptions ScheduleOptions::drawn_from(uint64_t seed) {
  Prng prng(seed, kScheduleStream);
  ScheduleOptions options;
  if (prng.chance(0.3)) {
    options.kind = Kind::pct;
    options.change_points = static_cast<uint32_t>(prng.between(1, 12));
    options.expected_steps = uint64_t{1} << prng.between(9, 17);
  } else {
    options.switch_probability = std::ldexp(1.0, -static_cast<int>(prng.below(6)));
  }
  return options;
}

SchedulePolicy::SchedulePolicy(uint64_t seed, ScheduleOptions options)
    : seed_(seed),
      options_(std::move(options)),
      switch_threshold_(threshold_of(options_.switch_probability)) {
  if (options_.kind != ScheduleOptions::Kind::pct) return;
  Prng prng(seed, kScheduleStream + 1);
  for (uint32_t i = 0; i < options_.change_points; ++i) {
    change_points_.push_back(prng.below(options_.expected_steps));
  }
  std::sort(change_points_.begin(), change_points_.end());
}

bool SchedulePolicy::in_window(uint64_t step) {
  const auto& windows = options_.windows;
  while (window_ < windows.size() && windows[window_].last <= step) ++window_;
  return window_ < windows.size() && windows[window_].first <= step;
}

size_t SchedulePolicy::choose(std::span<Fiber* const> ready, Fiber* current, uint64_t step) {
  if (ready.empty()) return kKeepCurrent;
  if (!in_window(step)) return choose_default(ready, current);
  if (options_.kind == ScheduleOptions::Kind::pct) return choose_by_priority(ready, current, step);
  return choose_random(ready, current, step);
}

size_t SchedulePolicy::choose_default(std::span<Fiber* const> ready, Fiber* current) const {
  if (current != nullptr) return kKeepCurrent;
  const auto oldest = std::min_element(
      ready.begin(), ready.end(), [](const Fiber* a, const Fiber* b) { return a->id < b->id; });
  return static_cast<size_t>(oldest - ready.begin());
}

size_t SchedulePolicy::choose_random(std::span<Fiber* const> ready, Fiber* current,
                                     uint64_t step) const {
  const uint64_t random = draw(seed_, step);
  if (current == nullptr) return scaled(random, ready.size());
  if (random > switch_threshold_) return kKeepCurrent;
  const size_t pick = scaled(draw(~seed_, step), ready.size() + 1);
  return pick == ready.size() ? kKeepCurrent : pick;
}

size_t SchedulePolicy::choose_by_priority(std::span<Fiber* const> ready, Fiber* current,
                                          uint64_t step) {
  while (next_change_point_ < change_points_.size() && change_points_[next_change_point_] <= step) {
    // Lower than every initial priority; the later change point gives the lower value.
    if (current != nullptr) current->priority = change_points_.size() - next_change_point_;
    ++next_change_point_;
  }
  size_t best = kKeepCurrent;
  const Fiber* best_fiber = current;
  for (size_t i = 0; i < ready.size(); ++i) {
    if (best_fiber == nullptr || ready[i]->priority > best_fiber->priority) {
      best = i;
      best_fiber = ready[i];
    }
  }
  return best;
}

uint64_t SchedulePolicy::priority_of_new(uint64_t fiber_id) const {
  return draw(seed_ + 0x9d5, fiber_id) | (uint64_t{1} << 32);
}

}  // namespace aftersync::sim
