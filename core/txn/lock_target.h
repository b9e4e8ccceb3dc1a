// LockTarget: what a lock is on. A table, a record of an index (by its whole encoded key), or the
// supremum of an index, which stands for all that is behind the last record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"

namespace aftersync::txn {

struct LockTarget {
  enum class Kind : uint8_t { table, record, supremum };

  Kind kind = Kind::table;
  uint64_t object = 0;   // TableId of a table, IndexId otherwise
  std::string_view key;  // of a record; not owned

  [[nodiscard]] static LockTarget table(TableId id) { return {Kind::table, id.value(), {}}; }
  [[nodiscard]] static LockTarget record(IndexId index, std::string_view key) {
    return {Kind::record, index.value(), key};
  }
  [[nodiscard]] static LockTarget supremum(IndexId index) {
    return {Kind::supremum, index.value(), {}};
  }
  [[nodiscard]] bool is_supremum() const { return kind == Kind::supremum; }
  friend auto operator<=>(const LockTarget&, const LockTarget&) = default;
};

// "table 7", "index 9 key 8000002a", "index 9 supremum".
[[nodiscard]] std::string to_string(const LockTarget& target);

}  // namespace aftersync::txn
