// What can be wrong with a history, by name, and a collection of what was found.
//
// The names of transactional anomalies are those of Adya ("Weak Consistency", 1999), of Cerone,
// Bernardi and Gotsman (internal), of Bailis et al. (observed transaction vanishes) and of Elle
// (Kingsbury and Alvaro, 2020), so that a report can be read beside the literature. -process and
// -realtime mark cycles that close only with the order in which one client, or the clock on the
// wall, saw transactions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aftersync::model {

// In the order in which reports list them.
enum class Anomaly : uint8_t {
  // Transactions: what one read or one key shows.
  duplicate_elements,
  unwritten_read,
  cyclic_versions,
  g1a,
  dirty_update,
  incompatible_order,
  g1b,
  internal,
  future_read,
  vanished,
  lost_update,
  // Transactions: cycles. Three of each: plain, process, realtime; cycle_anomaly() counts on it.
  g0,
  g0_process,
  g0_realtime,
  g1c,
  g1c_process,
  g1c_realtime,
  g_single,
  g_single_process,
  g_single_realtime,
  g_nonadjacent,
  g_nonadjacent_process,
  g_nonadjacent_realtime,
  g2_item,
  g2_item_process,
  g2_item_realtime,
  // Ledger.
  lost_commit,
  phantom_commit,
  aborted_commit,
  unknown_commit,
  duplicate_commit,
  divergence,
  errant_transaction,
  // Set.
  set_lost,
  set_vanished,
  set_stale,
  set_aborted,
  set_unknown,
  set_duplicate,
  // Bank.
  bank_total,
  bank_negative,
  bank_accounts,
  // Counter.
  counter_bounds,
  // Monotonic.
  monotonic_duplicate,
  monotonic_session,
  monotonic_realtime,
  // Registers.
  nonlinearizable,
  count_
};

inline constexpr size_t kAnomalies = static_cast<size_t>(Anomaly::count_);

// "G-single-process", "lost-commit".
[[nodiscard]] std::string_view name_of(Anomaly anomaly);
// One sentence that says what it means.
[[nodiscard]] std::string_view meaning_of(Anomaly anomaly);

// Which edges besides data dependencies a cycle may use.
enum class Level : uint8_t { plain, process, realtime };

[[nodiscard]] constexpr Anomaly cycle_anomaly(Anomaly plain, Level level) {
  return static_cast<Anomaly>(static_cast<uint8_t>(plain) + static_cast<uint8_t>(level));
}

// One occurrence, in words.
struct Example {
  std::string text;                    // the whole story; may have several lines
  std::vector<uint32_t> transactions;  // those of a cycle, in its order; or those concerned
  std::vector<std::string> edges;  // of a cycle: edges[i] leads from transactions[i] to the next
};

// Findings by anomaly. Counts all, keeps the first few as examples: a broken store breaks a
// million times, and nobody reads more than a handful.
class Findings {
 public:
  static constexpr size_t kExamples = 8;

  struct Entry {
    uint64_t count = 0;
    std::vector<Example> examples;
  };

  // `describe` makes the Example; it is called only when one is kept.
  template <typename Describe>
  void add(Anomaly anomaly, const Describe& describe) {
    Entry& entry = entries_[static_cast<size_t>(anomaly)];
    ++entry.count;
    if (entry.examples.size() < kExamples) entry.examples.push_back(describe());
  }
  void add_text(Anomaly anomaly, const std::string& text) {
    add(anomaly, [&] { return Example{text, {}, {}}; });
  }

  [[nodiscard]] bool has(Anomaly anomaly) const { return of(anomaly).count > 0; }
  [[nodiscard]] const Entry& of(Anomaly anomaly) const {
    return entries_[static_cast<size_t>(anomaly)];
  }
  // Those found, in the order of the enumeration.
  [[nodiscard]] std::vector<Anomaly> found() const;

  // What could not be decided within bounds: why.
  void give_up(std::string reason) { undecided_.push_back(std::move(reason)); }
  [[nodiscard]] const std::vector<std::string>& undecided() const { return undecided_; }

 private:
  std::array<Entry, kAnomalies> entries_;
  std::vector<std::string> undecided_;
};

}  // namespace aftersync::model
