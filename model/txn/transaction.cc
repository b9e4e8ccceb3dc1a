// Names of isolation levels, and what a transaction has changed.
#include "model/txn/transaction.h"

#include <algorithm>

namespace aftersync::model::txn {

std::string_view to_string(Isolation isolation) {
  constexpr std::string_view kNames[] = {"read uncommitted", "read committed", "repeatable read",
                                         "serializable"};
  return kNames[static_cast<size_t>(isolation)];
}

size_t Transaction::rows_changed() const {
  const auto clustered = [](const Change& change) { return !change.secondary; };
  return static_cast<size_t>(std::count_if(changes.begin(), changes.end(), clustered));
}

}  // namespace aftersync::model::txn
