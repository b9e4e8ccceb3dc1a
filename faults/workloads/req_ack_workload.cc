// Workload req-ack: clients increment a counter on two nodes that die and lose sight of each other.
//
// What must hold: a read shows at least every increment acknowledged before it began and at most
// all that were ever sent; at the end, with everything repaired, both nodes hold the same list,
// every acknowledged increment is in it exactly once, and nothing that was never sent.
#include "faults/workloads/req_ack_workload.h"

#include <algorithm>
#include <set>

#include "core/base/prng.h"
#include "core/base/probe.h"
#include "faults/demo/req_ack.h"

namespace aftersync::faults {

namespace {

using demo::Increment;

constexpr const char* kPrimary = "primary";
constexpr const char* kBackup = "backup";
constexpr const char* kPrimaryAddress = "primary:7001";
constexpr const char* kBackupAddress = "backup:7001";
constexpr Duration kPatience = 400ms;
constexpr uint64_t kMaxPauseUs = 20'000;
constexpr uint64_t kReadPercent = 20;

std::string client_name(uint64_t number) { return "c" + std::to_string(number); }

class ReqAckWorkload final : public Workload {
 public:
  explicit ReqAckWorkload(const Parameters& parameters)
      : clients_(static_cast<uint64_t>(parameters.integer("clients"))),
        increments_(static_cast<uint64_t>(parameters.integer("increments"))),
        rotate_bytes_(static_cast<uint64_t>(parameters.integer("rotate_bytes"))),
        give_up_percent_(static_cast<uint64_t>(parameters.integer("give_up_percent"))) {}

  [[nodiscard]] Topology topology() const override {
    MachineGroup clients{"clients", {}, false};
    for (uint64_t i = 1; i <= clients_; ++i) clients.machines.push_back(client_name(i));
    return {{{"servers", {kPrimary, kBackup}, true}, std::move(clients)}};
  }

  void setup(RunContext& run) override {
    for (uint64_t i = 1; i <= clients_; ++i) run.world().add_machine(client_name(i));
    run.world().add_machine(kPrimary).start([this](Node& node) {
      demo::run_counter_primary(node, {kPrimaryAddress, kBackupAddress, {rotate_bytes_}});
    });
    run.world().add_machine(kBackup).start([this](Node& node) {
      demo::run_counter_backup(node, {kBackupAddress, "", {rotate_bytes_}});
    });
  }

  void start(RunContext& run) override {
    clients_left_ = clients_;
    for (uint64_t i = 1; i <= clients_; ++i) {
      sim::Machine& machine = run.world().machine(client_name(i));
      run.world().start_harness(machine, [this, &run, i, seed = run.draw_seed()](Node& node) {
        work(run, node, i, seed);
        --clients_left_;
        run.wait_for_quiet(node);
        if (i == 1) compare_nodes(run, node);
      });
    }
  }

  void check(RunContext&) override {}
  [[nodiscard]] uint64_t operations() const override { return sent_.size(); }
  // Whatever its disk did: a backup that is ahead of its primary was sent what was not durable.
  [[nodiscard]] bool permits_crash(const RunContext& run, const sim::Machine& machine,
                                   std::string_view reason) const override {
    return !reason.starts_with(demo::kBackupAhead) && Workload::permits_crash(run, machine, reason);
  }

 private:
  void work(RunContext& run, Node& node, uint64_t client, uint64_t seed) {
    Prng prng(seed);
    demo::CounterClient counter(node, kPrimaryAddress, kPatience);
    for (uint64_t request = 1; request <= increments_; ++request) {
      increment(node, prng, counter, {client, request});
      if (prng.below(100) < kReadPercent) read(run, counter);
      if (prng.chance(0.2)) pause(node, prng);
    }
  }

  // Repeats until acknowledged, or sometimes gives up and leaves the outcome open.
  void increment(Node& node, Prng& prng, demo::CounterClient& counter, const Increment& increment) {
    sent_.insert(increment);
    while (!counter.increment(increment).ok()) {
      if (prng.below(100) < give_up_percent_) {
        PROBE("req-ack/given-up");
        return;
      }
      pause(node, prng);
    }
    acknowledged_.insert(increment);
  }

  void read(RunContext& run, demo::CounterClient& counter) {
    const uint64_t acknowledged_before = acknowledged_.size();
    const auto count = counter.read();
    if (!count.ok()) return;
    if (*count < acknowledged_before) {
      run.violate("lost increment: a read shows " + std::to_string(*count) + " after " +
                  std::to_string(acknowledged_before) + " were acknowledged");
    } else if (*count > sent_.size()) {
      run.violate("made-up increment: a read shows " + std::to_string(*count) + " where " +
                  std::to_string(sent_.size()) + " were sent");
    }
  }

  static void pause(Node& node, Prng& prng) {
    const auto pause_us = static_cast<int64_t>(prng.below(kMaxPauseUs));
    (void)node.tasks().sleep_for(std::chrono::microseconds(pause_us));
  }

  // When all clients are done, waits until the backup has caught up; that it never does lets the
  // run go out of time.
  void compare_nodes(RunContext& run, Node& node) {
    while (clients_left_ > 0) (void)node.tasks().sleep_for(10ms);
    demo::CounterClient primary(node, kPrimaryAddress, kPatience);
    demo::CounterClient backup(node, kBackupAddress, kPatience);
    while (true) {
      const auto count = primary.read();
      const auto held = primary.list();
      const auto copied = backup.list();
      if (count.ok() && held.ok() && copied.ok() && held->size() <= copied->size()) {
        check_list(run, kPrimary, *held);
        check_list(run, kBackup, *copied);
        // The backup's may be longer: a request given up may have arrived in between.
        if (!std::equal(held->begin(), held->end(), copied->begin())) {
          run.violate("nodes differ: the backup's list does not begin with the primary's");
        }
        return;
      }
      (void)node.tasks().sleep_for(10ms);
    }
  }

  void check_list(RunContext& run, const char* where, const std::vector<Increment>& entries) const {
    std::set<Increment> held;
    const auto name = [&](const Increment& increment) {
      return "request " + std::to_string(increment.request) + " of client " +
             std::to_string(increment.client) + " on the " + where;
    };
    for (const Increment& entry : entries) {
      if (!held.insert(entry).second) run.violate("counted twice: " + name(entry));
      if (!sent_.contains(entry)) run.violate("made-up increment: " + name(entry));
    }
    for (const Increment& entry : acknowledged_) {
      if (!held.contains(entry)) run.violate("lost increment: " + name(entry));
    }
  }

  const uint64_t clients_;
  const uint64_t increments_;
  const uint64_t rotate_bytes_;
  const uint64_t give_up_percent_;
  uint64_t clients_left_ = 0;
  std::set<Increment> sent_;
  std::set<Increment> acknowledged_;
};

}  // namespace

WorkloadType req_ack_workload() {
  WorkloadType type;
  type.name = "req-ack";
  type.description = "clients increment a counter that a primary copies to a backup";
  type.parameters = {
      {"clients", "at work at once", int64_t{2}, 1, 16, {}, true},
      {"increments", "of each client", int64_t{20}, 1, 1'000'000, {}, true},
      {"rotate_bytes", "length from which on a log file is followed by the next", int64_t{512}, 1},
      {"give_up_percent", "how often a client stops repeating a request", int64_t{5}, 0, 100},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<ReqAckWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
