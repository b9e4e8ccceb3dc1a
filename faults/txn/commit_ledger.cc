// CommitLedger: judging.
#include "faults/txn/commit_ledger.h"

#include <algorithm>

#include "core/base/coding.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

using sim::HostScope;

int64_t CommitLedger::begin() {
  const HostScope host;
  states_.push_back(State::begun);
  return static_cast<int64_t>(states_.size());
}

void CommitLedger::committing(int64_t number) {
  states_.at(static_cast<size_t>(number - 1)) = State::committing;
}

void CommitLedger::acknowledged(int64_t number) {
  states_.at(static_cast<size_t>(number - 1)) = State::acknowledged;
  ++acknowledged_;
}

void CommitLedger::failed(int64_t number) {
  states_.at(static_cast<size_t>(number - 1)) = State::failed;
}

void CommitLedger::started(binlog::BinlogPlace end) { visible_ = end; }

void CommitLedger::replicated(binlog::BinlogPlace end) { visible_ = std::max(visible_, end); }

void CommitLedger::saw(const std::vector<int64_t>& numbers) {
  const HostScope host;
  const binlog::BinlogPlace everything{UINT64_MAX, UINT64_MAX};
  snapshots_.push_back({numbers, expects_acknowledgements_ ? visible_ : everything});
}

std::string CommitLedger::judge(const std::vector<LoggedTransaction>& binlog) {
  const HostScope host;
  std::string wrong = index(binlog);
  if (wrong.empty()) wrong = judge_states();
  for (const Snapshot& snapshot : snapshots_) {
    if (wrong.empty()) wrong = judge_snapshot(snapshot);
  }
  snapshots_.clear();
  return wrong;
}

std::string CommitLedger::index(const std::vector<LoggedTransaction>& binlog) {
  logged_.clear();
  for (size_t i = 0; i < binlog.size(); ++i) {
    const int64_t number = number_of(binlog[i]);
    if (number < 1 || static_cast<size_t>(number) > states_.size()) {
      return "unknown transaction: " + binlog[i].gtid.to_string();
    }
    if (!logged_.emplace(number, Logged{i, binlog[i].end}).second) {
      return "twice in the binlog: transaction " + std::to_string(number);
    }
  }
  return "";
}

std::string CommitLedger::judge_states() const {
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto number = static_cast<int64_t>(i + 1);
    const bool is_logged = logged_.contains(number);
    if (states_[i] == State::acknowledged && !is_logged) {
      return "acknowledged transaction lost: " + std::to_string(number);
    }
    if (is_logged && (states_[i] == State::begun || states_[i] == State::failed)) {
      return "failed transaction in the binlog: " + std::to_string(number);
    }
  }
  return "";
}

std::string CommitLedger::judge_snapshot(const Snapshot& snapshot) const {
  std::set<size_t> orders;
  for (const int64_t number : snapshot.numbers) {
    const auto found = logged_.find(number);
    if (found == logged_.end()) {
      return "seen, then gone: transaction " + std::to_string(number);
    }
    if (found->second.end > snapshot.visible) {
      return "seen before it was acknowledged: transaction " + std::to_string(number);
    }
    orders.insert(found->second.order);
  }
  if (orders.empty() || *orders.rbegin() + 1 == orders.size()) return "";
  return "engine and binlog differ in order: of the first " + std::to_string(*orders.rbegin() + 1) +
         " transactions a reader saw " + std::to_string(orders.size());
}

int64_t number_of(const LoggedTransaction& transaction) {
  for (const RowEffect& effect : transaction.effects) {
    if (effect.table != "db/journal" || !effect.after || !effect.after->at(0)) continue;
    return static_cast<int64_t>(load_le<uint64_t>(effect.after->at(0)->data()));
  }
  return -1;
}

namespace {

// Rows of tables with a primary key, by it.
std::string row_name(const RowEffect& effect) {
  if (effect.table != "db/accounts") return "";
  const RowBytes& row = effect.before ? *effect.before : *effect.after;
  return effect.table + *row.at(0);
}

}  // namespace

std::string judge_order(const std::vector<LoggedTransaction>& binlog) {
  std::map<std::string, int64_t> writers;  // within the file
  uint64_t file = 0;
  for (size_t i = 0; i < binlog.size(); ++i) {
    const LoggedTransaction& transaction = binlog[i];
    if (transaction.gtid.number != i + 1) {
      return "GTIDs: number " + std::to_string(i + 1) + " expected, found " +
             transaction.gtid.to_string();
    }
    if (transaction.end.file != file) writers.clear();
    file = transaction.end.file;
    for (const RowEffect& effect : transaction.effects) {
      const std::string row = row_name(effect);
      if (row.empty()) continue;
      const auto [at, is_first] = writers.emplace(row, transaction.sequence_number);
      const bool same = at->second == transaction.sequence_number;
      if (!is_first && !same && transaction.last_committed < at->second) {
        return "logical clock: " + transaction.gtid.to_string() + " changes a row that " +
               std::to_string(at->second) + " of its file did, and may go before it";
      }
      at->second = transaction.sequence_number;
    }
  }
  return "";
}

}  // namespace aftersync::faults
