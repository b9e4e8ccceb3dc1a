// Minimising: a shorter run with the same violation.
//
// What a seed finds is buried: a dozen faults of which one matters, thousands of random context
// switches of which two matter. Three things shrink in turn, until nothing does any more: the
// workload's sizes (halved), the plan's actions and settings (ddmin), and the steps at which the
// scheduler may deviate from the plain default (windows: ddmin on ever smaller pieces).
//
// Each try is a whole run; a try counts when it violates in the same way (violation_kind).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "faults/runner.h"

namespace aftersync::faults {

// How large a run is, in what a reader must go through.
struct RunSize {
  uint64_t actions = 0;
  uint64_t settings = 0;
  uint64_t windows = 0;       // of steps with random choices
  uint64_t random_steps = 0;  // steps in them
  uint64_t switches = 0;      // of context
  uint64_t operations = 0;
  uint64_t events = 0;  // scheduling points
};
[[nodiscard]] RunSize size_of(const RunSpec& spec, const RunOutcome& outcome);

struct Minimised {
  RunSpec spec;
  RunOutcome outcome;
  RunSize before;
  RunSize after;
  uint64_t tries = 0;
};

// Asked before each try; false stops with what has been reached.
using MayGoOn = std::function<bool(uint64_t tries, const RunSpec& best)>;

// Code::bad_state when `spec` violates nothing.
[[nodiscard]] Result<Minimised> minimise(const RunSpec& spec, const MayGoOn& may_go_on);

}  // namespace aftersync::faults
