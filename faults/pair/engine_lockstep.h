// EngineLockstep: schedules run by the engine and judged by the isolation model, one after the
// other on one engine, each on tables of its own. Whoever finds a disagreement can have the
// schedule shortened: steps are left out one by one as long as the two still disagree.
//
// Used by one task.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/platform/node.h"
#include "core/txn/transaction.h"
#include "model/txn/lockstep.h"

namespace aftersync::faults {

class EngineLockstep {
 public:
  // The engine's purge must be left to the schedules: no background purge.
  EngineLockstep(Node& node, txn::TransactionManager& manager) : node_(node), manager_(manager) {}

  // Empty when all agrees: answers, waits, locks and victims after each step, by the rules that the
  // schedule names; and nothing is left behind.
  [[nodiscard]] std::string judge(const model::txn::Script& script,
                                  const model::txn::Schedule& schedule,
                                  model::txn::Defaults settings);

  // The shortest schedule found by leaving steps out of one that does not agree.
  [[nodiscard]] model::txn::Schedule shortened(const model::txn::Script& script,
                                               model::txn::Schedule schedule,
                                               model::txn::Defaults settings);

 private:
  [[nodiscard]] std::string leftovers() const;

  Node& node_;
  txn::TransactionManager& manager_;
  uint64_t schedules_ = 0;
};

// As a script that any runner takes: in this setting, with these steps.
[[nodiscard]] std::string script_text(const model::txn::Script& script,
                                      const model::txn::Schedule& schedule,
                                      model::txn::Defaults settings);

}  // namespace aftersync::faults
