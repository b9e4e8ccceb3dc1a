// Minimising: sizes, faults, schedule, and again.
#include "faults/minimise.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "faults/plan/ddmin.h"

namespace aftersync::faults {

namespace {

constexpr int kMaxRounds = 4;
// A candidate may take this much longer than what it shrinks, and is then given up.
constexpr uint64_t kStepFactor = 4;
constexpr uint64_t kStepSlack = 20'000;
// Pieces of the schedule are halved down to this length, and while there are not too many.
constexpr uint64_t kShortestWindow = 4;
constexpr size_t kFirstPieces = 8;
constexpr size_t kMostPieces = 64;
constexpr uint64_t kOtherSeeds = 8;

uint64_t steps_in(const sim::StepWindow& window, uint64_t steps) {
  return std::min(window.last, steps) - std::min(window.first, steps);
}

// Neighbouring windows as one.
std::vector<sim::StepWindow> merged(const std::vector<sim::StepWindow>& windows) {
  std::vector<sim::StepWindow> result;
  for (const sim::StepWindow& window : windows) {
    if (!result.empty() && result.back().last == window.first) {
      result.back().last = window.last;
    } else {
      result.push_back(window);
    }
  }
  return result;
}

// Each window in `parts` pieces of nearly equal length.
std::vector<sim::StepWindow> split(const std::vector<sim::StepWindow>& windows, uint64_t parts) {
  std::vector<sim::StepWindow> result;
  for (const sim::StepWindow& window : windows) {
    const uint64_t length = window.last - window.first;
    const uint64_t count = std::clamp<uint64_t>(length, 1, parts);
    for (uint64_t i = 0; i < count; ++i) {
      result.push_back(
          {window.first + length * i / count, window.first + length * (i + 1) / count});
    }
  }
  return result;
}

class Minimiser {
 public:
  Minimiser(RunSpec best, RunOutcome outcome, const MayGoOn& may_go_on)
      : best_(std::move(best)),
        outcome_(std::move(outcome)),
        kind_(violation_kind(outcome_.violation)),
        step_limit_(best_.step_limit),
        may_go_on_(may_go_on) {
    // Unless running out of steps is the violation itself.
    if (outcome_.result.end == sim::RunEnd::out_of_steps) return;
    best_.step_limit = std::min(best_.step_limit, outcome_.result.steps * kStepFactor + kStepSlack);
  }

  void run() {
    for (int round = 0; round < kMaxRounds && !stopped_; ++round) {
      const uint64_t accepted = accepted_;
      shrink_faults();
      shrink_sizes();
      shrink_schedule();
      if (accepted_ == accepted) break;
    }
    best_.step_limit = step_limit_;
  }

  [[nodiscard]] const RunSpec& best() const { return best_; }
  [[nodiscard]] const RunOutcome& outcome() const { return outcome_; }
  [[nodiscard]] uint64_t tries() const { return tries_; }

 private:
  // Whether `candidate` fails in the same way; then it is the best so far.
  bool accept(RunSpec candidate) {
    if (stopped_ || !may_go_on_(tries_, best_)) stopped_ = true;
    if (stopped_) return false;
    ++tries_;
    auto outcome = faults::run(candidate);
    if (!outcome.ok() || violation_kind(outcome->violation) != kind_) return false;
    best_ = std::move(candidate);
    outcome_ = std::move(outcome).value();
    ++accepted_;
    return true;
  }

  // With less to do everything comes earlier: so the same with all actions at half their time, and
  // under other seeds, which draw other operations.
  bool try_parameter(const std::string& name, int64_t value) {
    RunSpec candidate = best_;
    candidate.parameters.set(name, value);
    if (accept(candidate)) return true;
    RunSpec earlier = candidate;
    for (Action& action : earlier.plan.actions) {
      action.at /= 2;
      if (action.step) *action.step /= 2;
    }
    for (uint64_t i = 0; i <= kOtherSeeds && !stopped_; ++i) {
      candidate.seed = earlier.seed = best_.seed + i;
      if (i > 0 && accept(candidate)) return true;
      if (!earlier.plan.actions.empty() && accept(earlier)) return true;
    }
    return false;
  }

