// StatusCounters: what the server has done since its start, as SHOW GLOBAL STATUS tells it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace aftersync::server {

enum class Counter : uint8_t {
  aborted_clients,
  aborted_connects,
  com_alter_table,
  com_begin,
  com_commit,
  com_create_db,
  com_create_index,
  com_create_table,
  com_delete,
  com_drop_table,
  com_insert,
  com_kill,
  com_replace,
  com_rollback,
  com_select,
  com_set_option,
  com_show,
  com_stmt_close,
  com_stmt_execute,
  com_stmt_prepare,
  com_truncate,
  com_update,
  connection_errors_max_connections,
  connections,
  max_used_connections,
  prepared_stmt_count,
  queries,
  questions,
  threads_running,
};
inline constexpr size_t kCounters = static_cast<size_t>(Counter::threads_running) + 1;

// As SHOW STATUS spells it: "Com_select".
[[nodiscard]] std::string_view name_of(Counter counter);

// Any task.
class StatusCounters {
 public:
  void add(Counter counter, int64_t by = 1) {
    at(counter).fetch_add(static_cast<uint64_t>(by), std::memory_order_relaxed);
  }
  void raise_to(Counter counter, uint64_t value);
  [[nodiscard]] uint64_t get(Counter counter) const {
    return values_[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::atomic<uint64_t>& at(Counter counter) { return values_[static_cast<size_t>(counter)]; }

  std::array<std::atomic<uint64_t>, kCounters> values_{};
};

}  // namespace aftersync::server
