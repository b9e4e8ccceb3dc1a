// Names of the counters.
#include "core/server/status_counters.h"

#include <iterator>

namespace aftersync::server {

namespace {

constexpr std::string_view kNames[] = {
    "Aborted_clients",
    "Aborted_connects",
    "Com_alter_table",
    "Com_begin",
    "Com_commit",
    "Com_create_db",
    "Com_create_index",
    "Com_create_table",
    "Com_delete",
    "Com_drop_table",
    "Com_insert",
    "Com_kill",
    "Com_replace",
    "Com_rollback",
    "Com_select",
    "Com_set_option",
    "Com_show",
    "Com_stmt_close",
    "Com_stmt_execute",
    "Com_stmt_prepare",
    "Com_truncate",
    "Com_update",
    "Connection_errors_max_connections",
    "Connections",
    "Max_used_connections",
    "Prepared_stmt_count",
    "Queries",
    "Questions",
    "Threads_running",
};
static_assert(std::size(kNames) == kCounters);

}  // namespace

std::string_view name_of(Counter counter) { return kNames[static_cast<size_t>(counter)]; }

void StatusCounters::raise_to(Counter counter, uint64_t value) {
  std::atomic<uint64_t>& kept = at(counter);
  uint64_t before = kept.load(std::memory_order_relaxed);
  while (before < value && !kept.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
  }
}

}  // namespace aftersync::server
