// SessionRegistry: the connections that are there: SHOW PROCESSLIST, KILL, max_connections.
//
// Each connection has an entry for as long as it lives. What it does stands there for others to
// see; the text of the statement is not copied but looked at, under the entry's mutex, while the
// statement runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/platform/node.h"
#include "core/platform/sync.h"

namespace aftersync::server {

// A row of SHOW PROCESSLIST.
struct ProcessInfo {
  uint32_t id = 0;
  std::string user;
  std::string host;  // with port
  std::string database;
  std::string command;  // "Query", "Sleep"
  MonoTime since{};     // of the command
  std::string state;
  std::string info;  // the statement; empty: none
  std::string account_user;
  std::string account_host;
};

// How a connection is ended from outside; set once, before the connection can be found.
struct SessionControl {
  std::function<void()> kill_query;
  std::function<void()> kill_connection;
};

class SessionEntry {
 public:
  SessionEntry(uint32_t id, std::string host, MonoTime now);

  [[nodiscard]] uint32_t id() const { return id_; }

  // --- the connection's task ---
  void logged_in(std::string user, std::string account_user, std::string account_host,
                 std::string database);
  void set_database(std::string database);
  void begin(std::string_view command, std::string_view info, MonoTime now);
  void end(MonoTime now);
  // Replaces what can be done to it; empty functions when the session goes.
  void set_control(SessionControl control);

  // --- any task ---
  [[nodiscard]] ProcessInfo info() const;
  void kill_query();
  void kill_connection();
  [[nodiscard]] bool killed() const { return killed_.load(std::memory_order_relaxed); }

 private:
  const uint32_t id_;
  const std::string host_;
  std::atomic<bool> killed_{false};
  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::string user_ = "unauthenticated user";
  std::string account_user_;
  std::string account_host_;
  std::string database_;
  std::string_view command_ = "Connect";
  std::string_view info_;
  MonoTime since_;
  SessionControl control_;
};

// Any task.
class SessionRegistry {
 public:
  explicit SessionRegistry(Clock& clock) : clock_(clock) {}

  [[nodiscard]] std::shared_ptr<SessionEntry> add(std::string host);
  void remove(uint32_t id);
  [[nodiscard]] std::shared_ptr<SessionEntry> find(uint32_t id) const;
  // In the order of their ids.
  [[nodiscard]] std::vector<ProcessInfo> list() const;
  [[nodiscard]] size_t size() const;
  // All connections end; those that come later, too.
  void kill_all();

 private:
  Clock& clock_;
  mutable Mutex mutex_;
  // Guarded by mutex_.
  uint32_t last_id_ = 0;
  bool closing_ = false;
  std::map<uint32_t, std::shared_ptr<SessionEntry>> entries_;
};

}  // namespace aftersync::server
