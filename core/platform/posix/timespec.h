// Conversion of our times to those of the kernel.
#pragma once

#include <algorithm>
#include <ctime>

#include "core/platform/time.h"

namespace aftersync::posix {

// Negative durations become zero: the kernel refuses them, and to us they mean "already over".
[[nodiscard]] inline timespec to_timespec(Duration duration) {
  const Duration positive = std::max(duration, Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(positive);
  timespec result{};
  result.tv_sec = static_cast<time_t>(seconds.count());
  result.tv_nsec = static_cast<long>((positive - seconds).count());
  return result;
}
[[nodiscard]] inline timespec to_timespec(MonoTime time) {
  return to_timespec(time.time_since_epoch());
}

[[nodiscard]] inline Duration from_timespec(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// MonoTime is CLOCK_MONOTONIC, unshifted: futexes take deadlines on it as they are.
[[nodiscard]] inline MonoTime mono_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return MonoTime(from_timespec(now));
}

// The time that is `duration` from now; kNever where that cannot be represented.
[[nodiscard]] inline MonoTime after(Duration duration) {
  const MonoTime now = mono_now();
  return duration > kNever - now ? kNever : now + duration;
}

}  // namespace aftersync::posix
