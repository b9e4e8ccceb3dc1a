// HistoryRecorder: events kept, and written down.
#include "faults/pair/history_recorder.h"

namespace aftersync::faults {

size_t HistoryRecorder::begin(uint64_t process) {
  records_.push_back({process, false, {}});
  events_.push_back({records_.size() - 1, false});
  return records_.size() - 1;
}

void HistoryRecorder::end(size_t transaction, bool committed, const std::vector<ListOp>& ops) {
  Record& record = records_.at(transaction);
  record.committed = committed;
  record.ops = std::vector<ListOp>(ops);
  events_.push_back({transaction, true});
  operations_ += ops.size();
}

std::string HistoryRecorder::line(size_t index, const Event& event) const {
  const Record& record = records_[event.transaction];
  const char* const type = !event.is_end ? "invoke" : record.committed ? "ok" : "fail";
  std::string text = R"({"index":)" + std::to_string(index) + R"(,"process":)" +
                     std::to_string(record.process) + R"(,"time":)" + std::to_string(index) +
                     R"(,"type":")" + type + R"(","f":"txn","value":[)";
  for (size_t i = 0; i < record.ops.size(); ++i) {
    const ListOp& op = record.ops[i];
    const bool is_answered = event.is_end && record.committed;
    text += i == 0 ? "" : ",";
    text += op.is_append ? R"(["append",)" : R"(["r",)";
    text += std::to_string(op.key) + ",";
    if (op.is_append) {
      text += std::to_string(op.element);
    } else {
      text += is_answered ? "[" + op.list + "]" : "null";
    }
    text += "]";
  }
  return text + "]}\n";
}

// Of a transaction that nobody finished only the beginning is there: it may have happened.
std::string HistoryRecorder::text() const {
  std::string text;
  for (size_t i = 0; i < events_.size(); ++i) text += line(i, events_[i]);
  return text;
}

}  // namespace aftersync::faults
