// Overflow is what has to be minded.
#include "core/sql/schema/auto_increment.h"

namespace aftersync::sql {

std::optional<uint64_t> AutoIncrement::take(uint64_t increment, uint64_t offset, uint64_t largest) {
  // An offset above the increment is ignored.
  if (offset > increment || offset == 0) offset = 1;
  const MutexLock lock(mutex_);
  if (next_ == 0 || next_ > largest) return {};
  uint64_t value = offset;
  if (next_ > offset) {
    const uint64_t steps = (next_ - offset - 1) / increment + 1;
    if (steps > (largest - offset) / increment) return {};
    value = offset + steps * increment;
  }
  if (value > largest) return {};
  next_ = value == UINT64_MAX ? 0 : value + 1;
  return value;
}

void AutoIncrement::note_used(uint64_t value) {
  const MutexLock lock(mutex_);
  if (next_ != 0 && value >= next_) next_ = value == UINT64_MAX ? 0 : value + 1;
}

uint64_t AutoIncrement::next() const {
  const MutexLock lock(mutex_);
  return next_;
}

}  // namespace aftersync::sql
