// Anomalies of list-append histories that one key or one transaction shows, without a graph.
#include <algorithm>
#include <tuple>

#include "core/base/check.h"
#include "model/history/list_append.h"

namespace aftersync::model {

void ListAppendInference::check_keys(Findings& findings) const {
  for (uint32_t key = 0; key < orders_.size(); ++key) {
    check_dirty_updates(findings, key);
    check_program_order(findings, key);
  }
}

// What one transaction appends to a key, it appends in its own order, and nothing is left out.
void ListAppendInference::check_program_order(Findings& findings, uint32_t key) const {
  const std::span<const int64_t> list = elements(key);
  for (size_t i = 0; i < list.size(); ++i) {
    const uint32_t writer = orders_[key].writers[i];
    if (writer == kNone) continue;
    for (const MicroOp& op : history_.micro_ops_of(writer)) {
      if (!op.is_write() || op.key != key) continue;
      if (op.value == list[i]) break;
      const std::span<const int64_t> before = list.first(i);
      if (std::find(before.rbegin(), before.rend(), op.value) != before.rend()) continue;
      findings.add(Anomaly::incompatible_order, [&] {
        return example_of(history_,
                          "Key " + history_.key_text(key) + " was read as " +
                              history_.list_text(list) + ", where " +
                              history_.symbols.text(op.value) + " should stand before " +
                              history_.symbols.text(list[i]) + ", as they were appended:",
                          {writer});
      });
      break;
    }
  }
}

// An element of a failed transaction, and after it one of a committed one: the second was made on
// top of the first. Unanswered transactions in between may belong to either and decide nothing.
void ListAppendInference::check_dirty_updates(Findings& findings, uint32_t key) const {
  const KeyOrder& order = orders_[key];
  if (order.first_aborted == kNone) return;
  uint32_t aborted = kNone;  // position of the failed element that the list now builds on
  for (uint32_t i = order.first_aborted; i < order.writers.size(); ++i) {
    const uint32_t writer = order.writers[i];
    if (writer == kNone) continue;
    if (failed(writer)) {
      if (aborted == kNone) aborted = i;
      continue;
    }
    if (history_.transactions[writer].outcome != Completion::ok) continue;
    if (aborted != kNone) {
      const uint32_t loser = order.writers[aborted];
      findings.add(Anomaly::dirty_update, [&] {
        const std::span<const int64_t> list = elements(key);
        return example_of(history_,
                          "In key " + history_.key_text(key) + " the committed " +
                              history_.symbols.text(list[i]) + " builds on the failed " +
                              history_.symbols.text(list[aborted]) + ":",
                          {loser, writer});
      });
    }
    aborted = kNone;
  }
}

void ListAppendInference::check_reads(Findings& findings, uint32_t reader) const {
  for (const MicroOp& read : history_.micro_ops_of(reader)) {
    if (!read.is_read()) continue;
    const KeyOrder& order = orders_[read.key];
    const std::span<const int64_t> list = history_.list(read);
    if (list.empty()) continue;
    const bool in_order = agrees(read);
    if (!in_order) {
      findings.add(Anomaly::incompatible_order, [&] {
        return example_of(history_,
                          "Key " + history_.key_text(read.key) + " was read as " +
                              history_.list_text(list) + ", but elsewhere as " +
                              history_.list_text(elements(read.key)) + ":",
                          {reader});
      });
    }
    const uint32_t trouble =
        std::min({order.first_repeated, order.first_aborted, order.first_unwritten});
    if (!in_order || trouble < list.size()) check_elements(findings, reader, read);
    const uint32_t writer = history_.writer(read.key, list.back());
    if (writer == kNone || writer == reader) continue;
    if (!is_intermediate(writer, read.key, list.back())) continue;
    findings.add(Anomaly::g1b, [&] {
      return example_of(history_,
                        "Key " + history_.key_text(read.key) + " was read as " +
                            history_.list_text(list) + ", but the writer of " +
                            history_.symbols.text(list.back()) + " appended more to it:",
                        {reader, writer});
    });
  }
}

// Element by element: for reads that are known to hold something odd.
void ListAppendInference::check_elements(Findings& findings, uint32_t reader,
                                         const MicroOp& read) const {
  const std::span<const int64_t> list = history_.list(read);
  const std::string start =
      "Key " + history_.key_text(read.key) + " was read as " + history_.list_text(list) + ", ";
  IdMap seen;
  std::array<int64_t, 3> first{kNil, kNil, kNil};  // repeated, unwritten, aborted
  for (const int64_t element : list) {
    const uint32_t writer = history_.writer(read.key, element);
    if (!seen.insert(0, element, 0).second && first[0] == kNil) first[0] = element;
    if (writer == kNone && first[1] == kNil) first[1] = element;
    if (writer != kNone && failed(writer) && first[2] == kNil) first[2] = element;
  }
  if (first[0] != kNil) {
    findings.add(Anomaly::duplicate_elements, [&] {
      return example_of(
          history_,
          start + "which holds " + history_.symbols.text(first[0]) + " more than once:", {reader});
    });
  }
  if (first[1] != kNil) {
    findings.add(Anomaly::unwritten_read, [&] {
      return example_of(history_,
                        start + "but nobody ever appended " + history_.symbols.text(first[1]) + ":",
                        {reader});
    });
  }
  if (first[2] != kNil) {
    findings.add(Anomaly::g1a, [&] {
      return example_of(history_,
                        start + "but the append of " + history_.symbols.text(first[2]) + " failed:",
                        {reader, history_.writer(read.key, first[2])});
    });
  }
}

bool ListAppendInference::is_intermediate(uint32_t transaction, uint32_t key,
                                          int64_t element) const {
  int64_t last = element;
  for (const MicroOp& op : history_.micro_ops_of(transaction)) {
    if (op.is_write() && op.key == key) last = op.value;
  }
  return last != element;
}

// A read must show what its transaction knows of the key: the list it read last, if it has, and
// then its own appends. Only the first contradiction of a transaction counts.
void ListAppendInference::check_internal(Findings& findings, uint32_t transaction) const {
  const std::span<const MicroOp> ops = history_.micro_ops_of(transaction);
  bool contradiction = false;
  bool future = false;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!ops[i].is_read()) continue;
    const std::span<const int64_t> list = history_.list(ops[i]);
    size_t end = list.size();  // of the part that is not explained yet, going backwards
    bool fits = true;
    for (size_t j = i; fits && j-- > 0;) {
      if (ops[j].key != ops[i].key) continue;
      if (ops[j].is_write()) {
        fits = end > 0 && list[end - 1] == ops[j].value;
        if (fits) --end;
      } else {
        fits = std::ranges::equal(history_.list(ops[j]), list.first(end));
        break;
      }
    }
    contradiction |= !fits;
    for (size_t j = i + 1; j < ops.size(); ++j) {
      if (!ops[j].is_write() || ops[j].key != ops[i].key) continue;
      future |= std::ranges::find(list, ops[j].value) != list.end();
    }
  }
  const auto report = [&](Anomaly anomaly, const char* text) {
    findings.add(anomaly, [&] { return example_of(history_, text, {transaction}); });
  };
  if (contradiction) report(Anomaly::internal, "A read contradicts its own transaction:");
  if (future) report(Anomaly::future_read, "A read shows a later append of its own transaction:");
}

