// AutoIncrement: the next value of a table's AUTO_INCREMENT column.
//
// Values are given out in steps and never taken back, whatever becomes of the rows
// (innodb_autoinc_lock_mode = 2). The counter is in memory: after a start it goes on behind the
// largest value that is in the table, so values whose rows have been deleted may come again.
// (MySQL 8.0 keeps the counter; 5.7 and MariaDB before 10.2 did as we do.)
//
// Source: MySQL manual 17.6.1.6; 7.1.4.3 on auto_increment_increment and auto_increment_offset.
#pragma once

#include <cstdint>
#include <optional>

#include "core/platform/sync.h"

namespace aftersync::sql {

class AutoIncrement {
 public:
  // `next`: the least value that may be given out.
  explicit AutoIncrement(uint64_t next) : next_(next) {}

  // The next value that is `offset` and some times `increment` (at least 1), and at most `largest`;
  // nothing when there is none. Any task.
  [[nodiscard]] std::optional<uint64_t> take(uint64_t increment, uint64_t offset, uint64_t largest);
  // A row has been given this value by hand.
  void note_used(uint64_t value);
  [[nodiscard]] uint64_t next() const;

 private:
  mutable Mutex mutex_;  // a leaf
  uint64_t next_;        // guarded by mutex_; 0: all values have been given out
};

}  // namespace aftersync::sql
