// EngineLockstep: run, judge, clear away.
#include "faults/pair/engine_lockstep.h"

#include <utility>

#include "core/base/check.h"
#include "core/storage/table_check.h"
#include "faults/pair/engine_subject.h"

namespace aftersync::faults {

namespace mt = model::txn;

namespace {

// Purges, looks whether the tables are sound, and drops them.
std::string clear_away(storage::Engine& engine, const std::vector<std::string>& names) {
  Result<size_t> purged = 1;
  while (purged.ok() && *purged > 0) purged = engine.purge(1000);
  CHECK_OK(purged);
  std::string found;
  storage::PoolReader pages(engine.pages().pool());
  for (const std::string& name : names) {
    auto table = engine.open_table(name);
    CHECK_OK(table);
    const Status sound = storage::check_table(pages, (*table)->def()).status();
    if (!sound.ok()) found += "unsound table: " + sound.to_string() + "\n";
    CHECK_OK(engine.drop_table(name));
  }
  return found;
}

std::string step_text(const mt::Step& step) {
  const std::string session = mt::session_name(step.session);
  switch (step.kind) {
    case mt::Step::Kind::statement: return session + ": " + step.text;
    case mt::Step::Kind::timeout: return session + " times out";
    case mt::Step::Kind::locks: break;
  }
  return "locks";
}

}  // namespace

std::string EngineLockstep::leftovers() const {
  const txn::LockStats locks = manager_.locks().stats();
  std::string found;
  if (locks.locks != 0 || locks.bytes != 0) {
    found += "locks left behind: " + std::to_string(locks.locks) + "\n";
  }
  if (manager_.registry().active_count() != 0) found += "an active transaction left behind\n";
  if (manager_.registry().view_count() != 0) found += "an open view left behind\n";
  return found;
}

std::string EngineLockstep::judge(const mt::Script& script, const mt::Schedule& schedule,
                                  mt::Defaults settings) {
  const std::string prefix = "lockstep/" + std::to_string(++schedules_) + "_";
  std::vector<std::string> tables;
  std::string found;
  {
    EngineSubject subject(node_, manager_, settings, prefix);
    const auto observed = mt::observe(subject, script, schedule);
    found = observed.ok() ? mt::disagreement(script, schedule, settings, *observed)
                          : observed.status().to_string() + "\n";
    for (const auto& table : subject.tables()) tables.push_back(table->table().def().name);
  }
  return found + leftovers() + clear_away(manager_.engine(), tables);
}

mt::Schedule EngineLockstep::shortened(const mt::Script& script, mt::Schedule schedule,
                                       mt::Defaults settings) {
  size_t kept = 0;  // of the last steps, which it does not do without
  while (kept < schedule.steps.size()) {
    mt::Schedule without = schedule;
    without.steps.erase(without.steps.end() - static_cast<std::ptrdiff_t>(kept) - 1);
    if (judge(script, without, settings).empty()) {
      ++kept;
    } else {
      schedule = std::move(without);
    }
  }
  return schedule;
}

std::string script_text(const mt::Script& script, const mt::Schedule& schedule,
                        mt::Defaults settings) {
  std::string text = "tables\n";
  for (const mt::Step& step : script.setup) text += "  " + step.text + "\n";
  text += "\nat " + std::string(mt::to_string(settings.isolation)) + "; snapshot isolation " +
          (settings.snapshot_isolation ? "on" : "off") + "\nshows: a disagreement\n";
  for (const mt::Step& step : schedule.steps) text += "  " + step_text(step) + "\n";
  return text;
}

}  // namespace aftersync::faults
