// The counter: additions of any sign, and reads.
//
// A read must lie between two bounds. What was acknowledged before the read began counts for
// certain. What had begun when the read ended, and did not fail, may count or not; each such
// addition widens the bounds on the side of its sign. This misses some wrong orders of concurrent
// operations, and never accuses a right one.
#include <algorithm>

#include "model/history/call_value.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

// Sum of amounts by index: how much had happened before an index.
class Sums {
 public:
  void add(uint32_t index, int64_t amount) { entries_.push_back({index, amount}); }
  void seal() {
    std::ranges::sort(entries_, {}, &Entry::index);
    for (size_t i = 1; i < entries_.size(); ++i) entries_[i].sum += entries_[i - 1].sum;
  }
  [[nodiscard]] int64_t before(uint32_t index) const {
    const auto at = std::ranges::lower_bound(entries_, index, {}, &Entry::index);
    return at == entries_.begin() ? 0 : std::prev(at)->sum;
  }

 private:
  struct Entry {
    uint32_t index;
    int64_t sum;
  };
  std::vector<Entry> entries_;
};

// By sign: additions that were acknowledged, by their answer; those that may have happened, by
// their beginning.
struct Additions {
  Sums certain[2];
  Sums possible[2];
};

constexpr int64_t kMaxAmount = int64_t{1} << 40;  // a million million of them still fit a sum

Status collect(const History& history, Additions& additions) {
  for (const Call* call : calls_of(history, "counter/add")) {
    ASSIGN_OR_RETURN(const nlohmann::json value, argument_of(*call));
    if (!is_integer(value) || std::abs(value.get<int64_t>()) > kMaxAmount) {
      return call_error(call->invoke_line, "expected an integer of at most 2^40 to add");
    }
    const auto amount = value.get<int64_t>();
    const int sign = amount < 0 ? 1 : 0;
    if (call->outcome == Completion::ok) additions.certain[sign].add(call->complete, amount);
    if (call->outcome != Completion::fail) additions.possible[sign].add(call->invoke, amount);
  }
  for (const int sign : {0, 1}) {
    additions.certain[sign].seal();
    additions.possible[sign].seal();
  }
  return Status();
}

}  // namespace

Status check_counter(const History& history, Findings& findings) {
  Additions additions;
  RETURN_IF_ERROR(collect(history, additions));
  for (const Call* call : calls_of(history, "counter/read")) {
    if (call->outcome != Completion::ok) continue;
    ASSIGN_OR_RETURN(const nlohmann::json value, result_of(*call));
    if (!is_integer(value)) return call_error(call->complete_line, "expected an integer");
    const int64_t low =
        additions.certain[0].before(call->invoke) + additions.possible[1].before(call->complete);
    const int64_t high =
        additions.possible[0].before(call->complete) + additions.certain[1].before(call->invoke);
    const auto shown = value.get<int64_t>();
    if (shown >= low && shown <= high) continue;
    findings.add_text(Anomaly::counter_bounds,
                      "A read (" + call_place(*call) + ") shows " + std::to_string(shown) +
                          ", outside " + std::to_string(low) + ".." + std::to_string(high) + ".");
  }
  return Status();
}

}  // namespace aftersync::model
