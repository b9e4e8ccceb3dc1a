// The ledger: what became of each commit, judged by the final state of each node.
//
// Clients insert entries with fresh numbers. An insert is acknowledged (ok), refused (fail) or
// unanswered (info). At the end, with all nodes healed, each node is read once more. The *final
// state* is that of the node that calls itself primary, or, where none does, all entries of any
// node together. Then
//
//   acknowledged, and not in the final state      lost-commit: durability was promised and broken
//   unanswered, seen by a read, and then gone     phantom-commit: somebody may have acted on it
//   unanswered, in the final state or not         both fine, as long as all nodes agree
//   failed, and there                             aborted-commit
//   a replica holds what the final state does not errant-transaction
//   nodes hold different entries                  divergence
//
// A failed insert must be one that the store refused for certain. A client that times out does not
// know, and must say info.
#include <algorithm>
#include <map>
#include <optional>

#include "model/history/call_value.h"
#include "model/history/gtid_text.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

struct Read {
  const Call* call = nullptr;
  std::string node;
  std::vector<int64_t> ids;  // sorted
  bool primary = false;
  std::optional<GtidText> gtids;
};

std::string ids_text(const std::vector<int64_t>& ids) {
  constexpr size_t kShown = 10;
  std::string text;
  for (size_t i = 0; i < ids.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(ids[i]);
  }
  if (ids.size() > kShown) text += ", ... (" + std::to_string(ids.size()) + " in all)";
  return text;
}

std::vector<int64_t> difference(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  std::vector<int64_t> result;
  std::ranges::set_difference(a, b, std::back_inserter(result));
  return result;
}

bool contains(const std::vector<int64_t>& sorted, int64_t id) {
  return std::ranges::binary_search(sorted, id);
}

class Ledger {
 public:
  Ledger(const History& history, Findings& findings) : history_(history), findings_(findings) {}

  Status check() {
    RETURN_IF_ERROR(collect_inserts());
    RETURN_IF_ERROR(collect_reads("ledger/read", reads_));
    RETURN_IF_ERROR(collect_reads("ledger/final-read", finals_));
    if (inserts_.empty() && reads_.empty() && finals_.empty()) return Status();
    for (const Read& read : reads_) check_entries(read);
    for (const Read& read : finals_) check_entries(read);
    keep_last_of_each_node();
    if (finals_.empty()) {
      findings_.give_up("ledger: no final read, so lost and phantom commits cannot be told");
      return Status();
    }
    settle_final_state();
    check_survival();
    check_agreement();
    check_gtids();
    return Status();
  }

 private:
  Status collect_inserts() {
    for (const Call* call : calls_of(history_, "ledger/insert")) {
      ASSIGN_OR_RETURN(const nlohmann::json id, argument_of(*call));
      if (!is_integer(id)) return call_error(call->invoke_line, "expected an entry's number");
      if (!inserts_.emplace(id.get<int64_t>(), call).second) {
        return call_error(call->invoke_line, "entry " + id.dump() + " is inserted a second time");
      }
    }
    return Status();
  }

  Status collect_reads(std::string_view f, std::vector<Read>& reads) {
    for (const Call* call : calls_of(history_, f)) {
      if (call->outcome != Completion::ok) continue;
      ASSIGN_OR_RETURN(const nlohmann::json value, result_of(*call));
      const uint32_t line = call->complete_line;
      Read read;
      read.call = call;
      if (!value.is_object() || !value.contains("node") || !value["node"].is_string() ||
          !value.contains("ids")) {
        return call_error(line, "expected {\"node\": text, \"ids\": list}");
      }
      read.node = value["node"].get<std::string>();
      ASSIGN_OR_RETURN(read.ids, integers_of(value["ids"], line));
      std::ranges::sort(read.ids);
      if (value.contains("primary")) {
        if (!value["primary"].is_boolean()) return call_error(line, "primary is true or false");
        read.primary = value["primary"].get<bool>();
      }
      if (value.contains("gtids")) {
        if (!value["gtids"].is_string()) return call_error(line, "gtids is a text");
        Result<GtidText> gtids = GtidText::parse(value["gtids"].get<std::string>());
        if (!gtids.ok()) return call_error(line, std::string(gtids.status().message()));
        read.gtids = *std::move(gtids);
      }
      reads.push_back(std::move(read));
    }
    return Status();
  }

