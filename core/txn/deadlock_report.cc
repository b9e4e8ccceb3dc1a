// DeadlockReport: its words.
#include "core/txn/deadlock_report.h"

namespace aftersync::txn {

std::string to_string(const LockInfo& lock) {
  return to_string(lock.type) + " on " + to_string(lock.target());
}

std::string DeadlockReport::to_string() const {
  std::string text = "LATEST DETECTED DEADLOCK\n";
  for (size_t i = 0; i < cycle.size(); ++i) {
    const Member& member = cycle[i];
    const Member& waiter = cycle[(i + cycle.size() - 1) % cycle.size()];
    const std::string number = "*** (" + std::to_string(i + 1) + ") ";
    text += number + "TRANSACTION " + std::to_string(member.owner) + ", " +
            std::to_string(member.weight) + " rows changed\n";
    if (!member.description.empty()) text += member.description + "\n";
    text += number + "HOLDS, OR IS BEFORE OTHERS WITH: " + txn::to_string(waiter.blocked_by) +
            (waiter.blocked_by.waiting ? " (waiting)" : "") + "\n";
    text += number + "WAITS FOR: " + txn::to_string(member.waits_for) + "\n";
  }
  return text + "*** WE ROLL BACK TRANSACTION (" + std::to_string(victim + 1) + ")\n";
}

}  // namespace aftersync::txn
