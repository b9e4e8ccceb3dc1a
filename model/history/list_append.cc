// Orders of keys and edges; the checks without a graph are in list_append_checks.cc.
#include "model/history/list_append.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

void sort_unique(std::vector<uint32_t>& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

Example example_of(const History& history, const std::string& text,
                   std::vector<uint32_t> transactions) {
  Example example{text, std::move(transactions), {}};
  for (const uint32_t transaction : example.transactions) {
    example.text += "\n    " + history.transaction_text(transaction);
  }
  return example;
}

ListAppendInference::ListAppendInference(const History& history)
    : history_(history), happened_(history.transactions.size()), orders_(history.keys.size()) {
  find_happened();
  for (uint32_t key = 0; key < history_.keys.size(); ++key) find_order(key);
  find_unread();
}

void ListAppendInference::run(GraphBuilder& builder, Findings& findings) {
  check_keys(findings);
  for (uint32_t t = 0; t < history_.transactions.size(); ++t) {
    if (history_.transactions[t].outcome != Completion::ok) continue;
    check_reads(findings, t);
    check_internal(findings, t);
    check_vanished(findings, t);
    for (const MicroOp& op : history_.micro_ops_of(t)) {
      if (op.is_read()) add_read_edges(builder, t, op);
    }
  }
  check_lost_updates(findings);
  for (uint32_t key = 0; key < history_.keys.size(); ++key) add_version_edges(builder, key);
}

bool ListAppendInference::failed(uint32_t transaction) const {
  return history_.transactions[transaction].outcome == Completion::fail;
}

// Every branch is a list that committed transactions read.
void ListAppendInference::find_happened() {
  for (uint32_t t = 0; t < happened_.size(); ++t) {
    happened_[t] = history_.transactions[t].outcome == Completion::ok;
  }
  for (uint32_t key = 0; key < history_.keys.size(); ++key) {
    for (const std::vector<int64_t>& branch : history_.keys[key].branches) {
      for (const int64_t element : branch) {
        const uint32_t writer = history_.writer(key, element);
        if (writer != kNone && !failed(writer)) happened_[writer] = true;
      }
    }
  }
}

void ListAppendInference::find_order(uint32_t key) {
  KeyOrder& order = orders_[key];
  const std::vector<std::vector<int64_t>>& branches = history_.keys[key].branches;
  for (uint32_t i = 1; i < branches.size(); ++i) {
    const std::vector<int64_t>& best = branches[order.branch];
    const bool longer = branches[i].size() > best.size();
    if (longer || (branches[i].size() == best.size() && branches[i] < best)) order.branch = i;
  }
  const std::vector<int64_t>& list = branches[order.branch];
  for (const std::vector<int64_t>& branch : branches) {
    const auto [mine, theirs] = std::ranges::mismatch(branch, list);
    order.agreeing.push_back(static_cast<uint32_t>(mine - branch.begin()));
  }
  mark_positions(key, order);
}

void ListAppendInference::mark_positions(uint32_t key, KeyOrder& order) const {
  const std::vector<int64_t>& list = history_.keys[key].branches[order.branch];
  const auto size = static_cast<uint32_t>(list.size());
  IdMap seen;
  std::vector<bool> installed(size);
  order.writers.resize(size);
  for (uint32_t i = 0; i < size; ++i) {
    const uint32_t writer = order.writers[i] = history_.writer(key, list[i]);
    const bool repeated = !seen.insert(0, list[i], i).second;
    if (repeated) order.first_repeated = std::min(order.first_repeated, i);
    if (writer == kNone) {
      order.first_unwritten = std::min(order.first_unwritten, i);
    } else if (failed(writer)) {
      order.first_aborted = std::min(order.first_aborted, i);
    } else if (!repeated) {
      installed[i] = true;
      order.last_installed = i;
    }
  }
  order.next_installed.assign(size + 1, size);
  for (uint32_t i = size; i-- > 0;) {
    order.next_installed[i] = installed[i] ? i : order.next_installed[i + 1];
  }
}

// Appends of transactions that happened, in no list that was read.
void ListAppendInference::find_unread() {
  IdMap read;  // (key, element) in some branch
  for (uint32_t key = 0; key < history_.keys.size(); ++key) {
    for (const std::vector<int64_t>& branch : history_.keys[key].branches) {
      for (const int64_t element : branch) read.insert(key, element, 0);
    }
  }
  for (uint32_t t = 0; t < history_.transactions.size(); ++t) {
    if (!happened_[t]) continue;
    for (const MicroOp& op : history_.micro_ops_of(t)) {
      if (!op.is_write() || read.find(op.key, op.value) != IdMap::kAbsent) continue;
      std::vector<uint32_t>& unread = orders_[op.key].unread;
      if (unread.empty() || unread.back() != t) unread.push_back(t);
    }
  }
}

std::span<const int64_t> ListAppendInference::elements(uint32_t key) const {
  return history_.keys[key].branches[orders_[key].branch];
}

bool ListAppendInference::agrees(const MicroOp& read) const {
  const ListRef ref = ListRef::of(read);
  return ref.length <= orders_[read.key].agreeing[ref.branch];
}

void ListAppendInference::add_version_edges(GraphBuilder& builder, uint32_t key) const {
  const KeyOrder& order = orders_[key];
  uint32_t before = kNone;
  const auto size = static_cast<uint32_t>(order.writers.size());
  for (uint32_t i = order.next_installed[0]; i < size; i = order.next_installed[i + 1]) {
    const uint32_t writer = order.writers[i];
    if (before != kNone && before != writer) builder.add(before, writer, kWw);
    before = writer;
  }
  if (order.unread.empty()) return;
  for (const uint32_t writer : order.unread) {
    if (before != kNone && before != writer) builder.add(before, writer, kWw);
  }
  std::vector<uint32_t> readers = order.readers_of_all;
  sort_unique(readers);
  builder.add_rw_all(readers, order.unread);
}

void ListAppendInference::add_read_edges(GraphBuilder& builder, uint32_t reader,
                                         const MicroOp& read) {
  const std::span<const int64_t> list = history_.list(read);
  KeyOrder& order = orders_[read.key];
  const bool in_order = agrees(read);
  if (!list.empty()) {
    const uint32_t writer =
        in_order ? order.writers[list.size() - 1] : history_.writer(read.key, list.back());
    if (writer != kNone && writer != reader && !failed(writer)) builder.add(writer, reader, kWr);
  }
  if (!in_order) return;
  const uint32_t next = order.next_installed[list.size()];
  if (next < order.writers.size()) {
    if (order.writers[next] != reader) builder.add(reader, order.writers[next], kRw);
  } else if (!order.unread.empty()) {
    order.readers_of_all.push_back(reader);
  }
}

std::string ListAppendInference::reason(uint32_t from, uint32_t to, EdgeKinds kind,
                                        const std::string& a, const std::string& b) const {
  if (kind == kWw) return ww_reason(from, to, a, b);
  if (kind == kWr) return wr_reason(from, to, a, b);
  CHECK(kind == kRw);
  return rw_reason(from, to, a, b);
}

std::string ListAppendInference::ww_reason(uint32_t from, uint32_t to, const std::string& a,
                                           const std::string& b) const {
  for (const MicroOp& op : history_.micro_ops_of(to)) {
    if (!op.is_write()) continue;
    const KeyOrder& order = orders_[op.key];
    const std::span<const int64_t> list = elements(op.key);
    const std::string key = history_.key_text(op.key);
    const std::string element = history_.symbols.text(op.value);
    uint32_t before = kNone;
    uint32_t i = order.next_installed[0];
    for (; i < list.size() && list[i] != op.value; i = order.next_installed[i + 1]) before = i;
    if (before == kNone || order.writers[before] != from) continue;
    const std::string start = b + " appended " + element + " to key " + key + " after " + a +
                              " appended " + history_.symbols.text(list[before]);
    if (i < list.size()) return start;
    if (std::ranges::binary_search(order.unread, to)) {
      return start + " (no read shows " + element + ", so it comes after all that were read)";
    }
  }
  return b + " wrote after " + a;
}

std::string ListAppendInference::wr_reason(uint32_t from, uint32_t to, const std::string& a,
                                           const std::string& b) const {
  for (const MicroOp& op : history_.micro_ops_of(to)) {
    if (!op.is_read()) continue;
    const std::span<const int64_t> list = history_.list(op);
    if (list.empty() || history_.writer(op.key, list.back()) != from) continue;
    return b + " read key " + history_.key_text(op.key) + " as " + history_.list_text(list) +
           ", and so saw " + a + "'s append of " + history_.symbols.text(list.back());
  }
  return b + " read from " + a;
}

std::string ListAppendInference::rw_reason(uint32_t from, uint32_t to, const std::string& a,
                                           const std::string& b) const {
  for (const MicroOp& op : history_.micro_ops_of(from)) {
    if (!op.is_read() || !agrees(op)) continue;
    const KeyOrder& order = orders_[op.key];
    const std::span<const int64_t> list = history_.list(op);
    const uint32_t next = order.next_installed[list.size()];
    const std::string start = a + " read key " + history_.key_text(op.key) + " as " +
                              history_.list_text(list) + ", and so missed " + b + "'s append of ";
    if (next < order.writers.size()) {
      if (order.writers[next] != to) continue;
      return start + history_.symbols.text(elements(op.key)[next]);
    }
    if (!std::ranges::binary_search(order.unread, to)) continue;
    for (const MicroOp& append : history_.micro_ops_of(to)) {
      if (!append.is_write() || append.key != op.key) continue;
      if (std::ranges::find(elements(op.key), append.value) != elements(op.key).end()) continue;
      return start + history_.symbols.text(append.value) + ", which no read shows";
    }
  }
  return a + " missed a write of " + b;
}

}  // namespace aftersync::model
