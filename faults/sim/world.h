// World: a whole cluster in one process and one OS thread, driven by a seed.
//
// A World has Machines (a disk, a clock, an address); a Machine runs at most one process at a time,
// built from the same object files as the real one and handed a Node. Scenarios script the World
// from two places: host callbacks set with at(), which run on the driver, and *harness* processes,
// which are ordinary tasks that play clients and operators. Harness processes allocate from the
// host (their results outlive them) and are never killed; *server* processes are killed without
// unwinding (heap.h).
//
// Determinism: everything random comes from streams of the one seed. Two Worlds with the same seed,
// options and scenario end with the same digest.
//
// Not simulated: CPU time (a step costs a fixed amount of virtual time), memory exhaustion, true
// parallelism (weak memory order is the business of the thread-sanitised posix suites).
//
// Thread safety: one World at a time per OS thread; everything on that thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/platform/node.h"
#include "faults/sim/fault_rates.h"
#include "faults/sim/schedule_policy.h"

namespace aftersync::sim {

class DiskImage;
class Network;
class Scheduler;
class World;

using ProcessMain = std::function<void(Node&)>;

// How a process came to its end.
enum class ProcessEnd : uint8_t { never_started, running, exited, crashed, killed, powered_off };

// One simulated computer. Created by World::add_machine; lives as long as the World.
class Machine {
 public:
  Machine(World& world, std::string name, uint64_t number);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Also its host name on the simulated network: "name:port".
  [[nodiscard]] const std::string& name() const { return name_; }
  // 1 for the first machine of its World.
  [[nodiscard]] uint64_t number() const { return number_; }
  [[nodiscard]] DiskImage& disk() { return *disk_; }
  [[nodiscard]] ClockFaults& clock_faults() { return clock_faults_; }  // drift: from the next start
  [[nodiscard]] bool running() const { return process_ != nullptr; }
  [[nodiscard]] bool paused() const;
  [[nodiscard]] ProcessEnd last_end() const { return last_end_; }
  // What Node::crash said, for crashed.
  [[nodiscard]] const std::string& crash_reason() const { return crash_reason_; }
  // How many processes have been started here.
  [[nodiscard]] uint32_t incarnation() const { return incarnation_; }

  // Starts `main` as a server process; remembers it for restart(). Must not be running.
  void start(ProcessMain main);
  // Starts the remembered main again.
  void restart();
  // kill -9: the process runs nothing more; its connections are reset, its writes stay (page
  // cache). No-op when nothing runs. Not from a task of this process.
  void kill();
  // As kill, silently for the network, and the disk keeps only what was durable and some of the
  // rest.
  void power_off();
  // SIGSTOP and SIGCONT: timers go on, nothing runs.
  void pause();
  void resume();
  // A new, empty disk. Must not be running.
  void replace_disk();
  // The process's Node, for scripts that need its clock. Must be running.
  [[nodiscard]] Node& node();
  // Ends the process of the running task on this machine (Node::crash).
  [[noreturn]] void crash_current(std::string_view reason);
  // As kill() and power_off(), for the process of the running task.
  [[noreturn]] void kill_current();
  [[noreturn]] void power_off_current();

 private:
  friend class World;
  friend class aftersync::NodeState;
  void start_process(bool is_server);
  void run_main();
  void end_process(ProcessEnd how);

