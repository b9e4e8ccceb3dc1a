// Campaign: workers try, the parent puts in order and sums up.
#include "faults/cli/campaign.h"

#include <algorithm>
#include <cstdio>

#include "core/base/digest.h"
#include "faults/replay.h"

namespace aftersync::faults::cli {

namespace {

constexpr double kProgressInterval = 0.2;

class Tally {
 public:
  Tally(const Scenario& scenario, const CampaignOptions& options, const Console& console,
        const std::function<void(const SeedReport&)>& each)
      : scenario_(scenario),
        options_(options),
        console_(console),
        each_(each),
        next_(options.seeds.first) {}

  void take(SeedReport report) {
    if (report.scenario.empty()) {  // written by the parent for a worker that died
      report.scenario = scenario_.name;
      report.bugs = options_.bugs;
    }
    ++arrived_;
    const uint64_t seed = report.seed;
    waiting_.insert_or_assign(seed, std::move(report));
    while (!waiting_.empty() && waiting_.begin()->first == next_) count_first();
    show();
  }

  // Those after a gap that a budget or a dead worker has left, up to the first violation.
  CampaignResult finish(Collected collected) {
    while (!waiting_.empty()) count_first();
    clear_progress(console_);
    result_.digest = digest_.value();
    result_.probes = std::move(collected.probes);
    result_.out_of_time = collected.out_of_time;
    return std::move(result_);
  }

 private:
  void count_first() {
    const SeedReport report = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    next_ = report.seed + 1;
    // Seeds that other workers had tried by the time the first violation was known.
    if (result_.first_violation && !options_.keep_going) return;
    ++result_.tried;
    result_.events += report.events;
    result_.operations += report.operations;
    result_.virtual_ns += report.virtual_ns;
    digest_.add(report.seed);
    digest_.add(report.digest);
    if (!report.held()) {
      ++result_.violated;
      if (!result_.first_violation) result_.first_violation = report;
    }
    each_(report);
  }

  void show() {
    const double now = console_.seconds();
    if (!console_.progress || now - shown_at_ < kProgressInterval) return;
    shown_at_ = now;
    const uint64_t total = options_.seeds.last - options_.seeds.first + 1;
    char rate[40];
    std::snprintf(rate, sizeof rate, "%.0f", static_cast<double>(arrived_) / std::max(now, 1e-3));
    show_progress(console_, scenario_.name + ": " + std::to_string(arrived_) + " of " +
                                std::to_string(total) + " seeds, " + rate + " a second" +
                                (result_.violated > 0 ? ", violated" : ""));
  }

  const Scenario& scenario_;
  const CampaignOptions& options_;
  const Console& console_;
  const std::function<void(const SeedReport&)>& each_;
  std::map<uint64_t, SeedReport> waiting_;
  uint64_t next_;
  uint64_t arrived_ = 0;
  double shown_at_ = 0;
  Digest digest_;
  CampaignResult result_;
};

}  // namespace

Result<RunOutcome> run_checked(const RunSpec& spec, bool twice) {
  ASSIGN_OR_RETURN(RunOutcome first, run(spec));
  if (!twice) return first;
  ASSIGN_OR_RETURN(const RunOutcome second, run(spec));
  const bool same = first.result.digest == second.result.digest &&
                    first.result.steps == second.result.steps &&
                    first.operations == second.operations && first.violation == second.violation;
  if (!same) {
    first.violation = "not deterministic: hash " + hex(first.result.digest) + " after " +
                      std::to_string(first.result.steps) + " events, then " +
                      hex(second.result.digest) + " after " + std::to_string(second.result.steps);
  }
  return first;
}

Result<CampaignResult> run_campaign(const Scenario& scenario, const CampaignOptions& options,
                                    const Console& console,
                                    const std::function<void(const SeedReport&)>& each) {
  WorkerTask task;
  task.seeds = options.seeds;
  const uint64_t more_seeds = options.seeds.last - options.seeds.first;
  task.workers = static_cast<uint32_t>(std::min<uint64_t>(options.jobs, more_seeds + 1));
  task.stop_at_violation = !options.keep_going;
  task.try_seed = [&](uint64_t seed) -> Result<SeedReport> {
    ASSIGN_OR_RETURN(const RunSpec spec, expand(scenario, seed, options.bugs));
    ASSIGN_OR_RETURN(const RunOutcome outcome, run_checked(spec, options.twice));
    return report_of(spec, outcome);
  };
  task.out_of_time = [&] {
    return options.deadline_s > 0 && console.seconds() >= options.deadline_s;
  };
  Tally tally(scenario, options, console, each);
  auto collected = collect(task, [&](SeedReport report) { tally.take(std::move(report)); });
  if (!collected.ok()) {
    clear_progress(console);
    return collected.status();
  }
  return tally.finish(std::move(collected).value());
}

}  // namespace aftersync::faults::cli
