// Linearizable registers, each key by itself (linearizability is local: a history is linearizable
// when that of each object is; Herlihy and Wing, 1990).
//
// The search is that of Wing and Gong (1993) with Lowe's memory (2017). Calls and returns of one
// key stand in a list, in their order. Whatever is linearized next must be a call that stands
// before the first return, because the operation of that return must come no later. So: take calls
// from the front as the register allows, strike each with its return from the list, and when a
// return is in front that cannot be struck, take back the last choice. A configuration (which
// operations are struck, what the register holds) that was met before leads nowhere new and is not
// entered again.
//
// Unanswered operations have a call and no return: they may be linearized any time later, or never.
// So the search has succeeded once all returns are struck. Failed operations did not happen. Reads
// without an answer say nothing; both are left out.
//
// Which operations are struck is kept as a set in two parts: answered ones are struck nearly in
// order, so theirs is a bit string from the first that is not; unanswered ones are few.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "core/base/check.h"
#include "core/base/digest.h"
#include "model/history/call_value.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

// Configurations entered for one key before the checker says that it does not know.
constexpr uint64_t kMaxConfigurations = 20'000'000;
constexpr size_t kMaxMemoryWords = 128u << 20;  // 1 GiB

enum class Kind : uint8_t { read, write, compare_and_set };

struct Operation {
  const Call* call = nullptr;
  Kind kind = Kind::read;
  int64_t value = kNil;     // read, or written
  int64_t expected = kNil;  // by compare-and-set
  uint32_t number = 0;      // among the answered, or among the unanswered

  [[nodiscard]] bool answered() const { return call->outcome == Completion::ok; }
  // Applies it to a register; false when the register does not allow it.
  [[nodiscard]] bool apply(int64_t& state) const {
    if (kind == Kind::read) return state == value;
    if (kind == Kind::compare_and_set && state != expected) return false;
    state = value;
    return true;
  }
};

// A set of small numbers that is nearly a prefix: all below `base`, and some of 64 a word from
// there.
class StruckSet {
 public:
  void insert(uint32_t number) {
    const size_t word = number / 64 - base_;
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= uint64_t{1} << (number % 64);
    trim();
  }
  void erase(uint32_t number) {
    while (number / 64 < base_) {
      words_.insert(words_.begin(), ~uint64_t{0});
      --base_;
    }
    words_[number / 64 - base_] &= ~(uint64_t{1} << (number % 64));
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
  }
  void append_to(std::vector<uint64_t>& key) const {
    key.push_back(base_);
    key.push_back(words_.size());
    key.insert(key.end(), words_.begin(), words_.end());
  }

 private:
  void trim() {
    size_t full = 0;
    while (full < words_.size() && words_[full] == ~uint64_t{0}) ++full;
    words_.erase(words_.begin(), words_.begin() + static_cast<ptrdiff_t>(full));
    base_ += full;
  }

  size_t base_ = 0;  // words that are full, and not kept
  std::vector<uint64_t> words_;
};

struct KeyHash {
  size_t operator()(const std::vector<uint64_t>& key) const {
    Digest digest;
    for (const uint64_t word : key) digest.add(word);
    return digest.value();
  }
};

enum class Verdict : uint8_t { linearizable, not_linearizable, unknown };

class Search {
 public:
  explicit Search(std::vector<Operation>& operations) : operations_(operations) { link(); }

  Verdict run() {
    uint32_t at = nodes_[kHead].next;
    while (left_ > 0) {
      CHECK(at != kHead);  // an answered operation is left, so its return is in the list
      const Node& node = nodes_[at];
      if (node.is_call) {
        if (try_strike(at)) {
          at = nodes_[kHead].next;
        } else {
          at = node.next;
        }
        if (memory_words_ > kMaxMemoryWords || seen_.size() > kMaxConfigurations) {
          return Verdict::unknown;
        }
        continue;
      }
      note_blocked(at);
      if (choices_.empty()) return Verdict::not_linearizable;
      at = take_back();
    }
    return Verdict::linearizable;
  }

