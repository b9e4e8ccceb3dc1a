// Names and meanings of anomalies.
#include "model/history/anomaly.h"

#include "core/base/check.h"

namespace aftersync::model {

namespace {

struct Row {
  Anomaly anomaly;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::string_view kG0 = "transactions overwrite each other in a circle";
constexpr std::string_view kG1c = "information flows in a circle";
constexpr std::string_view kGSingle =
    "a circle with one read that misses a write: read skew, or a lost update";
constexpr std::string_view kGNonadjacent =
    "a circle with several reads that miss writes, no two of them in a row: a long fork";
constexpr std::string_view kG2 = "a circle with two reads in a row that miss writes: write skew";

// One row an anomaly, in the order of the enumeration.
constexpr std::array<Row, kAnomalies> kRows{{
    {Anomaly::duplicate_elements, "duplicate-elements",
     "a list holds an element twice that was appended once"},
    {Anomaly::unwritten_read, "unwritten-read", "a read returned what nobody ever wrote"},
    {Anomaly::cyclic_versions, "cyclic-versions",
     "versions of one key follow each other in a circle"},
    {Anomaly::g1a, "G1a", "aborted read: a read returned a write of a transaction that failed"},
    {Anomaly::dirty_update, "dirty-update",
     "a committed transaction built on the write of one that failed"},
    {Anomaly::incompatible_order, "incompatible-order",
     "reads of a list that cannot have come from one history of it"},
    {Anomaly::g1b, "G1b", "intermediate read: a read returned what its writer then overwrote"},
    {Anomaly::internal, "internal",
     "a read contradicts what its own transaction had read or written before"},
    {Anomaly::future_read, "future-read",
     "a read returned what its own transaction wrote only later"},
    {Anomaly::vanished, "observed-transaction-vanishes",
     "a transaction saw one write of another, and afterwards missed a second one"},
    {Anomaly::lost_update, "lost-update",
     "two transactions read the same version of a key and both replaced it"},
    {Anomaly::g0, "G0", kG0},
    {Anomaly::g0_process, "G0-process", kG0},
    {Anomaly::g0_realtime, "G0-realtime", kG0},
    {Anomaly::g1c, "G1c", kG1c},
    {Anomaly::g1c_process, "G1c-process", kG1c},
    {Anomaly::g1c_realtime, "G1c-realtime", kG1c},
    {Anomaly::g_single, "G-single", kGSingle},
    {Anomaly::g_single_process, "G-single-process", kGSingle},
    {Anomaly::g_single_realtime, "G-single-realtime", kGSingle},
    {Anomaly::g_nonadjacent, "G-nonadjacent", kGNonadjacent},
    {Anomaly::g_nonadjacent_process, "G-nonadjacent-process", kGNonadjacent},
    {Anomaly::g_nonadjacent_realtime, "G-nonadjacent-realtime", kGNonadjacent},
    {Anomaly::g2_item, "G2-item", kG2},
    {Anomaly::g2_item_process, "G2-item-process", kG2},
    {Anomaly::g2_item_realtime, "G2-item-realtime", kG2},
    {Anomaly::lost_commit, "lost-commit", "an acknowledged commit is in no final state"},
    {Anomaly::phantom_commit, "phantom-commit", "a commit was seen, and then was gone"},
    {Anomaly::aborted_commit, "aborted-commit", "an insert that failed is there"},
    {Anomaly::unknown_commit, "unknown-commit", "an entry is there that nobody inserted"},
    {Anomaly::duplicate_commit, "duplicate-commit", "an entry is there more than once"},
    {Anomaly::divergence, "divergence", "after all was healed, two nodes hold different entries"},
    {Anomaly::errant_transaction, "errant-transaction",
     "a replica executed a transaction that the primary did not"},
    {Anomaly::set_lost, "set-lost", "an acknowledged element is missing from the last reads"},
    {Anomaly::set_vanished, "set-vanished", "an element was read, and later was gone for good"},
    {Anomaly::set_stale, "set-stale",
     "a read missed an element that had been acknowledged or read"},
    {Anomaly::set_aborted, "set-aborted", "an element is there whose add failed"},
    {Anomaly::set_unknown, "set-unknown", "an element is there that nobody added"},
    {Anomaly::set_duplicate, "set-duplicate", "an element is there more than once"},
    {Anomaly::bank_total, "bank-total", "a read of all accounts shows money made or lost"},
    {Anomaly::bank_negative, "bank-negative", "an account is below zero"},
    {Anomaly::bank_accounts, "bank-accounts", "a read shows other accounts than there are"},
    {Anomaly::counter_bounds, "counter-bounds",
     "a counter shows what no choice of unanswered additions can make"},
    {Anomaly::monotonic_duplicate, "monotonic-duplicate", "two increments made the same value"},
    {Anomaly::monotonic_session, "monotonic-session", "one client saw a growing value shrink"},
    {Anomaly::monotonic_realtime, "monotonic-realtime",
     "a growing value shrank between one answer and a later question"},
    {Anomaly::nonlinearizable, "nonlinearizable",
     "no order of the operations on a register explains all its answers"},
}};

const Row& row(Anomaly anomaly) {
  const Row& found = kRows[static_cast<size_t>(anomaly)];
  CHECK(found.anomaly == anomaly);
  return found;
}

}  // namespace

std::string_view name_of(Anomaly anomaly) { return row(anomaly).name; }

std::string_view meaning_of(Anomaly anomaly) { return row(anomaly).meaning; }

std::vector<Anomaly> Findings::found() const {
  std::vector<Anomaly> found;
  for (size_t i = 0; i < kAnomalies; ++i) {
    if (entries_[i].count > 0) found.push_back(static_cast<Anomaly>(i));
  }
  return found;
}

}  // namespace aftersync::model
