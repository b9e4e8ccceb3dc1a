// TreeLedger: lives of versions, and which of them a read may have met.
#include "faults/storage/tree_ledger.h"

#include "core/base/check.h"

namespace aftersync::faults {

void TreeLedger::end(size_t key) {
  std::vector<Life>& lives = rows_[key];
  CHECK_GE(lives.size(), 2u);
  lives[lives.size() - 2].replaced = ++clock_;
}

std::string TreeLedger::judge(size_t key, Moment since, Version seen) const {
  const std::vector<Life>& lives = rows_[key];
  std::string possible;
  bool may_be_absent = false;
  for (size_t i = lives.size(); i-- > 0 && lives[i].replaced > since;) {
    if (lives[i].version == seen) return {};
    may_be_absent |= lives[i].version == kAbsent;
    possible += (possible.empty() ? "" : " or ") + std::to_string(lives[i].version);
  }
  const std::string details = ": key " + std::to_string(key) + " was seen with version " +
                              std::to_string(seen) + " (0: absent), and had " + possible;
  if (seen == kAbsent) return "row missed" + details;
  return (may_be_absent ? "row that is gone" : "another version") + details;
}

}  // namespace aftersync::faults
