// One mutex and one condition: definitions change seldom.
#include "core/sql/schema/metadata_locks.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

// How long a wait may go on after somebody has been told to stop.
constexpr Duration kStopCheck = 500ms;

}  // namespace

// The mutex is held.
template <typename Free>
MetadataLock MetadataLocks::wait(Duration timeout, const std::atomic<bool>& stop, Free&& is_free) {
  const MonoTime deadline = node_.clock().now() + timeout;
  while (!is_free()) {
    if (stop.load(std::memory_order_relaxed)) return MetadataLock::interrupted;
    const MonoTime now = node_.clock().now();
    if (now >= deadline) return MetadataLock::timed_out;
    (void)changed_.wait_until(mutex_, std::min(deadline, now + kStopCheck));
  }
  return MetadataLock::granted;
}

MetadataLock MetadataLocks::lock_shared(Held& held, std::string_view name, Duration timeout,
                                        const std::atomic<bool>& stop) {
  if (held.contains(name)) return MetadataLock::granted;
  const MutexLock lock(mutex_);
  const std::string key(name);
  const MetadataLock answer = wait(timeout, stop, [&] {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return true;
    return !it->second.exclusive && (it->second.waiting == 0 || !held.empty());
  });
  if (answer != MetadataLock::granted) return answer;
  ++entries_[key].shared;
  held.insert(key);
  return answer;
}

void MetadataLocks::release(Held& held) {
  if (held.empty()) return;
  const MutexLock lock(mutex_);
  for (const std::string& name : held) {
    Entry& entry = entries_[name];
    CHECK(entry.shared > 0);
    --entry.shared;
    drop_if_idle(name);
  }
  held.clear();
  changed_.notify_all();
}

MetadataLock MetadataLocks::lock_exclusive(const std::vector<std::string>& names, Duration timeout,
                                           const std::atomic<bool>& stop) {
  const MutexLock lock(mutex_);
  for (const std::string& name : names) ++entries_[name].waiting;
  const MetadataLock answer = wait(timeout, stop, [&] {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const Entry& entry = entries_[name];
      return entry.shared == 0 && !entry.exclusive;
    });
  });
  for (const std::string& name : names) {
    Entry& entry = entries_[name];
    --entry.waiting;
    if (answer == MetadataLock::granted) entry.exclusive = true;
    drop_if_idle(name);
  }
  if (answer != MetadataLock::granted) changed_.notify_all();
  return answer;
}

void MetadataLocks::unlock_exclusive(const std::vector<std::string>& names) {
  const MutexLock lock(mutex_);
  for (const std::string& name : names) {
    Entry& entry = entries_[name];
    CHECK(entry.exclusive);
    entry.exclusive = false;
    drop_if_idle(name);
  }
  changed_.notify_all();
}

void MetadataLocks::drop_if_idle(std::string_view name) {
  const auto it = entries_.find(name);
  if (it != entries_.end() && it->second.idle()) entries_.erase(it);
}

}  // namespace aftersync::sql