  // After not_linearizable: the answered operation that could not be reached by the longest try,
  // and how many answered ones that try had put in order.
  [[nodiscard]] const Operation& blocked() const { return operations_[blocked_]; }
  [[nodiscard]] size_t reached() const { return reached_; }

 private:
  static constexpr uint32_t kHead = 0;
  struct Node {
    uint32_t operation = 0;
    uint32_t previous = kHead;
    uint32_t next = kHead;
    uint32_t match = kHead;  // of a call: its return, or kHead when unanswered
    bool is_call = false;
  };
  struct Choice {
    uint32_t node;
    int64_t state_before;
  };

  void link() {
    struct Event {
      uint32_t index;
      uint32_t operation;
      bool is_call;
    };
    std::vector<Event> events;
    uint32_t numbers[2] = {0, 0};
    for (uint32_t i = 0; i < operations_.size(); ++i) {
      Operation& operation = operations_[i];
      operation.number = numbers[operation.answered() ? 0 : 1]++;
      events.push_back({operation.call->invoke, i, true});
      if (operation.answered()) events.push_back({operation.call->complete, i, false});
    }
    left_ = numbers[0];
    std::ranges::sort(events, {}, &Event::index);
    nodes_.emplace_back();
    std::vector<uint32_t> call_of(operations_.size());
    for (const Event& event : events) {
      const auto at = static_cast<uint32_t>(nodes_.size());
      nodes_.push_back({event.operation, at - 1, kHead, kHead, event.is_call});
      nodes_[at - 1].next = at;
      nodes_[kHead].previous = at;
      if (event.is_call) {
        call_of[event.operation] = at;
      } else {
        nodes_[call_of[event.operation]].match = at;
      }
    }
  }

  bool try_strike(uint32_t at) {
    const Operation& operation = operations_[nodes_[at].operation];
    int64_t state = state_;
    if (!operation.apply(state)) return false;
    struck_[operation.answered() ? 0 : 1].insert(operation.number);
    std::vector<uint64_t> key{static_cast<uint64_t>(state)};
    struck_[0].append_to(key);
    struck_[1].append_to(key);
    const size_t words = key.size() + 8;
    if (!seen_.insert(std::move(key)).second) {
      struck_[operation.answered() ? 0 : 1].erase(operation.number);
      return false;
    }
    memory_words_ += words;
    choices_.push_back({at, state_});
    state_ = state;
    unlink(at);
    if (nodes_[at].match != kHead) unlink(nodes_[at].match);
    if (operation.answered()) --left_;
    return true;
  }

  uint32_t take_back() {
    const Choice choice = choices_.back();
    choices_.pop_back();
    const Node& node = nodes_[choice.node];
    const Operation& operation = operations_[node.operation];
    state_ = choice.state_before;
    struck_[operation.answered() ? 0 : 1].erase(operation.number);
    if (node.match != kHead) relink(node.match);
    relink(choice.node);
    if (operation.answered()) ++left_;
    return node.next;
  }

  void unlink(uint32_t at) {
    nodes_[nodes_[at].previous].next = nodes_[at].next;
    nodes_[nodes_[at].next].previous = nodes_[at].previous;
  }
  void relink(uint32_t at) {
    nodes_[nodes_[at].previous].next = at;
    nodes_[nodes_[at].next].previous = at;
  }

  void note_blocked(uint32_t at) {
    const size_t struck = choices_.size();
    if (blocked_ != kNone && struck <= reached_) return;
    reached_ = struck;
    blocked_ = nodes_[at].operation;
  }

