// Texts of a history's parts, for messages.
#include "model/history/history.h"

#include "core/base/check.h"
#include "model/history/history_format.h"

namespace aftersync::model {

namespace {

// Texts count down from here; integers of a history stay within +-kMaxInteger, and kNil is lower.
constexpr int64_t kFirstText = -kMaxInteger - 1;

constexpr size_t kListTextElements = 12;
constexpr size_t kTextMicroOps = 24;

}  // namespace

std::string_view to_string(Completion completion) {
  switch (completion) {
    case Completion::ok: return "ok";
    case Completion::fail: return "fail";
    case Completion::info: return "info";
  }
  return "?";
}

int64_t Symbols::of_text(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const int64_t number = kFirstText - static_cast<int64_t>(texts_.size());
  CHECK(number > kNil);
  texts_.emplace_back(text);
  numbers_.emplace(text, number);
  return number;
}

std::string Symbols::text(int64_t symbol) const {
  if (symbol == kNil) return "null";
  if (symbol > kFirstText) return std::to_string(symbol);
  return texts_[static_cast<size_t>(kFirstText - symbol)];
}

std::string History::list_text(std::span<const int64_t> elements) const {
  std::string text = "[";
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements.size() > kListTextElements && i == 3) {
      text += " ...";
      i = elements.size() - (kListTextElements - 4);
    }
    if (text.size() > 1) text += ' ';
    text += symbols.text(elements[i]);
  }
  return text + "]";
}

std::string History::micro_op_text(const MicroOp& op) const {
  const std::string name = key_text(op.key);
  switch (op.kind) {
    case MicroOpKind::append: return "append " + name + " " + symbols.text(op.value);
    case MicroOpKind::write: return "w " + name + " " + symbols.text(op.value);
    case MicroOpKind::read_list: return "r " + name + " " + list_text(list(op));
    case MicroOpKind::read_value: return "r " + name + " " + symbols.text(op.value);
    case MicroOpKind::read_nil:
      return "r " + name + (kind == TransactionKind::rw_register ? " null" : " []");
    case MicroOpKind::read_unknown: return "r " + name + " ?";
  }
  return "?";
}

std::string History::transaction_text(uint32_t transaction) const {
  const Transaction& txn = transactions[transaction];
  std::string text = "index " + std::to_string(txn.invoke);
  if (txn.complete != kNone) text += "-" + std::to_string(txn.complete);
  text += ", process " + std::to_string(processes[txn.process]) + ", ";
  text += std::string(to_string(txn.outcome)) + ":";
  size_t shown = 0;
  for (const MicroOp& op : micro_ops_of(txn)) {
    text += (shown == 0 ? " " : "; ");
    if (++shown > kTextMicroOps) return text + "...";
    text += micro_op_text(op);
  }
  return text;
}

}  // namespace aftersync::model