// The read is of a version of its key older than an append of `writer`, which happened.
bool ListAppendInference::misses_write_of(uint32_t writer, const MicroOp& read) const {
  if (!agrees(read)) return false;
  const KeyOrder& order = orders_[read.key];
  const std::span<const int64_t> whole = elements(read.key);
  const std::span<const int64_t> unseen = whole.subspan(ListRef::of(read).length);
  for (const MicroOp& op : history_.micro_ops_of(writer)) {
    if (!op.is_write() || op.key != read.key) continue;
    if (std::ranges::find(unseen, op.value) != unseen.end()) return true;
    if (std::ranges::find(whole, op.value) != whole.end()) continue;
    if (std::ranges::binary_search(order.unread, writer)) return true;
  }
  return false;
}

void ListAppendInference::check_vanished(Findings& findings, uint32_t reader) const {
  const std::span<const MicroOp> ops = history_.micro_ops_of(reader);
  for (size_t i = 0; i + 1 < ops.size(); ++i) {
    if (!ops[i].is_read()) continue;
    const std::span<const int64_t> list = history_.list(ops[i]);
    if (list.empty()) continue;
    const uint32_t writer = history_.writer(ops[i].key, list.back());
    if (writer == kNone || writer == reader || failed(writer)) continue;
    for (size_t j = i + 1; j < ops.size(); ++j) {
      if (!ops[j].is_read() || !misses_write_of(writer, ops[j])) continue;
      findings.add(Anomaly::vanished, [&] {
        return example_of(history_,
                          "A read of key " + history_.key_text(ops[i].key) +
                              " saw a transaction, a later one of key " +
                              history_.key_text(ops[j].key) + " missed it:",
                          {reader, writer});
      });
      return;
    }
  }
}

// Committed transactions whose first operation on a key read one and the same version of it, and
// which then appended to it.
void ListAppendInference::check_lost_updates(Findings& findings) const {
  struct Update {
    uint32_t key;
    uint32_t branch;
    uint32_t length;
    uint32_t transaction;
    auto operator<=>(const Update&) const = default;
  };
  std::vector<Update> updates;
  for (uint32_t t = 0; t < history_.transactions.size(); ++t) {
    if (history_.transactions[t].outcome != Completion::ok) continue;
    const std::span<const MicroOp> ops = history_.micro_ops_of(t);
    for (size_t i = 0; i < ops.size(); ++i) {
      const auto same_key = [&](const MicroOp& op) { return op.key == ops[i].key; };
      if (!ops[i].is_read() || std::ranges::any_of(ops.first(i), same_key)) continue;
      const auto appends = [&](const MicroOp& op) { return op.is_write() && same_key(op); };
      if (!std::ranges::any_of(ops.subspan(i), appends)) continue;
      const ListRef ref = ListRef::of(ops[i]);  // equal lists are found in the same branch
      updates.push_back({ops[i].key, ref.branch, ref.length, t});
    }
  }
  std::ranges::sort(updates);
  for (size_t i = 0; i < updates.size();) {
    const auto same = [&](const Update& u) {
      return std::tie(u.key, u.branch, u.length) ==
             std::tie(updates[i].key, updates[i].branch, updates[i].length);
    };
    size_t end = i;
    std::vector<uint32_t> transactions;
    for (; end < updates.size() && same(updates[end]); ++end) {
      transactions.push_back(updates[end].transaction);
    }
    if (transactions.size() > 1) {
      findings.add(Anomaly::lost_update, [&] {
        if (transactions.size() > Findings::kExamples) transactions.resize(Findings::kExamples);
        return example_of(history_,
                          "All of these read the same version of key " +
                              history_.key_text(updates[i].key) + " and then appended to it:",
                          transactions);
      });
    }
    i = end;
  }
}

}  // namespace aftersync::model
