// CommitLedger: what clients know of their transactions, and what a binlog may therefore hold.
//
// Each transaction has a number, which it writes into the journal. The ledger knows how far it came
// and what readers saw; the binlog, read after a restart, must agree:
//
//   acknowledged, or seen by a reader   once in the binlog
//   known to have failed, or never      not in the binlog
//   tried to be committed
//   anything else                       perhaps, once
//
// Each reader's snapshot is a prefix of the binlog's order. With AFTER_SYNC it holds nothing beyond
// the acknowledged end, apart from what recovery has brought.
//
// Lives on the host; called from servers, under no HostScope.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/binlog/binlog.h"
#include "faults/txn/binlog_replay.h"

namespace aftersync::faults {

class CommitLedger {
 public:
  [[nodiscard]] int64_t begin();
  void committing(int64_t number);
  void acknowledged(int64_t number);
  void failed(int64_t number);

  // A life of the server begins: what is in the binlog before `end` is visible without more ado.
  void started(binlog::BinlogPlace end);
  // With AFTER_SYNC: replicas have it.
  void replicated(binlog::BinlogPlace end);
  void expects_acknowledgements(bool expects) { expects_acknowledgements_ = expects; }
  // A reader has seen the transactions with these numbers, all in one view.
  void saw(const std::vector<int64_t>& numbers);

  // Holds the binlog against all that is known. Empty, or what is wrong.
  [[nodiscard]] std::string judge(const std::vector<LoggedTransaction>& binlog);
  [[nodiscard]] uint64_t operations() const { return states_.size(); }
  [[nodiscard]] uint64_t acknowledged_count() const { return acknowledged_; }

 private:
  enum class State : uint8_t { begun, committing, acknowledged, failed };
  struct Snapshot {
    std::vector<int64_t> numbers;
    binlog::BinlogPlace visible;  // nothing beyond this may be seen
  };
  struct Logged {
    size_t order = 0;
    binlog::BinlogPlace end;
  };

  [[nodiscard]] std::string index(const std::vector<LoggedTransaction>& binlog);
  [[nodiscard]] std::string judge_states() const;
  [[nodiscard]] std::string judge_snapshot(const Snapshot& snapshot) const;

  std::vector<State> states_;
  uint64_t acknowledged_ = 0;
  bool expects_acknowledgements_ = false;
  binlog::BinlogPlace visible_;
  std::vector<Snapshot> snapshots_;
  std::map<int64_t, Logged> logged_;
};

// The number of a transaction, by what it has written into the journal; -1: none.
[[nodiscard]] int64_t number_of(const LoggedTransaction& transaction);

// What is wrong with GTIDs and logical clocks of a binlog whose transactions all come from one
// server: numbers follow one another, and no transaction may be applied together with one before
// that changed the same row. Empty: nothing.
[[nodiscard]] std::string judge_order(const std::vector<LoggedTransaction>& binlog);

}  // namespace aftersync::faults
