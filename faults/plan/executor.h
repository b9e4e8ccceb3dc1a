// Executor: carries out a plan on a World.
//
// It keeps three promises that a plan alone cannot. (1) Survival: never more machines of a group
// down than allowed, also when servers stop themselves or an action strikes at a step whose time
// nobody could know; such an action is left out. (2) Supervision: a server that stopped itself is
// started again, as an init system would. (3) Quiet: at the plan's quiet_at everything is repaired,
// and nothing strikes after.
//
// Lives on the host; must outlive the World's run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "faults/plan/plan.h"
#include "faults/sim/world.h"

namespace aftersync::faults {

class Executor {
 public:
  // Whether a server may stop itself for this reason.
  using CrashRule = std::function<bool(const sim::Machine& machine, std::string_view reason)>;

  Executor(sim::World& world, const Plan& plan, CrashRule permits_crash);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Once, when all machines exist and before the run: sets the hardware and schedules the actions.
  // Code::invalid_argument when the plan names a machine, setting or fault point that is not there.
  Status install();

  // Servers that stopped themselves so far.
  [[nodiscard]] uint64_t crashes() const { return crashes_; }
  // Actions that were left out to keep a promise.
  [[nodiscard]] uint64_t left_out() const { return left_out_; }

 private:
  using Window = std::pair<std::string, ActionKind>;  // of a machine's disk

  Status check() const;
  void apply_settings();
  void set_disk(const Setting& setting);
  void set_network(const Setting& setting);
  void set_clock(const Setting& setting);
  void strike(const Action& action);
  void strike_machine(const Action& action, sim::Machine& machine);
  [[nodiscard]] bool keeps_survival(const sim::Machine& machine) const;
  void begin_window(const Action& action);
  [[nodiscard]] double& window_rate(const Window& window);
  void cut(const std::vector<Cut>& cuts);
  void mend(const std::vector<Cut>& cuts);
  void restart_later(sim::Machine& machine, Duration delay);
  void process_ended(sim::Machine& machine, sim::ProcessEnd how);
  void quieten();
  void after(Duration delay, std::function<void()> action);

  sim::World& world_;
  const Plan& plan_;
  const CrashRule permits_crash_;
  bool quiet_ = false;
  uint64_t crashes_ = 0;
  uint64_t left_out_ = 0;
  std::map<Cut, uint32_t> cuts_in_force_;  // by how many partitions
  std::map<Window, uint32_t> windows_open_;
};

}  // namespace aftersync::faults
