// aftersync-check locks: runs scripts against the model of transactions and locks.
//
// A script holds schedules with the answers they must get (model/txn/script.h). Without options,
// says which steps answer otherwise. --fill prints the script with the model's own answers, to be
// read before it is kept. --json is for programs that hold the model against a real server: one
// object a schedule, setting and order in which the sessions go on that one step set free
// (model/txn/orders.h), with every answer and all locks after every step; a step of a session that
// waits is skipped, so that schedules can be made at random.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/txn/script_run.h"
#include "proptests/check/subcommand.h"

namespace aftersync::check {
namespace {

namespace txn = model::txn;

struct Options {
  std::vector<std::string> files;
  bool json = false;
  bool fill = false;
};

nlohmann::ordered_json value_json(const model::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

nlohmann::ordered_json row_json(const model::Row& row) {
  auto json = nlohmann::ordered_json::array();
  for (const model::Value& value : row) json.push_back(value_json(value));
  return json;
}

nlohmann::ordered_json answer_json(const txn::Answer& answer) {
  constexpr const char* kKinds[] = {"done", "changed", "rows", "waiting", "failed"};
  nlohmann::ordered_json json = {{"session", answer.session},
                                 {"kind", kKinds[static_cast<size_t>(answer.kind)]}};
  if (answer.kind == txn::Answer::Kind::changed) json["changed"] = answer.changed;
  if (answer.kind == txn::Answer::Kind::rows) {
    json["rows"] = nlohmann::ordered_json::array();
    for (const model::Row& row : answer.rows) json["rows"].push_back(row_json(row));
  }
  if (!answer.others.empty()) json["others"] = answer.others;
  if (!answer.status.ok()) json["error"] = std::string(to_string(answer.status.code()));
  return json;
}

nlohmann::ordered_json lock_json(const txn::LockInfo& lock) {
  nlohmann::ordered_json json = {{"session", lock.session},
                                 {"table", lock.table},
                                 {"index", lock.index},
                                 {"mode", std::string(to_string(lock.shape.mode))},
                                 {"kind", std::string(to_string(lock.shape.kind))},
                                 {"waiting", lock.waiting}};
  json["key"] = lock.key ? row_json(*lock.key) : nlohmann::ordered_json();
  return json;
}

nlohmann::ordered_json step_json(const txn::Step& step, const txn::StepResult& result) {
  nlohmann::ordered_json json = {{"line", step.line},
                                 {"session", step.session},
                                 {"statement", step.text},
                                 {"skipped", result.skipped},
                                 {"answers", nlohmann::ordered_json::array()},
                                 {"locks", nlohmann::ordered_json::array()}};
  if (step.kind == txn::Step::Kind::timeout) json["statement"] = nullptr;
  for (const txn::Answer& answer : result.answers) json["answers"].push_back(answer_json(answer));
  for (const txn::LockInfo& lock : result.locks) json["locks"].push_back(lock_json(lock));
  return json;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const txn::Schedule& schedule, const txn::ScriptRun& run) {
  nlohmann::ordered_json json = {{"line", schedule.line},
                                 {"isolation", std::string(to_string(run.settings.isolation))},
                                 {"snapshot_isolation", run.settings.snapshot_isolation},
                                 {"cut", run.cut},
                                 {"steps", nlohmann::ordered_json::array()}};
  for (size_t i = 0; i < schedule.steps.size(); ++i) {
    json["steps"].push_back(step_json(schedule.steps[i], run.results[i]));
  }
  print(json.dump() + "\n");
}

int bad_input(const std::string& file, const std::string& what) {
  std::fprintf(stderr, "aftersync-check: %s: %s\n", file.c_str(), what.c_str());
  return kBadInput;
}

int run_file(const Options& options, const std::string& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || !text) return bad_input(file, "cannot be read");
  const Result<txn::Script> script = txn::parse_script(text.str());
  if (!script.ok()) return bad_input(file, std::string(script.status().message()));
  const Result<std::vector<txn::ScriptRun>> runs =
      options.json ? txn::run_script_in_all_orders(*script) : txn::run_script(*script);
  if (!runs.ok()) return bad_input(file, std::string(runs.status().message()));
  if (options.json) {
    for (const txn::ScriptRun& run : *runs) print_json(script->schedules[run.schedule], run);
    return kHolds;
  }
  if (options.fill) {
    print(txn::fill_in(text.str(), *script, *runs));
    return kHolds;
  }
  const std::string found = txn::differences(file, *script, *runs);
  print(found);
  return found.empty() ? kHolds : kViolated;
}

int run_locks(const Options& options) {
  int worst = kHolds;
  for (const std::string& file : options.files) worst = std::max(worst, run_file(options, file));
  return worst;
}

}  // namespace

void define_locks(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  app.add_option("SCRIPT", options->files, "scripts: model/txn/script.h says how they are written")
      ->required();
  CLI::Option* const json =
      app.add_flag("--json", options->json, "print every answer and all locks as JSON");
  app.add_flag("--fill", options->fill, "print the script with the model's answers")
      ->excludes(json);
  app.callback([options, &run] { run = [options] { return run_locks(*options); }; });
}

}  // namespace aftersync::check
