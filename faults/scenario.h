// Scenario: something to do (a workload), with what parameters, under which faults.
//
// The shape is that of FoundationDB's simulation tests. A *workload* is code: it sets up machines
// and servers, starts clients and checks, at the end, what must hold. A *scenario* is data: a TOML
// file that names a workload, gives its parameters and limits what may go wrong (plan/limits.h).
// One workload serves many scenarios: the same bank transfers with and without disk errors, on
// three machines and on five.
//
//   title = "an acknowledged put survives kills and power losses"
//   workload = "wal-kv"
//   [parameters]                 # of the workload; a range or list is drawn from by each seed
//   clients = [1, 3]
//   [limits]                     # of one run; beyond them it has failed to finish
//   virtual_time_ms = 60000
//   steps = 2000000
//   [faults]                     # see plan/limits.h
//
// Scenario files lie in faults/scenarios and are compiled into the programs, each under the name of
// its file; a path to a .toml is taken as well.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/status.h"
#include "faults/plan/limits.h"
#include "faults/plan/plan.h"
#include "faults/sim/world.h"

namespace aftersync::faults {

// --- Parameters of workloads ---

using ParameterValue = std::variant<int64_t, bool, std::string>;

// A parameter that a workload takes. Its kind is that of `fallback`.
struct ParameterSpec {
  std::string name;
  std::string description;
  ParameterValue fallback;
  int64_t min = 0;  // of whole numbers
  int64_t max = INT64_MAX;
  std::vector<std::string> choices = {};  // of texts; empty: any
  // A number that says how much is done: a minimiser may lower it towards `min`.
  bool is_size = false;
};

// What one run uses: a value for every parameter of the workload, in the order of its specs.
class Parameters {
 public:
  struct Entry {
    std::string name;
    ParameterValue value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // CHECK: the workload has such a parameter, of that kind.
  [[nodiscard]] int64_t integer(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;

  void set(std::string_view name, ParameterValue value);
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  friend bool operator==(const Parameters&, const Parameters&) = default;

 private:
  [[nodiscard]] const ParameterValue& at(std::string_view name) const;

  std::vector<Entry> entries_;
};

// --- Workloads ---

// What a workload meets in a run. Lives on the host.
class RunContext {
 public:
  RunContext(sim::World& world, const Plan& plan) : world_(world), plan_(plan) {}
  RunContext(const RunContext&) = delete;
  RunContext& operator=(const RunContext&) = delete;

  [[nodiscard]] sim::World& world() { return world_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  // Virtual time since the start from which on nothing goes wrong any more.
  [[nodiscard]] MonoTime quiet_at() const { return MonoTime(plan_.quiet_at); }
  // For a harness client: sleeps until then.
  void wait_for_quiet(Node& node);
  // A seed of the run's own, for a client's choices; a new one at each call.
  [[nodiscard]] uint64_t draw_seed();

  // Ends the run as violated. "KIND: details", where KIND is a short constant text: a minimiser
  // takes two violations for the same by it. The first one is kept. From anywhere, also from
  // check().
  void violate(std::string what);
  [[nodiscard]] const std::string& violation() const { return violation_; }

 private:
  sim::World& world_;
  const Plan& plan_;
  std::string violation_;
};

// One run's worth of work. Made anew for each run, on the host; its members are therefore the place
// for what harness clients find out and check() judges.
class Workload {
 public:
  virtual ~Workload() = default;

  // The machines that setup() will add, by group. Plans are drawn for these.
  [[nodiscard]] virtual Topology topology() const = 0;
  // Adds them and starts the servers.
  virtual void setup(RunContext& run) = 0;
  // Starts the clients as harness processes. The run ends when all of them have returned.
  virtual void start(RunContext& run) = 0;
  // Judges a run in which every client has returned.
  virtual void check(RunContext& run) = 0;
  // How many operations the clients carried out, whatever came of them.
  [[nodiscard]] virtual uint64_t operations() const = 0;
  // Whether a server may stop itself with this reason (Node::crash). By default when the plan lets
  // its disk fail; for corruption ("corruption: " in the reason) only when it lets disks lie.
  [[nodiscard]] virtual bool permits_crash(const RunContext& run, const sim::Machine& machine,
                                           std::string_view reason) const;
};

struct WorkloadType {
  std::string name;
  std::string description;
  std::vector<ParameterSpec> parameters;
  std::unique_ptr<Workload> (*make)(const Parameters& parameters);
};

// All workloads that this program knows, by name; the table stands in workloads.cc.
[[nodiscard]] const std::vector<WorkloadType>& workload_types();
[[nodiscard]] const WorkloadType* find_workload(std::string_view name);

// --- Scenarios ---

// The values that a scenario allows a parameter: one, or several to draw from.
struct ParameterRange {
  std::string name;
  std::vector<ParameterValue> choices;  // or, for whole numbers:
  int64_t low = 0;
  int64_t high = -1;  // below low: not a range
};

struct Scenario {
  std::string name;
  std::string file;  // for messages: "faults/scenarios/wal-kv.toml"
  std::string title;
  const WorkloadType* workload = nullptr;
  std::vector<ParameterRange> parameters;  // one for each of the workload's, in their order
  Duration virtual_time_limit{0};
  uint64_t step_limit = 0;
  Limits limits;

  // Drawn by `seed`.
  [[nodiscard]] Parameters draw_parameters(uint64_t seed) const;
};

// Reads a scenario from its text. Errors name file, line and field.
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view text, const std::string& name,
                                              const std::string& file);

// Compiled in, by name.
struct EmbeddedScenario {
  const char* name;
  const char* file;
  const char* text;
};
[[nodiscard]] std::span<const EmbeddedScenario> embedded_scenarios();

// By name, or by path when `name_or_path` ends in ".toml". An unknown name suggests the nearest.
[[nodiscard]] Result<Scenario> load_scenario(const std::string& name_or_path);

}  // namespace aftersync::faults
