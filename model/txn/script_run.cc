// Running and comparing scripts.
#include "model/txn/script_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace aftersync::model::txn {
namespace {

std::string setting_text(const Defaults& settings) {
  return std::string(to_string(settings.isolation)) + ", snapshot isolation " +
         (settings.snapshot_isolation ? "on" : "off");
}

Result<std::vector<ScriptRun>> run_up_to(size_t max_orders, const Script& script, size_t number,
                                         Defaults settings, bool skip_busy) {
  std::vector<ScriptRun> runs;
  Orders orders;
  do {
    if (runs.size() == max_orders) {
      runs.back().cut = true;
      break;
    }
    ASSIGN_OR_RETURN(std::vector<StepResult> results,
                     run_schedule(script, script.schedules[number], settings, skip_busy, orders));
    runs.push_back({number, settings, std::move(results)});
  } while (orders.next());
  return runs;
}

Result<std::vector<ScriptRun>> run_all(size_t max_orders, const Script& script, bool skip_busy) {
  std::vector<ScriptRun> runs;
  for (size_t i = 0; i < script.schedules.size(); ++i) {
    for (const Isolation isolation : script.schedules[i].isolations) {
      for (const bool snapshot_isolation : script.schedules[i].snapshot_isolation) {
        ASSIGN_OR_RETURN(
            std::vector<ScriptRun> found,
            run_up_to(max_orders, script, i, {isolation, snapshot_isolation}, skip_busy));
        std::move(found.begin(), found.end(), std::back_inserter(runs));
      }
    }
  }
  return runs;
}

std::string block(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "    " + line + "\n";
  return text;
}

}  // namespace

Result<std::vector<ScriptRun>> run_script(const Script& script) {
  return run_all(1, script, false);
}

Result<std::vector<ScriptRun>> run_script_in_all_orders(const Script& script) {
  return run_all(kMaxOrders, script, true);
}

std::string differences(const std::string& file, const Script& script,
                        const std::vector<ScriptRun>& runs) {
  std::string text;
  for (const ScriptRun& run : runs) {
    const std::vector<Step>& steps = script.schedules[run.schedule].steps;
    for (size_t i = 0; i < steps.size(); ++i) {
      const std::vector<std::string> expected = expected_lines(steps[i]);
      const std::vector<std::string> actual = answer_lines(steps[i], run.results[i]);
      if (expected == actual) continue;
      text += file + ":" + std::to_string(steps[i].line) + ": at " + setting_text(run.settings) +
              "\n  expected\n" + block(expected) + "  answered\n" + block(actual);
    }
  }
  return text;
}

std::string fill_in(std::string_view text, const Script& script,
                    const std::vector<ScriptRun>& runs) {
  std::map<size_t, std::string> answers;  // by line of the step
  for (const ScriptRun& run : runs) {
    const std::vector<Step>& steps = script.schedules[run.schedule].steps;
    for (size_t i = 0; i < steps.size(); ++i) {
      const std::vector<std::string> lines = answer_lines(steps[i], run.results[i]);
      answers.emplace(steps[i].line, lines == std::vector<std::string>{"ok"} ? "" : block(lines));
    }
  }
  std::string filled;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    ++number;
    if (!line.starts_with("    ")) filled += line;
    if (const auto answer = answers.find(number); answer != answers.end()) {
      filled += answer->second;
    }
  }
  return filled;
}

}  // namespace aftersync::model::txn
