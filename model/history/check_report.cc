// The report, for people and for programs.
#include <algorithm>

#include "model/history/check_history.h"

namespace aftersync::model {

namespace {

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : separator) + parts[i];
  return text;
}

std::vector<std::string> names_of(const std::vector<Anomaly>& anomalies) {
  std::vector<std::string> names;
  for (const Anomaly anomaly : anomalies) names.emplace_back(name_of(anomaly));
  return names;
}

// The strongest models that hold, and the weakest that do not: the border of what was shown.
std::vector<std::string> border(const CheckReport& report, bool holding) {
  std::vector<ConsistencyModel> members;
  for (const Verdict& verdict : report.verdicts) {
    if (verdict.ruled_out_by.empty() == holding) members.push_back(verdict.model);
  }
  std::vector<std::string> names;
  for (const ConsistencyModel model : members) {
    const bool covered = std::ranges::any_of(members, [&](ConsistencyModel other) {
      const auto stronger = holding ? other : model;
      const auto weaker = holding ? model : other;
      return std::ranges::count(implied_by(stronger), weaker) > 0;
    });
    if (!covered) names.emplace_back(name_of(model));
  }
  return names;
}

// Circles are not counted: of each kind one is looked for.
std::string found_text(Anomaly anomaly, uint64_t count) {
  if (anomaly >= Anomaly::g0 && anomaly <= Anomaly::g2_item_realtime) return "the shortest found";
  return count == 1 ? "found once" : "found " + std::to_string(count) + " times";
}

std::string examples_text(const Findings::Entry& entry) {
  constexpr size_t kShown = 3;
  std::string text;
  for (size_t i = 0; i < entry.examples.size() && i < kShown; ++i) {
    text += "  " + entry.examples[i].text + "\n";
  }
  if (entry.count > kShown) text += "  ... and " + std::to_string(entry.count - kShown) + " more\n";
  return text;
}

std::string_view verdict_of(const CheckReport& report, ConsistencyModel model) {
  if (!report.of(model).ruled_out_by.empty()) return "violated";
  return report.findings.undecided().empty() ? "holds" : "undecided";
}

nlohmann::ordered_json transaction_json(const History& history, uint32_t number) {
  const Transaction& transaction = history.transactions[number];
  nlohmann::ordered_json json;
  json["index"] = transaction.invoke;
  json["end_index"] = transaction.complete == kNone ? nlohmann::ordered_json()
                                                    : nlohmann::ordered_json(transaction.complete);
  json["process"] = history.processes[transaction.process];
  json["outcome"] = to_string(transaction.outcome);
  nlohmann::ordered_json ops = nlohmann::ordered_json::array();
  for (const MicroOp& op : history.micro_ops_of(transaction)) {
    ops.push_back(history.micro_op_text(op));
  }
  json["operations"] = std::move(ops);
  return json;
}

nlohmann::ordered_json example_json(const History& history, const Example& example) {
  nlohmann::ordered_json json;
  json["text"] = example.text;
  json["transactions"] = nlohmann::ordered_json::array();
  for (const uint32_t number : example.transactions) {
    if (number != kNone) json["transactions"].push_back(transaction_json(history, number));
  }
  json["edges"] = example.edges;
  return json;
}

}  // namespace

std::string text_report(const History& history, const CheckReport& report, ConsistencyModel model) {
  const Verdict& verdict = report.of(model);
  std::string text = std::string(name_of(model)) + ": " + std::string(verdict_of(report, model));
  if (!verdict.ruled_out_by.empty()) text += " by " + join(names_of(verdict.ruled_out_by), ", ");
  text += "\n" + std::to_string(report.transactions) + " transactions, " +
          std::to_string(report.edges) + " dependencies, " + std::to_string(report.calls) +
          " other operations, " + std::to_string(history.lines) + " lines\n";
  for (const Anomaly anomaly : verdict.ruled_out_by) {
    const Findings::Entry& entry = report.findings.of(anomaly);
    text += "\n" + std::string(name_of(anomaly)) + " (" + std::string(meaning_of(anomaly)) + "), " +
            found_text(anomaly, entry.count) + ":\n" + examples_text(entry);
  }
  std::vector<std::string> allowed;
  for (const Anomaly anomaly : report.findings.found()) {
    if (!proscribes(model, anomaly)) allowed.emplace_back(name_of(anomaly));
  }
  if (!allowed.empty()) text += "\nallowed by the model, and found: " + join(allowed, ", ") + "\n";
  for (const std::string& reason : report.findings.undecided())
    text += "undecided: " + reason + "\n";
  if (report.cycles.budget_ran_out) {
    text += "note: " + std::to_string(report.cycles.largest_component) +
            " transactions are tangled; the circles shown need not be the shortest\n";
  }
  text += "\nstrongest models not contradicted: " + join(border(report, true), ", ");
  text += "\nweakest models contradicted: " + join(border(report, false), ", ") + "\n";
  return text;
}

nlohmann::ordered_json json_report(const History& history, const CheckReport& report,
                                   ConsistencyModel model) {
  nlohmann::ordered_json json;
  json["model"] = name_of(model);
  json["verdict"] = verdict_of(report, model);
  json["violated_by"] = names_of(report.of(model).ruled_out_by);
  json["transactions"] = report.transactions;
  json["dependencies"] = report.edges;
  json["calls"] = report.calls;
  json["lines"] = history.lines;
  json["components"] = report.cycles.components;
  json["largest_component"] = report.cycles.largest_component;
  json["budget_ran_out"] = report.cycles.budget_ran_out;
  json["undecided"] = report.findings.undecided();
  json["models"] = nlohmann::ordered_json::object();
  for (const Verdict& verdict : report.verdicts) {
    json["models"][std::string(name_of(verdict.model))] = names_of(verdict.ruled_out_by);
  }
  json["strongest_holding"] = border(report, true);
  json["weakest_violated"] = border(report, false);
  json["anomalies"] = nlohmann::ordered_json::array();
  for (const Anomaly anomaly : report.findings.found()) {
    const Findings::Entry& entry = report.findings.of(anomaly);
    nlohmann::ordered_json found;
    found["name"] = name_of(anomaly);
    found["meaning"] = meaning_of(anomaly);
    found["count"] = entry.count;
    found["examples"] = nlohmann::ordered_json::array();
    for (const Example& example : entry.examples) {
      found["examples"].push_back(example_json(history, example));
    }
    json["anomalies"].push_back(std::move(found));
  }
  return json;
}

}  // namespace aftersync::model
