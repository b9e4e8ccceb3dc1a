// What the tests of the engine beside the isolation model share: the golden scripts, and an engine
// on which they are run.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "faults/pair/engine_lockstep.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::faults {

// With EngineLockstep on an engine of its own.
inline void on_engine(const std::function<void(EngineLockstep&)>& body) {
  on_node([&](Node& node) {
    txn::Database database(node);
    EngineLockstep lockstep(node, database.transactions());
    body(lockstep);
  });
}

// Of every schedule in every setting that it names: what differs, and how to see it again.
inline std::string judge_all(EngineLockstep& lockstep, const model::txn::Script& script) {
  std::string found;
  for (model::txn::Schedule schedule : script.schedules) {
    schedule.rules = model::txn::Rules();  // the engine keeps to the manual
    for (const model::txn::Isolation isolation : schedule.isolations) {
      for (const bool snapshot_isolation : schedule.snapshot_isolation) {
        const model::txn::Defaults settings = {isolation, snapshot_isolation};
        const std::string differs = lockstep.judge(script, schedule, settings);
        if (differs.empty()) continue;
        const auto shortest = lockstep.shortened(script, schedule, settings);
        found += "schedule at line " + std::to_string(schedule.line) + ", " +
                 std::string(model::txn::to_string(isolation)) + ", snapshot isolation " +
                 (snapshot_isolation ? "on\n" : "off\n") + differs + "shortest:\n" +
                 script_text(script, shortest, settings) +
                 lockstep.judge(script, shortest, settings) + "\n";
      }
    }
  }
  return found;
}

inline model::txn::Script read_script(const std::string& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  auto script = model::txn::parse_script(text.str());
  CHECK_OK(script);
  return *std::move(script);
}

inline std::vector<std::string> golden_scripts() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator("proptests/isolation/scripts")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace aftersync::faults