  // What no single read may show.
  void check_entries(const Read& read) {
    const std::string start =
        "Node " + read.node + " (" + call_place(*read.call) + ") shows entry ";
    for (size_t i = 0; i < read.ids.size(); ++i) {
      const int64_t id = read.ids[i];
      const std::string text = start + std::to_string(id);
      if (i > 0 && read.ids[i - 1] == id) {
        findings_.add_text(Anomaly::duplicate_commit, text + " more than once.");
        continue;
      }
      const auto insert = inserts_.find(id);
      if (insert == inserts_.end()) {
        findings_.add_text(Anomaly::unknown_commit, text + ", which nobody inserted.");
      } else if (insert->second->invoke > read.call->complete) {
        findings_.add_text(Anomaly::unknown_commit, text + " before it was inserted.");
      } else if (insert->second->outcome == Completion::fail) {
        findings_.add_text(Anomaly::aborted_commit,
                           text + ", whose insert failed (" + call_place(*insert->second) + ").");
      }
    }
  }

  void keep_last_of_each_node() {
    std::map<std::string, Read> last;
    for (Read& read : finals_) {
      Read& kept = last[read.node];
      if (kept.call == nullptr || kept.call->complete < read.call->complete) kept = std::move(read);
    }
    finals_.clear();
    for (auto& [node, read] : last) finals_.push_back(std::move(read));
  }

  void settle_final_state() {
    for (const Read& read : finals_) {
      if (read.primary && (primary_ == nullptr || primary_->call->complete < read.call->complete)) {
        primary_ = &read;
      }
    }
    for (const Read& read : finals_) {
      if (primary_ != nullptr && primary_ != &read) continue;
      state_.insert(state_.end(), read.ids.begin(), read.ids.end());
    }
    std::ranges::sort(state_);
    state_.erase(std::unique(state_.begin(), state_.end()), state_.end());
  }

  void check_survival() {
    std::map<int64_t, const Read*> seen;  // entry -> the first read that shows it
    for (const Read& read : reads_) {
      for (const int64_t id : read.ids) seen.emplace(id, &read);
    }
    const std::string state = primary_ != nullptr
                                  ? "the final state of the primary " + primary_->node
                                  : std::string("the final state of any node");
    for (const auto& [id, call] : inserts_) {
      if (contains(state_, id)) continue;
      const auto read = seen.find(id);
      std::string text = "Entry " + std::to_string(id) + " (" + call_place(*call) + ") ";
      std::string was_seen;
      if (read != seen.end()) {
        was_seen =
            "was read on node " + read->second->node + " (" + call_place(*read->second->call) + ")";
      }
      if (call->outcome == Completion::ok) {
        text += "was acknowledged";
        if (!was_seen.empty()) text += " and " + was_seen;
        findings_.add_text(Anomaly::lost_commit, text + ", and is not in " + state + ".");
      } else if (call->outcome == Completion::info && !was_seen.empty()) {
        text += "was never answered, but " + was_seen;
        findings_.add_text(Anomaly::phantom_commit, text + ", and is not in " + state + ".");
      }
    }
  }

  void check_agreement() {
    const Read& reference = primary_ != nullptr ? *primary_ : finals_.front();
    for (const Read& read : finals_) {
      if (&read == &reference) continue;
      const std::vector<int64_t> extra = difference(read.ids, reference.ids);
      const std::vector<int64_t> missing = difference(reference.ids, read.ids);
      if (extra.empty() && missing.empty()) continue;
      std::string text = "Nodes " + read.node + " and " + reference.node + " differ.";
      if (!extra.empty()) text += " Only on " + read.node + ": " + ids_text(extra) + ".";
      if (!missing.empty()) text += " Only on " + reference.node + ": " + ids_text(missing) + ".";
      findings_.add_text(Anomaly::divergence, text);
      if (primary_ != nullptr && !extra.empty()) {
        findings_.add_text(Anomaly::errant_transaction,
                           "Replica " + read.node + " holds entries that the primary " +
                               reference.node + " does not: " + ids_text(extra) + ".");
      }
    }
  }

  void check_gtids() {
    for (const Read& read : finals_) {
      if (!read.gtids || &read == primary_) continue;
      if (primary_ != nullptr && !primary_->gtids) continue;
      GtidText others;
      bool known = false;
      for (const Read& other : finals_) {
        const bool counts = primary_ != nullptr ? &other == primary_ : &other != &read;
        if (!counts || !other.gtids) continue;
        others.add(*other.gtids);
        known = true;
      }
      const std::string errant = known ? read.gtids->minus(others) : "";
      if (errant.empty()) continue;
      findings_.add_text(
          Anomaly::errant_transaction,
          "Node " + read.node + " executed " + errant + ", which " +
              (primary_ != nullptr ? "the primary " + primary_->node : "no other node") +
              (primary_ != nullptr ? " did not." : " did."));
    }
  }

  const History& history_;
  Findings& findings_;
  std::map<int64_t, const Call*> inserts_;
  std::vector<Read> reads_;
  std::vector<Read> finals_;  // after keep_last_of_each_node: one a node, by name
  const Read* primary_ = nullptr;
  std::vector<int64_t> state_;
};

}  // namespace

Status check_ledger(const History& history, Findings& findings) {
  return Ledger(history, findings).check();
}

}  // namespace aftersync::model
