// Time as the platform speaks of it: two kinds that cannot be mixed up.
//
// MonoTime never goes back and has no meaning outside its process; every deadline is one. WallTime
// is what people and other machines mean; it may jump, and nothing about correctness may hang on
// it. Both have nanosecond resolution; Duration is their difference.
#pragma once

#include <chrono>
#include <cstdint>

namespace aftersync {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;  // 10ms, 2s

// Tags only: reading a clock is Clock's business, so neither has a now().
struct MonoTag {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoTag, Duration>;
  static constexpr bool is_steady = true;
};
struct WallTag {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallTag, Duration>;
  static constexpr bool is_steady = false;
};

using MonoTime = MonoTag::time_point;  // since an arbitrary origin, at least 0
using WallTime = WallTag::time_point;  // since 1970-01-01T00:00:00Z, leap seconds not counted

// A deadline that never passes.
inline constexpr MonoTime kNever = MonoTime::max();

}  // namespace aftersync
