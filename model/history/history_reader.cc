// Lines, members and pairing. Transactions' values are parsed in history_reader_txn.cc.
#include "model/history/history_reader.h"

#include <cstring>

#include "core/base/check.h"
#include "model/history/history_format.h"

namespace aftersync::model {

namespace {

Completion outcome_of(EventType type) {
  switch (type) {
    case EventType::ok: return Completion::ok;
    case EventType::fail: return Completion::fail;
    default: return Completion::info;
  }
}

std::string_view span_from(const char* start, const char* end) {
  return {start, static_cast<size_t>(end - start)};
}

}  // namespace

HistoryReader::HistoryReader(History& history, EventObserver observer)
    : history_(history), observer_(std::move(observer)) {
  CHECK(history_.transactions.empty() && history_.calls.empty());
}

Status HistoryReader::feed(std::string_view bytes) {
  if (!partial_.empty()) {
    const size_t newline = bytes.find('\n');
    partial_.append(bytes.substr(0, newline == bytes.npos ? bytes.size() : newline + 1));
    if (partial_.size() > kMaxLineBytes) {
      ++history_.lines;
      return error(nullptr, "longer than " + std::to_string(kMaxLineBytes) + " bytes");
    }
    if (newline == bytes.npos) return Status();
    const std::string line = std::move(partial_);
    partial_.clear();
    RETURN_IF_ERROR(read_line(std::string_view(line).substr(0, line.size() - 1)));
    bytes.remove_prefix(newline + 1);
  }
  while (!bytes.empty()) {
    const void* newline = std::memchr(bytes.data(), '\n', bytes.size());
    if (newline == nullptr) {
      partial_ = bytes;
      break;
    }
    const auto length = static_cast<size_t>(static_cast<const char*>(newline) - bytes.data());
    RETURN_IF_ERROR(read_line(bytes.substr(0, length)));
    bytes.remove_prefix(length + 1);
  }
  return Status();
}

Status HistoryReader::finish() {
  if (!partial_.empty()) RETURN_IF_ERROR(feed("\n"));
  for (ProcessState& state : states_) {
    if (state.at == ProcessState::At::in_transaction) {
      store_micro_ops(history_.transactions[state.operation], state.micro_ops);
    }
    state = {};
  }
  return Status();
}

Status HistoryReader::error(const char* place, const std::string& reason) const {
  std::string text = "line " + std::to_string(history_.lines);
  if (place != nullptr && place >= line_.data() && place <= line_.data() + line_.size()) {
    text += ", column " + std::to_string(place - line_.data() + 1);
  }
  return Status(Code::invalid_argument, text + ": " + reason);
}

Status HistoryReader::read_line(std::string_view line) {
  ++history_.lines;
  line_ = line;
  if (line.size() > kMaxLineBytes) return error(nullptr, "too long");
  JsonCursor cursor(line);
  if (cursor.peek() == '\n') return Status();  // an empty line
  Event event;
  if (!parse_event(cursor, event)) return error(cursor.failed_at(), cursor.reason());
  if (observer_) observer_(event);
  if (const std::string reason = apply(event); !reason.empty()) return error(nullptr, reason);
  return Status();
}

bool HistoryReader::parse_event(JsonCursor& cursor, Event& event) {
  f_known_ = type_known_ = value_parsed_ = has_micro_ops_ = false;
  if (!cursor.expect('{', "expected an object")) return false;
  std::string_view name;
  do {
    if (!cursor.text(name)) return false;
    // The name may lie in the cursor's scratch, which the value overwrites: match it first.
    if (!cursor.expect(':', "expected : after a member's name")) return false;
    cursor.peek();
    if (!parse_member(cursor, name, event)) return false;
  } while (cursor.take(','));
  if (!cursor.expect('}', "expected , or } after a member")) return false;
  if (!cursor.expect_end()) return false;
  event.f = f_;
  return check_members(cursor, event);
}

bool HistoryReader::parse_member(JsonCursor& cursor, std::string_view name, Event& event) {
  if (name == kMemberIndex) {
    if (event.index >= 0) return cursor.fail("index stands there twice");
    if (!cursor.integer(event.index)) return false;
    if (event.index < 0) return cursor.fail("index is negative");
    return event.index <= kMaxIndex || cursor.fail("index is too large");
  }
  if (name == kMemberTime) {
    if (event.time >= 0) return cursor.fail("time stands there twice");
    if (!cursor.integer(event.time)) return false;
    return event.time >= 0 || cursor.fail("time is negative");
  }
  if (name == kMemberType) return parse_type(cursor, event);
  if (name == kMemberProcess) return parse_process(cursor, event);
  if (name == kMemberValue) return parse_value(cursor, event);
  if (name == kMemberF) {
    if (f_known_) return cursor.fail("f stands there twice");
    std::string_view text;
    if (!cursor.text(text)) return false;
    f_ = text;
    return f_known_ = true;
  }
  return cursor.skip_value();
}

bool HistoryReader::parse_type(JsonCursor& cursor, Event& event) {
  if (type_known_) return cursor.fail("type stands there twice");
  std::string_view text;
  if (!cursor.text(text)) return false;
  if (text == "invoke") {
    event.type = EventType::invoke;
  } else if (text == "ok") {
    event.type = EventType::ok;
  } else if (text == "fail") {
    event.type = EventType::fail;
  } else if (text == "info") {
    event.type = EventType::info;
  } else {
    return cursor.fail("type is none of invoke, ok, fail, info");
  }
  return type_known_ = true;
}

bool HistoryReader::parse_process(JsonCursor& cursor, Event& event) {
  if (!event.process_json.empty()) return cursor.fail("process stands there twice");
  const char* start = cursor.at();
  std::string_view ignored;
  event.is_client = cursor.peek() != '"';
  if (event.is_client ? !cursor.integer(event.process) : !cursor.text(ignored)) return false;
  event.process_json = span_from(start, cursor.at());
  return true;
}

// In the usual order of members f and type come first, and a transaction is parsed in place.
bool HistoryReader::parse_value(JsonCursor& cursor, Event& event) {
  if (!event.value_json.empty()) return cursor.fail("value stands there twice");
  const char* start = cursor.at();
  if (f_known_ && type_known_ && !event.process_json.empty()) {
    value_parsed_ = true;
    if (event.is_client && f_ == kTransaction) {
      if (!parse_transaction(cursor, event.type)) return false;
    } else if (!cursor.skip_value()) {
      return false;
    }
  } else if (!cursor.skip_value()) {
    return false;
  }
  event.value_json = span_from(start, cursor.at());
  return true;
}

bool HistoryReader::check_members(JsonCursor& cursor, const Event& event) const {
  if (event.index < 0) return cursor.fail("no index");
  if (event.time < 0) return cursor.fail("no time");
  if (event.process_json.empty()) return cursor.fail("no process");
  if (!type_known_) return cursor.fail("no type");
  if (!f_known_) return cursor.fail("no f");
  if (event.index <= last_index_) return cursor.fail("index does not grow");
  return true;
}

// Takes the event into the history. Returns the reason when it cannot be.
std::string HistoryReader::apply(const Event& event) {
  last_index_ = event.index;
  if (!event.is_client) return {};
  if (!value_parsed_ && !event.value_json.empty() && event.f == kTransaction) {
    JsonCursor cursor(event.value_json);  // what follows a value stops the cursor as '\n' does
    if (!parse_transaction(cursor, event.type)) {
      return "in value, at byte " +
             std::to_string(cursor.failed_at() - event.value_json.data() + 1) + ": " +
             cursor.reason();
    }
  }
  const auto [process, is_new] =
      process_ids_.insert(0, event.process, static_cast<uint32_t>(states_.size()));
  if (is_new) {
    states_.emplace_back();
    history_.processes.push_back(event.process);
  }
  ProcessState& state = states_[process];
  return event.type == EventType::invoke ? invoke(event, state, process) : complete(event, state);
}

std::string HistoryReader::invoke(const Event& event, ProcessState& state, uint32_t process) {
  using At = ProcessState::At;
  const std::string name = "process " + std::to_string(event.process);
  if (state.at == At::gone) return name + " invokes again after an info";
  if (state.at != At::idle) return name + " invokes before its last operation has ended";
  if (event.f == kTransaction) return begin_transaction(event, state, process);
  Call call;
  call.f = event.f;
  call.argument = event.value_json;
  call.invoke = static_cast<uint32_t>(event.index);
  call.invoke_line = static_cast<uint32_t>(history_.lines);
  call.process = event.process;
  state.at = At::in_call;
  state.operation = static_cast<uint32_t>(history_.calls.size());
  history_.calls.push_back(std::move(call));
  return {};
}

std::string HistoryReader::begin_transaction(const Event& event, ProcessState& state,
                                             uint32_t process) {
  if (!has_micro_ops_) return "a txn is invoked without a value";
  if (history_.transactions.size() >= kMaxTransactions) return "too many transactions";
  const auto number = static_cast<uint32_t>(history_.transactions.size());
  Transaction transaction;
  transaction.invoke = static_cast<uint32_t>(event.index);
  transaction.process = process;
  for (const MicroOp& op : micro_ops_) {
    if (!op.is_write()) continue;
    const auto [first, is_new] = history_.writers.insert(op.key, op.value, number);
    if (!is_new) {
      const uint32_t before =
          first == number ? transaction.invoke : history_.transactions[first].invoke;
      return history_.symbols.text(op.value) + " is written to key " + history_.key_text(op.key) +
             " a second time (first at index " + std::to_string(before) +
             "): a read of it would not name its transaction";
    }
  }
  history_.transactions.push_back(transaction);
  state.at = ProcessState::At::in_transaction;
  state.operation = number;
  state.micro_ops.assign(micro_ops_.begin(), micro_ops_.end());
  return {};
}

std::string HistoryReader::complete(const Event& event, ProcessState& state) {
  using At = ProcessState::At;
  const std::string name = "process " + std::to_string(event.process);
  if (state.at == At::idle || state.at == At::gone) return name + " ends what it has not invoked";
  const bool in_transaction = state.at == At::in_transaction;
  const std::string_view begun = in_transaction ? kTransaction : history_.calls[state.operation].f;
  if (event.f != begun) {
    return name + " ends a " + std::string(event.f) + ", but is in a " + std::string(begun);
  }
  if (in_transaction) {
    if (std::string reason = complete_transaction(event, state); !reason.empty()) return reason;
  } else {
    complete_call(event, state);
  }
  state.at = event.type == EventType::info ? At::gone : At::idle;
  return {};
}

std::string HistoryReader::complete_transaction(const Event& event, ProcessState& state) {
  Transaction& transaction = history_.transactions[state.operation];
  transaction.outcome = outcome_of(event.type);
  if (event.type != EventType::info) transaction.complete = static_cast<uint32_t>(event.index);
  if (event.type == EventType::ok && !has_micro_ops_) return "an ok txn has no value";
  if (has_micro_ops_) {
    if (std::string reason = check_same(state.micro_ops); !reason.empty()) return reason;
  }
  store_micro_ops(transaction, event.type == EventType::ok ? micro_ops_ : state.micro_ops);
  return {};
}

void HistoryReader::complete_call(const Event& event, ProcessState& state) {
  Call& call = history_.calls[state.operation];
  call.outcome = outcome_of(event.type);
  call.result = event.value_json;
  call.complete_line = static_cast<uint32_t>(history_.lines);
  if (event.type != EventType::info) call.complete = static_cast<uint32_t>(event.index);
}

// The end of a transaction must be of the same shape as its invocation.
std::string HistoryReader::check_same(const std::vector<MicroOp>& asked) const {
  if (asked.size() != micro_ops_.size()) {
    return "the txn ends with " + std::to_string(micro_ops_.size()) + " operations, but had " +
           std::to_string(asked.size());
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    const MicroOp& was = asked[i];
    const MicroOp& is = micro_ops_[i];
    const bool same_kind =
        was.is_write() ? was.kind == is.kind && was.value == is.value : !is.is_write();
    if (!same_kind || was.key != is.key) {
      return "operation " + std::to_string(i + 1) + " of the txn is not the one that was invoked";
    }
  }
  return {};
}

void HistoryReader::store_micro_ops(Transaction& transaction, const std::vector<MicroOp>& ops) {
  CHECK(history_.micro_ops.size() + ops.size() < kNone);
  transaction.first_micro_op = static_cast<uint32_t>(history_.micro_ops.size());
  transaction.micro_op_count = static_cast<uint32_t>(ops.size());
  history_.micro_ops.insert(history_.micro_ops.end(), ops.begin(), ops.end());
}

}  // namespace aftersync::model
