// Versions and edges of registers; the checks without a graph are in rw_register_checks.cc.
#include "model/history/rw_register.h"

#include <algorithm>
#include <span>

#include "core/base/check.h"

namespace aftersync::model {

RwRegisterInference::RwRegisterInference(const History& history)
    : history_(history), happened_(history.transactions.size()) {
  for (uint32_t t = 0; t < happened_.size(); ++t) {
    if (history_.transactions[t].outcome == Completion::ok) happened_[t] = true;
  }
  for (uint32_t t = 0; t < happened_.size(); ++t) {
    if (history_.transactions[t].outcome != Completion::ok) continue;
    for (const MicroOp& op : history_.micro_ops_of(t)) {
      if (op.kind != MicroOpKind::read_value) continue;
      const uint32_t by = history_.writer(op.key, op.value);
      if (by == kNone || history_.transactions[by].outcome == Completion::fail) continue;
      happened_[by] = true;
    }
  }
  collect();
}

int64_t RwRegisterInference::value_read(const MicroOp& read) {
  return read.kind == MicroOpKind::read_nil ? kNil : read.value;
}

// The transaction that wrote the value, if it did not fail.
uint32_t RwRegisterInference::writer(uint32_t key, int64_t value) const {
  if (value == kNil) return kNone;
  const uint32_t by = history_.writer(key, value);
  return by != kNone && happened_[by] ? by : kNone;
}

int64_t RwRegisterInference::last_write(uint32_t transaction, uint32_t key) const {
  int64_t last = kNil;
  for (const MicroOp& op : history_.micro_ops_of(transaction)) {
    if (op.is_write() && op.key == key) last = op.value;
  }
  return last;
}

bool RwRegisterInference::base_of(uint32_t transaction, uint32_t key, int64_t& base) const {
  if (history_.transactions[transaction].outcome != Completion::ok) return false;
  for (const MicroOp& op : history_.micro_ops_of(transaction)) {
    if (op.key != key) continue;
    if (!op.is_read()) return false;
    base = value_read(op);
    const int64_t made = last_write(transaction, key);
    return made != kNil && made != base;
  }
  return false;
}

bool RwRegisterInference::reads(uint32_t transaction, uint32_t key, int64_t version) const {
  for (const MicroOp& op : history_.micro_ops_of(transaction)) {
    if (op.is_read() && op.key == key && value_read(op) == version) return true;
  }
  return false;
}

void RwRegisterInference::collect() {
  for (uint32_t t = 0; t < happened_.size(); ++t) {
    if (!happened_[t]) continue;
    for (const MicroOp& op : history_.micro_ops_of(t)) {
      int64_t base = kNil;
      if (op.is_write()) {
        writers_.push_back({op.key, kNil, t});
        if (base_of(t, op.key, base)) updaters_.push_back({op.key, base, t});
      } else if (op.is_read()) {
        const int64_t value = value_read(op);
        const bool own = value != kNil && history_.writer(op.key, value) == t;
        if (!own) readers_.push_back({op.key, value, t});
      }
    }
  }
  for (std::vector<Touch>* list : {&readers_, &updaters_, &writers_}) {
    std::ranges::sort(*list);
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
}

void RwRegisterInference::run(GraphBuilder& builder, Findings& findings) {
  for (uint32_t t = 0; t < happened_.size(); ++t) {
    if (history_.transactions[t].outcome != Completion::ok) continue;
    check_reads(findings, t);
    check_internal(findings, t);
    check_vanished(findings, t);
    add_read_edges(builder, t);
  }
  check_lost_updates(findings);
  check_cyclic_versions(findings);
  add_version_edges(builder);
}

void RwRegisterInference::add_read_edges(GraphBuilder& builder, uint32_t reader) const {
  for (const MicroOp& op : history_.micro_ops_of(reader)) {
    if (op.kind != MicroOpKind::read_value) continue;
    const uint32_t by = writer(op.key, op.value);
    if (by != kNone && by != reader) builder.add(by, reader, kWr);
  }
}

// For each version its readers against those who made a version after it: all writers of the key
// after null, those who read it and then wrote after any other.
void RwRegisterInference::add_version_edges(GraphBuilder& builder) const {
  const auto same_version = [](const Touch& a, const Touch& b) {
    return a.key == b.key && a.version == b.version;
  };
  const auto transactions_of = [&](const std::vector<Touch>& list, const Touch& version) {
    std::vector<uint32_t> found;
    auto at = std::ranges::lower_bound(list, Touch{version.key, version.version, 0});
    for (; at != list.end() && same_version(*at, version); ++at) found.push_back(at->transaction);
    return found;
  };
  for (auto at = readers_.begin(); at != readers_.end();) {
    const Touch version = *at;
    const std::vector<uint32_t> readers = transactions_of(readers_, version);
    at += static_cast<ptrdiff_t>(readers.size());
    const std::vector<uint32_t> after =
        transactions_of(version.version == kNil ? writers_ : updaters_, version);
    builder.add_rw_all(readers, after);
    const uint32_t by = writer(version.key, version.version);
    for (const uint32_t next : after) {
      if (by != kNone && by != next) builder.add(by, next, kWw);
    }
  }
}

std::string RwRegisterInference::reason(uint32_t from, uint32_t to, EdgeKinds kind,
                                        const std::string& a, const std::string& b) const {
  for (const MicroOp& op : history_.micro_ops_of(kind == kWr ? to : from)) {
    const std::string key = history_.key_text(op.key);
    if (kind == kWr) {
      if (op.kind != MicroOpKind::read_value || writer(op.key, op.value) != from) continue;
      return b + " read key " + key + " as " + history_.symbols.text(op.value) + ", which " + a +
             " wrote";
    }
    int64_t base = kNil;
    const int64_t next = last_write(to, op.key);
    if (next == kNil) continue;
    const std::string made = b + " made into " + history_.symbols.text(next);
    if (kind == kWw && op.is_write() && base_of(to, op.key, base) && base == op.value) {
      return a + " wrote key " + key + " as " + history_.symbols.text(op.value) + ", which " + made;
    }
    if (kind != kRw || !op.is_read()) continue;
    const int64_t value = value_read(op);
    if (value == kNil || (base_of(to, op.key, base) && base == value)) {
      return a + " read key " + key + " as " + history_.symbols.text(value) + ", which " + made;
    }
  }
  return a + " comes before " + b;
}

}  // namespace aftersync::model
