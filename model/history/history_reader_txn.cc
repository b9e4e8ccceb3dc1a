// The hot path of reading: values of transactions, [["append",7,1],["r",7,[4,1]]].
#include <algorithm>

#include "model/history/history_format.h"
#include "model/history/history_reader.h"

namespace aftersync::model {

namespace {

// Branches that a read is compared with before it opens a new one. A healthy key has one branch. A
// store that returns garbage has as many as reads, and comparing with all would be quadratic.
constexpr size_t kBranchesCompared = 8;

bool begins_with(const std::vector<int64_t>& list, const std::vector<int64_t>& prefix) {
  return prefix.size() <= list.size() && std::equal(prefix.begin(), prefix.end(), list.begin());
}

}  // namespace

bool HistoryReader::parse_transaction(JsonCursor& cursor, EventType type) {
  micro_ops_.clear();
  has_micro_ops_ = false;
  if (cursor.peek() == 'n') {
    if (type == EventType::invoke || type == EventType::ok) {
      return cursor.fail("expected the operations of a txn");
    }
    return cursor.take_word("null") || cursor.fail("expected null");
  }
  if (!cursor.expect('[', "expected the operations of a txn")) return false;
  if (!cursor.take(']')) {
    do {
      if (micro_ops_.size() >= kMaxMicroOps) return cursor.fail("too many operations in a txn");
      if (!parse_micro_op(cursor, type)) return false;
    } while (cursor.take(','));
    if (!cursor.expect(']', "expected , or ] after an operation")) return false;
  }
  return has_micro_ops_ = true;
}

bool HistoryReader::parse_micro_op(JsonCursor& cursor, EventType type) {
  if (!cursor.expect('[', "expected an operation: [\"append\" or \"w\" or \"r\", key, value]")) {
    return false;
  }
  MicroOp op;
  std::string_view name;
  if (!cursor.text(name)) return false;
  const bool is_append = name == "append";
  const bool is_read = name == "r";
  if (!is_append && !is_read && name != "w") {
    return cursor.fail("an operation is none of append, w, r");
  }
  int64_t key = 0;
  if (!cursor.expect(',', "expected , before the key") || !parse_symbol(cursor, key)) return false;
  const auto [id, is_new] = key_ids_.insert(0, key, static_cast<uint32_t>(history_.keys.size()));
  if (is_new) {
    history_.keys.push_back({key, {}});
    history_.keys.back().branches.emplace_back();
  }
  op.key = id;
  if (!cursor.expect(',', "expected , before the value")) return false;
  if (is_read) {
    if (!parse_read(cursor, type, op)) return false;
  } else {
    op.kind = is_append ? MicroOpKind::append : MicroOpKind::write;
    const auto kind = is_append ? TransactionKind::list_append : TransactionKind::rw_register;
    if (!parse_symbol(cursor, op.value) || !set_kind(cursor, kind)) return false;
  }
  micro_ops_.push_back(op);
  return cursor.expect(']', "expected ] after an operation's value");
}

bool HistoryReader::parse_read(JsonCursor& cursor, EventType type, MicroOp& op) {
  if (cursor.peek() == 'n') {
    op.kind = type == EventType::ok ? MicroOpKind::read_nil : MicroOpKind::read_unknown;
    return cursor.take_word("null") || cursor.fail("expected null");
  }
  if (type != EventType::ok) {  // what a transaction read that did not commit proves nothing
    op.kind = MicroOpKind::read_unknown;
    return cursor.skip_value();
  }
  if (cursor.take('[')) {
    return set_kind(cursor, TransactionKind::list_append) && parse_list(cursor, op);
  }
  op.kind = MicroOpKind::read_value;
  return parse_symbol(cursor, op.value) && set_kind(cursor, TransactionKind::rw_register);
}

// After the '['. Follows the key's first branch as far as it agrees.
bool HistoryReader::parse_list(JsonCursor& cursor, MicroOp& op) {
  op.kind = MicroOpKind::read_list;
  op.value = 0;
  if (cursor.take(']')) return true;
  std::vector<int64_t>& branch = history_.keys[op.key].branches[0];
  size_t matched = 0;
  int64_t element = 0;
  do {
    if (!parse_symbol(cursor, element)) return false;
    if (matched < branch.size()) {
      if (branch[matched] != element) {
        list_.assign(branch.begin(), branch.begin() + static_cast<ptrdiff_t>(matched));
        list_.push_back(element);
        return parse_rest_of_list(cursor, op, matched);
      }
    } else {
      branch.push_back(element);
    }
    ++matched;
  } while (cursor.take(','));
  op.value = ListRef{0, static_cast<uint32_t>(matched)}.packed();
  return cursor.expect(']', "expected , or ] in a list");
}

// The read has left the first branch: collect it, then find or open its branch.
bool HistoryReader::parse_rest_of_list(JsonCursor& cursor, MicroOp& op, size_t matched) {
  int64_t element = 0;
  CHECK_EQ(list_.size(), matched + 1);
  while (cursor.take(',')) {
    if (!parse_symbol(cursor, element)) return false;
    list_.push_back(element);
  }
  if (!cursor.expect(']', "expected , or ] in a list")) return false;
  op.value = find_branch(op.key).packed();
  return true;
}

ListRef HistoryReader::find_branch(uint32_t key) {
  std::vector<std::vector<int64_t>>& branches = history_.keys[key].branches;
  const auto length = static_cast<uint32_t>(list_.size());
  const size_t last = std::min(branches.size(), 1 + kBranchesCompared);
  for (uint32_t i = 1; i < last; ++i) {
    if (begins_with(branches[i], list_)) return {i, length};
    if (begins_with(list_, branches[i])) {
      branches[i] = list_;
      return {i, length};
    }
  }
  branches.push_back(list_);
  return {static_cast<uint32_t>(branches.size() - 1), length};
}

bool HistoryReader::parse_symbol(JsonCursor& cursor, int64_t& out) {
  if (cursor.peek() != '"') return cursor.integer(out);
  std::string_view text;
  if (!cursor.text(text)) return false;
  out = history_.symbols.of_text(text);
  return true;
}

bool HistoryReader::set_kind(JsonCursor& cursor, TransactionKind kind) {
  if (history_.kind == TransactionKind::none) {
    history_.kind = kind;
    kind_line_ = history_.lines;
  }
  return history_.kind == kind || cursor.fail("lists and registers in one history");
}

}  // namespace aftersync::model