  World& world_;
  const std::string name_;
  const uint64_t number_;
  std::unique_ptr<DiskImage> disk_;
  ClockFaults clock_faults_;
  ProcessMain main_;
  std::unique_ptr<NodeState> process_;
  ProcessEnd last_end_ = ProcessEnd::never_started;
  std::string crash_reason_;
  uint32_t incarnation_ = 0;
};

struct WorldOptions {
  uint64_t seed = 0;
  ScheduleOptions schedule;
  // The run is cut off here; what that means is the scenario's business.
  Duration max_virtual_time = std::chrono::hours(1);
  uint64_t max_steps = UINT64_MAX;
  bool keep_trace = false;
};

enum class RunEnd : uint8_t {
  completed,     // every harness process returned, or finish() was called
  violated,      // violate() was called, or a CHECK failed
  deadlocked,    // tasks are left and none can ever run
  out_of_time,   // max_virtual_time
  out_of_steps,  // max_steps
};
[[nodiscard]] std::string_view to_string(RunEnd end);

struct RunResult {
  RunEnd end = RunEnd::completed;
  std::string violation;  // empty when completed
  uint64_t digest = 0;    // schedule, I/O and final disks
  uint64_t steps = 0;     // scheduling points passed
  uint64_t switches = 0;  // of fibers
  Duration virtual_time{0};
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // `name` must be new. Machines are numbered from 1 in order of creation.
  Machine& add_machine(std::string name);
  [[nodiscard]] const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }
  [[nodiscard]] Machine& machine(std::string_view name);  // CHECK: exists
  // Starts `main` on `machine` as a harness process. run() ends when all of these have returned.
  void start_harness(Machine& machine, ProcessMain main);

  // Runs `action` on the driver at `at` (virtual time since the start; not before now). A pending
  // action alone does not keep the run going once the harness has ended.
  void at(MonoTime at, std::function<void()> action);
  // Runs `action` on the driver once this many scheduling points have passed.
  void at_step(uint64_t step, std::function<void()> action);

  // Tells `observer` of every end of a process, once it has ended and its machine may be started
  // again. Called on the stack that ended it, allocating from the host.
  void on_process_end(std::function<void(Machine&, ProcessEnd)> observer);

  // Runs the cluster to its end. Once.
  [[nodiscard]] RunResult run();
  // Ends the run at the next step, as completed.
  void finish();
  // Ends the run as violated; the first call's text is kept.
  void violate(std::string what);

  [[nodiscard]] MonoTime now() const;
  [[nodiscard]] Network& network() { return *network_; }
  [[nodiscard]] Scheduler& scheduler() { return *scheduler_; }
  // The stream from which hardware faults and latencies are drawn.
  [[nodiscard]] Prng& hardware_prng() { return hardware_prng_; }
  // A stream for the scenario's own draws (workload).
  [[nodiscard]] Prng& workload_prng() { return workload_prng_; }

  // Turns a fault point on in this World, at each visit with this probability. Cleared when the
  // World ends. Code::invalid_argument for an unknown name.
  Status enable_fault(std::string_view name, double probability = 1.0);
  // How often enabled fault points have fired.
  [[nodiscard]] uint64_t faults_fired() const { return faults_fired_; }

  // A line of the trace: "virtual-time machine/task event". `line` is called only when a trace is
  // kept; events always enter the digest through note().
  template <typename Line>
  void trace(Line&& line) {
    if (options_.keep_trace) append_trace(line());
  }
  // Folds an event into the digest.
  void note(uint64_t event);
  [[nodiscard]] const std::vector<std::string>& trace_lines() const { return trace_; }

  // The World of this OS thread; null outside one.
  [[nodiscard]] static World* current();

 private:
  friend class Machine;
  friend class aftersync::NodeState;
  class Action;
  void append_trace(std::string line);
  void harness_ended();
  static void on_check_failed(const char* file, int line, const char* expression,
                              std::string_view detail);
  static bool decide_fault(const char* name, void* world);

  const WorldOptions options_;
  Prng hardware_prng_;
  Prng workload_prng_;
  Prng fault_prng_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Action>> actions_;
  std::vector<std::function<void(Machine&, ProcessEnd)>> end_observers_;
  std::vector<std::pair<std::string, double>> enabled_faults_;
  uint64_t faults_fired_ = 0;
  uint32_t harness_running_ = 0;
  bool finished_ = false;
  std::string violation_;
  std::vector<std::string> trace_;
};

}  // namespace aftersync::sim
