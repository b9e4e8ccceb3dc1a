// Inference, graph, circles, verdicts; and circles told in words.
#include "model/history/check_history.h"

#include <memory>

#include "model/history/dependency_graph.h"
#include "model/history/history_format.h"
#include "model/history/list_append.h"
#include "model/history/order_edges.h"
#include "model/history/rw_register.h"
#include "model/history/workloads.h"

namespace aftersync::model {

namespace {

std::string order_reason(const History& history, uint32_t from, EdgeKinds kind,
                         const std::string& a, const std::string& b) {
  const Transaction& first = history.transactions[from];
  if (kind == kProcess) {
    return "process " + std::to_string(history.processes[first.process]) + " ran " + a +
           " before " + b;
  }
  return a + " had been answered (index " + std::to_string(first.complete) + ") before " + b +
         " was asked";
}

// "T1" names cycle.transactions[0], and so on.
Example tell_cycle(const History& history, const Inference& inference, const Cycle& cycle) {
  Example example;
  example.transactions = cycle.transactions;
  const size_t n = cycle.transactions.size();
  const auto name = [](size_t i) { return "T" + std::to_string(i + 1); };
  example.text = "A circle of " + std::to_string(n) + " transactions:";
  for (size_t i = 0; i < n; ++i) {
    example.text += "\n    " + name(i) + " is " + history.transaction_text(cycle.transactions[i]);
  }
  for (size_t i = 0; i < n; ++i) {
    const size_t to = (i + 1) % n;
    const EdgeKinds kind = cycle.kinds[i];
    const std::string reason =
        kind >= kProcess ? order_reason(history, cycle.transactions[i], kind, name(i), name(to))
                         : inference.reason(cycle.transactions[i], cycle.transactions[to], kind,
                                            name(i), name(to));
    const bool last = i + 1 == n;
    example.text += std::string("\n    ") + (last ? "but " : "") + name(i) + " < " + name(to) +
                    ", because " + reason + " (" + std::string(edge_name(kind)) + ")" +
                    (last ? ": a contradiction." : ";");
    example.edges.emplace_back(edge_name(kind));
  }
  return example;
}

void check_transactions(const History& history, CheckReport& report) {
  if (history.transactions.empty()) return;
  std::unique_ptr<Inference> inference;
  if (history.kind == TransactionKind::rw_register) {
    inference = std::make_unique<RwRegisterInference>(history);
  } else {
    inference = std::make_unique<ListAppendInference>(history);
  }
  GraphBuilder builder(static_cast<uint32_t>(history.transactions.size()));
  inference->run(builder, report.findings);
  add_process_edges(history, inference->happened(), builder);
  add_realtime_edges(history, inference->happened(), builder);
  const DependencyGraph graph = builder.build();
  report.edges = graph.edge_count();
  report.cycles = find_cycles(graph);
  for (const auto& [anomaly, cycle] : report.cycles.cycles) {
    report.findings.add(anomaly, [&] { return tell_cycle(history, *inference, cycle); });
  }
}

void judge(CheckReport& report) {
  for (const ConsistencyModel model : all_models()) {
    Verdict verdict{model, {}};
    for (const Anomaly anomaly : report.findings.found()) {
      if (proscribes(model, anomaly)) verdict.ruled_out_by.push_back(anomaly);
    }
    report.verdicts.push_back(std::move(verdict));
  }
}

// Calls whose name no checker knows would be passed over in silence: a history of nothing else
// would "hold". Their first is an error.
Status check_names(const History& history) {
  static constexpr std::string_view kKnown[] = {
      "ledger/insert", "ledger/read",    "ledger/final-read", "set/add",       "set/read",
      "bank/accounts", "bank/transfer",  "bank/read",         "counter/add",   "counter/read",
      "monotonic/inc", "monotonic/read", "register/write",    "register/read", "register/cas"};
  for (const Call& call : history.calls) {
    if (std::ranges::find(kKnown, call.f) == std::end(kKnown)) {
      return Status(Code::invalid_argument, "line " + std::to_string(call.invoke_line) +
                                                ": no checker knows the f \"" + call.f + "\"");
    }
  }
  return Status();
}

}  // namespace

Result<CheckReport> check_history(const History& history) {
  RETURN_IF_ERROR(check_names(history));
  CheckReport report;
  report.transactions = history.transactions.size();
  report.calls = history.calls.size();
  check_transactions(history, report);
  for (const auto check :
       {check_ledger, check_set, check_bank, check_counter, check_monotonic, check_registers}) {
    RETURN_IF_ERROR(check(history, report.findings));
  }
  judge(report);
  return report;
}

}  // namespace aftersync::model