  void shrink_sizes() {
    for (const ParameterSpec& spec : best_.workload->parameters) {
      if (!spec.is_size) continue;
      const int64_t before = best_.parameters.integer(spec.name);
      if (before == spec.min || try_parameter(spec.name, spec.min)) continue;
      int64_t value = before;
      while (value / 2 > spec.min && try_parameter(spec.name, value / 2)) value /= 2;
    }
  }

  // An action or a setting, by its place in the plan.
  using Part = std::variant<Action, Setting>;

  void shrink_faults() {
    std::vector<Part> parts(best_.plan.actions.begin(), best_.plan.actions.end());
    parts.insert(parts.end(), best_.plan.settings.begin(), best_.plan.settings.end());
    (void)ddmin(std::move(parts), [&](const std::vector<Part>& kept) {
      RunSpec candidate = best_;
      candidate.plan.actions.clear();
      candidate.plan.settings.clear();
      for (const Part& part : kept) {
        if (const auto* action = std::get_if<Action>(&part)) {
          candidate.plan.actions.push_back(*action);
        } else {
          candidate.plan.settings.push_back(std::get<Setting>(part));
        }
      }
      return accept(std::move(candidate));
    });
  }

  bool try_windows(const std::vector<sim::StepWindow>& windows) {
    RunSpec candidate = best_;
    candidate.plan.schedule.windows = merged(windows);
    return accept(std::move(candidate));
  }

  void shrink_schedule() {
    std::vector<sim::StepWindow> windows = best_.plan.schedule.windows;
    if (windows.empty()) return;
    // Choices after the violation do not matter.
    windows.back().last = std::min(windows.back().last, outcome_.result.steps + 1);
    std::erase_if(windows, [](const auto& window) { return window.first >= window.last; });
    const bool few = windows.size() * kFirstPieces <= kMostPieces;
    std::vector<sim::StepWindow> pieces = split(windows, few ? kFirstPieces : 2);
    while (!stopped_) {
      pieces = ddmin(pieces, [&](const auto& kept) { return try_windows(kept); });
      const bool short_enough = std::all_of(
          pieces.begin(), pieces.end(),
          [](const sim::StepWindow& piece) { return piece.last - piece.first <= kShortestWindow; });
      if (pieces.empty() || short_enough || pieces.size() > kMostPieces) break;
      pieces = split(pieces, 2);
    }
  }

  RunSpec best_;
  RunOutcome outcome_;
  const std::string kind_;
  const uint64_t step_limit_;
  const MayGoOn& may_go_on_;
  uint64_t tries_ = 0;
  uint64_t accepted_ = 0;
  bool stopped_ = false;
};

}  // namespace

RunSize size_of(const RunSpec& spec, const RunOutcome& outcome) {
  RunSize size;
  size.actions = spec.plan.actions.size();
  size.settings = spec.plan.settings.size();
  for (const sim::StepWindow& window : spec.plan.schedule.windows) {
    const uint64_t steps = steps_in(window, outcome.result.steps);
    size.random_steps += steps;
    if (steps > 0) ++size.windows;
  }
  size.switches = outcome.result.switches;
  size.operations = outcome.operations;
  size.events = outcome.result.steps;
  return size;
}

Result<Minimised> minimise(const RunSpec& spec, const MayGoOn& may_go_on) {
  ASSIGN_OR_RETURN(RunOutcome outcome, run(spec));
  if (outcome.held()) return Status(Code::bad_state, "all held: there is nothing to minimise");
  Minimised result;
  result.before = size_of(spec, outcome);
  Minimiser minimiser(spec, std::move(outcome), may_go_on);
  minimiser.run();
  result.spec = minimiser.best();
  result.outcome = minimiser.outcome();
  result.after = size_of(result.spec, result.outcome);
  result.tries = minimiser.tries();
  return result;
}

}  // namespace aftersync::faults
