// Runner: one World from setup to verdict.
#include "faults/runner.h"

#include <utility>

#include "faults/plan/draw.h"
#include "faults/plan/executor.h"
#include "faults/sim/disk_image.h"

namespace aftersync::faults {

Result<RunSpec> expand(const Scenario& scenario, uint64_t seed, std::vector<std::string> bugs) {
  RunSpec spec;
  spec.scenario = scenario.name;
  spec.workload = scenario.workload;
  spec.seed = seed;
  spec.parameters = scenario.draw_parameters(seed);
  spec.bugs = std::move(bugs);
  spec.virtual_time_limit = scenario.virtual_time_limit;
  spec.step_limit = scenario.step_limit;
  const Topology topology = spec.workload->make(spec.parameters)->topology();
  ASSIGN_OR_RETURN(spec.plan, draw_plan(scenario.limits, topology, seed));
  return spec;
}

Result<RunOutcome> run(const RunSpec& spec, bool keep_trace) {
  sim::WorldOptions options;
  options.seed = spec.seed;
  options.schedule = spec.plan.schedule;
  options.max_virtual_time = spec.virtual_time_limit;
  options.max_steps = spec.step_limit;
  options.keep_trace = keep_trace;

  // Destroyed after the World: what is left of its processes points into the workload.
  const std::unique_ptr<Workload> workload = spec.workload->make(spec.parameters);
  sim::World world(options);
  RunContext context(world, spec.plan);
  workload->setup(context);
  Executor executor(world, spec.plan, [&](const sim::Machine& machine, std::string_view reason) {
    return workload->permits_crash(context, machine, reason);
  });
  RETURN_IF_ERROR(executor.install());
  for (const std::string& bug : spec.bugs) RETURN_IF_ERROR(world.enable_fault(bug));
  workload->start(context);

  RunOutcome outcome;
  outcome.result = world.run();
  if (outcome.result.end == sim::RunEnd::completed) workload->check(context);
  // The World's own comes first: what check() finds it finds only when there was none.
  outcome.violation = outcome.result.violation;
  if (outcome.violation.empty()) outcome.violation = context.violation();
  outcome.operations = workload->operations();
  outcome.crashes = executor.crashes();
  outcome.bug_visits = world.faults_fired();
  for (const auto& machine : world.machines()) outcome.disk_operations += machine->disk().counts();
  if (keep_trace) outcome.trace = world.trace_lines();
  return outcome;
}

std::string violation_kind(std::string_view violation) {
  constexpr std::string_view kCheck = "CHECK failed at ";
  if (const size_t check = violation.find(kCheck); check != std::string_view::npos) {
    // "CHECK failed at FILE:LINE: expression": up to the colon after the line.
    const size_t line = violation.find(':', check);
    return std::string(violation.substr(check, violation.find(':', line + 1) - check));
  }
  return std::string(violation.substr(0, violation.find(':')));
}

}  // namespace aftersync::faults