  std::vector<Operation>& operations_;
  std::vector<Node> nodes_;
  std::vector<Choice> choices_;
  std::unordered_set<std::vector<uint64_t>, KeyHash> seen_;  // never iterated
  StruckSet struck_[2];                                      // answered, unanswered
  int64_t state_ = kNil;
  size_t left_ = 0;  // answered operations not struck
  size_t memory_words_ = 0;
  uint32_t blocked_ = kNone;
  size_t reached_ = 0;
};

std::string value_text(int64_t value) { return value == kNil ? "null" : std::to_string(value); }

std::string text_of(const Operation& operation) {
  std::string text;
  switch (operation.kind) {
    case Kind::read: text = "read of " + value_text(operation.value); break;
    case Kind::write: text = "write of " + value_text(operation.value); break;
    case Kind::compare_and_set:
      text = "change of " + value_text(operation.expected) + " to " + value_text(operation.value);
  }
  return "the " + text + " (" + call_place(*operation.call) + ")";
}

Result<Operation> operation_of(const Call& call, Kind kind, std::string& key) {
  const bool is_read = kind == Kind::read;
  const uint32_t line = is_read ? call.complete_line : call.invoke_line;
  ASSIGN_OR_RETURN(nlohmann::json value, is_read ? result_of(call) : argument_of(call));
  Operation operation;
  operation.call = &call;
  operation.kind = kind;
  if (kind == Kind::compare_and_set) {
    const bool is_change = value.is_array() && value.size() == 2 && value[1].is_array() &&
                           value[1].size() == 2 && is_integer(value[1][1]) &&
                           (is_integer(value[1][0]) || value[1][0].is_null());
    if (!is_change) return call_error(line, "expected [key, [old, new]]");
    if (!value[1][0].is_null()) operation.expected = value[1][0].get<int64_t>();
    value[1] = nlohmann::json(value[1][1]);
  }
  ASSIGN_OR_RETURN(const KeyValue pair, key_value_of(value, line));
  if (!is_read && pair.value == kNil) return call_error(line, "null is not written");
  key = pair.key;
  operation.value = pair.value;
  return operation;
}

void check_key(const std::string& key, std::vector<Operation>& operations, Findings& findings) {
  std::ranges::sort(operations, {}, [](const Operation& o) { return o.call->invoke; });
  Search search(operations);
  const Verdict verdict = search.run();
  if (verdict == Verdict::linearizable) return;
  if (verdict == Verdict::unknown) {
    findings.give_up("register " + key + ": too many possible orders of its " +
                     std::to_string(operations.size()) + " operations");
    return;
  }
  const Operation& blocked = search.blocked();
  std::string text = "Register " + key + ": no order explains all answers. The longest try put " +
                     std::to_string(search.reached()) + " of " + std::to_string(operations.size()) +
                     " operations in order; then " + text_of(blocked) +
                     " had to come next, and could not. It overlaps:";
  size_t shown = 0;
  for (const Operation& other : operations) {
    const bool overlaps =
        other.call->invoke < blocked.call->complete && other.call->complete > blocked.call->invoke;
    if (&other == &blocked || !overlaps || ++shown > 8) continue;
    text += "\n    " + text_of(other);
  }
  findings.add_text(Anomaly::nonlinearizable, text + (shown == 0 ? " nothing." : ""));
}

}  // namespace

Status check_registers(const History& history, Findings& findings) {
  static constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"register/read", Kind::read},
      {"register/write", Kind::write},
      {"register/cas", Kind::compare_and_set}};
  std::map<std::string, std::vector<Operation>> by_key;
  for (const auto& [f, kind] : kKinds) {
    for (const Call* call : calls_of(history, f)) {
      if (call->outcome == Completion::fail) continue;
      if (kind == Kind::read && call->outcome != Completion::ok) continue;
      std::string key;
      ASSIGN_OR_RETURN(Operation operation, operation_of(*call, kind, key));
      by_key[key].push_back(operation);
    }
  }
  for (auto& [key, operations] : by_key) check_key(key, operations, findings);
  return Status();
}

}  // namespace aftersync::model
