// The connections that are there.
#include "core/server/session_registry.h"

namespace aftersync::server {

SessionEntry::SessionEntry(uint32_t id, std::string host, MonoTime now)
    : id_(id), host_(std::move(host)), since_(now) {}

void SessionEntry::logged_in(std::string user, std::string account_user, std::string account_host,
                             std::string database) {
  const MutexLock lock(mutex_);
  user_ = std::move(user);
  account_user_ = std::move(account_user);
  account_host_ = std::move(account_host);
  database_ = std::move(database);
}

void SessionEntry::set_database(std::string database) {
  const MutexLock lock(mutex_);
  database_ = std::move(database);
}

void SessionEntry::begin(std::string_view command, std::string_view info, MonoTime now) {
  const MutexLock lock(mutex_);
  command_ = command;
  info_ = info;
  since_ = now;
}

void SessionEntry::end(MonoTime now) { begin("Sleep", {}, now); }

void SessionEntry::set_control(SessionControl control) {
  const MutexLock lock(mutex_);
  control_ = std::move(control);
}

ProcessInfo SessionEntry::info() const {
  const MutexLock lock(mutex_);
  ProcessInfo info;
  info.id = id_;
  info.user = user_;
  info.host = host_;
  info.database = database_;
  info.command = killed() ? "Killed" : command_;
  info.since = since_;
  info.state = info_.empty() ? "" : "executing";
  info.info = info_;
  info.account_user = account_user_;
  info.account_host = account_host_;
  return info;
}

void SessionEntry::kill_query() {
  const MutexLock lock(mutex_);
  if (control_.kill_query) control_.kill_query();
}

void SessionEntry::kill_connection() {
  killed_.store(true, std::memory_order_relaxed);
  const MutexLock lock(mutex_);
  if (control_.kill_query) control_.kill_query();
  if (control_.kill_connection) control_.kill_connection();
}

std::shared_ptr<SessionEntry> SessionRegistry::add(std::string host) {
  const MonoTime now = clock_.now();
  const MutexLock lock(mutex_);
  auto entry = std::make_shared<SessionEntry>(++last_id_, std::move(host), now);
  entries_[last_id_] = entry;
  if (closing_) entry->kill_connection();
  return entry;
}

void SessionRegistry::remove(uint32_t id) {
  const MutexLock lock(mutex_);
  entries_.erase(id);
}

std::shared_ptr<SessionEntry> SessionRegistry::find(uint32_t id) const {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<ProcessInfo> SessionRegistry::list() const {
  std::vector<std::shared_ptr<SessionEntry>> entries;
  {
    const MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_) entries.push_back(entry);
  }
  std::vector<ProcessInfo> rows;
  for (const auto& entry : entries) rows.push_back(entry->info());
  return rows;
}

size_t SessionRegistry::size() const {
  const MutexLock lock(mutex_);
  return entries_.size();
}

void SessionRegistry::kill_all() {
  const MutexLock lock(mutex_);
  closing_ = true;
  for (const auto& [id, entry] : entries_) entry->kill_connection();
}

}  // namespace aftersync::server
