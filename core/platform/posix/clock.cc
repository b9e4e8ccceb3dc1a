// Clock: the kernel's two clocks, through the vDSO.
#include "core/platform/clock.h"

#include <ctime>

#include "core/platform/posix/timespec.h"

namespace aftersync {

MonoTime Clock::now() { return posix::mono_now(); }

WallTime Clock::wall_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return WallTime(posix::from_timespec(now));
}

}  // namespace aftersync
