// Anomalies of register histories that need no graph of transactions.
#include <algorithm>
#include <map>
#include <span>
#include <tuple>

#include "model/history/rw_register.h"

namespace aftersync::model {

void RwRegisterInference::check_reads(Findings& findings, uint32_t reader) const {
  for (const MicroOp& op : history_.micro_ops_of(reader)) {
    if (op.kind != MicroOpKind::read_value) continue;
    const std::string start = "Key " + history_.key_text(op.key) + " was read as " +
                              history_.symbols.text(op.value) + ", ";
    const uint32_t by = history_.writer(op.key, op.value);
    if (by == kNone) {
      findings.add(Anomaly::unwritten_read, [&] {
        return example_of(history_, start + "but nobody ever wrote that:", {reader});
      });
    } else if (history_.transactions[by].outcome == Completion::fail) {
      findings.add(Anomaly::g1a, [&] {
        return example_of(history_, start + "but that write failed:", {reader, by});
      });
    }
    if (by != kNone && by != reader && last_write(by, op.key) != op.value) {
      findings.add(Anomaly::g1b, [&] {
        return example_of(history_, start + "but its writer wrote the key again:", {reader, by});
      });
    }
  }
}

// A read must return what its transaction last wrote or read of the key. Only the first
// contradiction of a transaction counts.
void RwRegisterInference::check_internal(Findings& findings, uint32_t transaction) const {
  const std::span<const MicroOp> ops = history_.micro_ops_of(transaction);
  bool contradiction = false;
  bool future = false;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!ops[i].is_read()) continue;
    const int64_t value = value_read(ops[i]);
    for (size_t j = i; j-- > 0;) {
      if (ops[j].key != ops[i].key) continue;
      contradiction |= value != (ops[j].is_write() ? ops[j].value : value_read(ops[j]));
      break;
    }
    for (size_t j = i + 1; j < ops.size(); ++j) {
      future |= ops[j].is_write() && ops[j].key == ops[i].key && ops[j].value == value;
    }
  }
  const auto report = [&](Anomaly anomaly, const char* text) {
    findings.add(anomaly, [&] { return example_of(history_, text, {transaction}); });
  };
  if (contradiction) report(Anomaly::internal, "A read contradicts its own transaction:");
  if (future) report(Anomaly::future_read, "A read shows a later write of its own transaction:");
}

void RwRegisterInference::check_vanished(Findings& findings, uint32_t reader) const {
  const std::span<const MicroOp> ops = history_.micro_ops_of(reader);
  for (size_t i = 0; i + 1 < ops.size(); ++i) {
    if (ops[i].kind != MicroOpKind::read_value) continue;
    const uint32_t by = writer(ops[i].key, ops[i].value);
    if (by == kNone || by == reader) continue;
    for (size_t j = i + 1; j < ops.size(); ++j) {
      if (!ops[j].is_read() || last_write(by, ops[j].key) == kNil) continue;
      const int64_t value = value_read(ops[j]);
      int64_t base = kNil;
      const bool older = value == kNil || (base_of(by, ops[j].key, base) && base == value);
      if (!older) continue;
      findings.add(Anomaly::vanished, [&] {
        return example_of(history_,
                          "A read of key " + history_.key_text(ops[i].key) +
                              " saw a transaction, a later one of key " +
                              history_.key_text(ops[j].key) + " missed it:",
                          {reader, by});
      });
      return;
    }
  }
}

void RwRegisterInference::check_lost_updates(Findings& findings) const {
  for (size_t i = 0; i < updaters_.size();) {
    size_t end = i;
    std::vector<uint32_t> transactions;
    for (; end < updaters_.size() && updaters_[end].key == updaters_[i].key &&
           updaters_[end].version == updaters_[i].version;
         ++end) {
      transactions.push_back(updaters_[end].transaction);
    }
    if (transactions.size() > 1) {
      findings.add(Anomaly::lost_update, [&] {
        if (transactions.size() > Findings::kExamples) transactions.resize(Findings::kExamples);
        return example_of(history_,
                          "All of these read key " + history_.key_text(updaters_[i].key) + " as " +
                              history_.symbols.text(updaters_[i].version) + " and then wrote it:",
                          transactions);
      });
    }
    i = end;
  }
}

// "Writes follow reads" gives each version at most one version before it: the one that its writer
// read. So circles are found by walking backwards until something was seen before.
void RwRegisterInference::check_cyclic_versions(Findings& findings) const {
  using Version = std::pair<uint32_t, int64_t>;  // key, value
  std::map<Version, int64_t> before;
  for (const Touch& update : updaters_) {
    if (update.version == kNil) continue;
    before[{update.key, last_write(update.transaction, update.key)}] = update.version;
  }
  std::map<Version, uint32_t> walked;  // version -> number of the walk that came by
  uint32_t walk = 0;
  for (const auto& [start, ignored] : before) {
    ++walk;
    Version at = start;
    while (walked.emplace(at, walk).second) {
      const auto found = before.find(at);
      if (found == before.end()) break;
      at.second = found->second;
    }
    // A walk that ran into itself is on a circle; any other ended at a version without a base, or
    // joined a walk that was judged already.
    if (walked[at] != walk || !before.contains(at)) continue;
    findings.add(Anomaly::cyclic_versions, [&] {
      std::string text = "Key " + history_.key_text(at.first) + ": ";
      std::vector<uint32_t> transactions;
      Version version = at;
      do {
        text += history_.symbols.text(version.second) + " was made from ";
        transactions.push_back(history_.writer(version.first, version.second));
        version.second = before[version];
      } while (version != at);
      return example_of(history_, text + history_.symbols.text(at.second) + ":", transactions);
    });
  }
}

}  // namespace aftersync::model
