// Counters, and the engine's state as text.
#include "core/server/status_report.h"

#include <algorithm>
#include <map>

#include "core/storage/engine.h"
#include "core/txn/transaction.h"

namespace aftersync::server {

namespace {

constexpr uint64_t kNsPerMs = 1'000'000;

void add_engine(ServerContext& server, std::map<std::string, uint64_t>& report) {
  storage::PageStore& pages = server.transactions->engine().pages();
  const storage::BufferPoolStats pool = pages.pool().stats();
  report["Innodb_buffer_pool_pages_total"] = pool.frames;
  report["Innodb_buffer_pool_pages_free"] = pool.free;
  report["Innodb_buffer_pool_pages_data"] = pool.frames - pool.free;
  report["Innodb_buffer_pool_pages_dirty"] = pool.dirty;
  report["Innodb_buffer_pool_reads"] = pool.reads;
  report["Innodb_pages_written"] = pool.writes;
  const LogStats log = pages.log().stats();
  report["Innodb_log_write_requests"] = log.appends;
  report["Innodb_log_writes"] = log.writes;
  report["Innodb_os_log_written"] = log.written_bytes;
  report["Innodb_os_log_fsyncs"] = log.syncs;
  report["Innodb_page_size"] = 16384;
  const txn::LockStats locks = server.transactions->locks().stats();
  report["Innodb_row_lock_current_waits"] = locks.waiting;
  report["Innodb_row_lock_waits"] = locks.waits;
  report["Innodb_row_lock_time"] = locks.wait_ns / kNsPerMs;
  report["Innodb_deadlocks"] = locks.deadlocks;
}

std::string deadlock_text(ServerContext& server) {
  const auto report = server.transactions->locks().latest_deadlock();
  if (!report) return {};
  std::string text =
      "------------------------\nLATEST DETECTED DEADLOCK\n------------------------\n";
  for (size_t i = 0; i < report->cycle.size(); ++i) {
    const txn::DeadlockReport::Member& member = report->cycle[i];
    const std::string number = "(" + std::to_string(i + 1) + ")";
    text += "*** " + number + " TRANSACTION:\nTRANSACTION " + std::to_string(member.owner) +
            ", rows changed " + std::to_string(member.weight) + "\n" + member.description +
            "\n*** " + number + " WAITING FOR THIS LOCK TO BE GRANTED:\n" +
            to_string(member.waits_for) + "\n";
  }
  return text + "*** WE ROLL BACK TRANSACTION (" + std::to_string(report->victim + 1) + ")\n";
}

std::string transactions_text(ServerContext& server) {
  std::string text =
      "------------\nTRANSACTIONS\n------------\nLIST OF TRANSACTIONS FOR EACH SESSION:\n";
  uint64_t owner = 0;
  for (const txn::LockInfo& lock : server.transactions->locks().list_locks()) {
    if (lock.owner != owner) text += "---TRANSACTION " + std::to_string(lock.owner) + ", ACTIVE\n";
    owner = lock.owner;
    text += std::string(lock.waiting ? "WAITING FOR LOCK " : "LOCK ") + to_string(lock) + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> status_report(ServerContext& server) {
  std::map<std::string, uint64_t> report;
  for (size_t i = 0; i < kCounters; ++i) {
    const auto counter = static_cast<Counter>(i);
    report[std::string(name_of(counter))] = server.counters.get(counter);
  }
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(server.node.clock().now() - server.started);
  report["Uptime"] = static_cast<uint64_t>(uptime.count());
  report["Threads_connected"] = server.sessions.size();
  add_engine(server, report);
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : report) lines.emplace_back(name, std::to_string(value));
  return lines;
}

std::string engine_status_text(ServerContext& server) {
  std::map<std::string, uint64_t> report;
  add_engine(server, report);
  std::string text =
      "\n=====================================\nINNODB MONITOR OUTPUT\n"
      "=====================================\n";
  text += deadlock_text(server) + transactions_text(server);
  text += "----------------------\nBUFFER POOL, LOG, LOCKS\n----------------------\n";
  for (const auto& [name, value] : report) text += name + " " + std::to_string(value) + "\n";
  return text +
         "----------------------------\nEND OF INNODB MONITOR OUTPUT\n"
         "============================\n";
}

}  // namespace aftersync::server
