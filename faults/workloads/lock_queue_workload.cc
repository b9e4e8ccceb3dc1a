// Workload lock-queue: producers and consumers share one bounded queue in one process.
//
// What must hold: every item comes out exactly once; of any one producer's items, each consumer
// gets them in the order in which they went in; everybody finishes. That nobody does is for the
// World to find (a deadlock).
//
// The queue lives in a server process although nothing kills it: when tasks deadlock, their stacks
// are dropped with the process's heap, locks and all, and nothing is left to be destroyed.
#include "faults/workloads/lock_queue_workload.h"

#include <map>

#include "core/base/prng.h"
#include "faults/demo/bounded_queue.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

constexpr const char* kMachine = "queue";

uint64_t item_of(uint64_t producer, uint64_t number) { return (producer << 32) | number; }

class LockQueueWorkload final : public Workload {
 public:
  explicit LockQueueWorkload(const Parameters& parameters)
      : producers_(static_cast<uint64_t>(parameters.integer("producers"))),
        consumers_(static_cast<uint64_t>(parameters.integer("consumers"))),
        items_(static_cast<uint64_t>(parameters.integer("items"))),
        capacity_(static_cast<uint64_t>(parameters.integer("capacity"))),
        taken_(consumers_) {}

  [[nodiscard]] Topology topology() const override { return {{{"servers", {kMachine}, true}}}; }

  void setup(RunContext& run) override { run.world().add_machine(kMachine); }

  void start(RunContext& run) override {
    run.world().on_process_end([&run](sim::Machine&, sim::ProcessEnd) { run.world().finish(); });
    run.world().machine(kMachine).start([this](Node& node) { produce_and_consume(node); });
  }

  void check(RunContext& run) override {
    std::map<uint64_t, uint64_t> times;
    for (const std::vector<uint64_t>& items : taken_) {
      check_order(run, items);
      for (const uint64_t item : items) ++times[item];
    }
    for (uint64_t producer = 1; producer <= producers_; ++producer) {
      for (uint64_t number = 1; number <= items_; ++number) {
        const auto it = times.find(item_of(producer, number));
        const uint64_t count = it == times.end() ? 0 : it->second;
        if (it != times.end()) times.erase(it);
        if (count == 1) continue;
        run.violate("not exactly once: item " + std::to_string(number) + " of producer " +
                    std::to_string(producer) + " was taken " + std::to_string(count) + " times");
      }
    }
    if (!times.empty()) {
      run.violate("made-up item: " + std::to_string(times.begin()->first) + " was never put in");
    }
  }

  [[nodiscard]] uint64_t operations() const override {
    uint64_t count = 0;
    for (const std::vector<uint64_t>& items : taken_) count += items.size();
    return count;
  }

 private:
  void produce_and_consume(Node& node) {
    demo::BoundedQueue queue(capacity_);
    std::vector<Task> producers;
    std::vector<Task> consumers;
    for (uint64_t i = 0; i < consumers_; ++i) {
      consumers.push_back(node.tasks().spawn("consumer", [this, &queue, i] {
        while (const auto item = queue.pop()) {
          const sim::HostScope host;
          taken_[i].push_back(*item);
        }
      }));
    }
    for (uint64_t i = 1; i <= producers_; ++i) {
      producers.push_back(node.tasks().spawn("producer", [this, &queue, i] {
        for (uint64_t number = 1; number <= items_; ++number) {
          CHECK(queue.push(item_of(i, number)));
        }
      }));
    }
    for (Task& task : producers) task.join();
    queue.close();
    for (Task& task : consumers) task.join();
  }

  static void check_order(RunContext& run, const std::vector<uint64_t>& items) {
    std::map<uint64_t, uint64_t> last;
    for (const uint64_t item : items) {
      uint64_t& before = last[item >> 32];
      if (item <= before) {
        run.violate("out of order: item " + std::to_string(item & UINT32_MAX) + " of producer " +
                    std::to_string(item >> 32) + " was taken after item " +
                    std::to_string(before & UINT32_MAX));
      }
      before = item;
    }
  }

  const uint64_t producers_;
  const uint64_t consumers_;
  const uint64_t items_;
  const uint64_t capacity_;
  std::vector<std::vector<uint64_t>> taken_;  // by each consumer, in its order
};

}  // namespace

WorkloadType lock_queue_workload() {
  WorkloadType type;
  type.name = "lock-queue";
  type.description = "producers and consumers on a bounded queue of a mutex and two condvars";
  type.parameters = {
      {"producers", "tasks that put in", int64_t{2}, 1, 64, {}, true},
      {"consumers", "tasks that take out", int64_t{2}, 1, 64, {}, true},
      {"items", "that each producer puts in", int64_t{20}, 1, 1'000'000, {}, true},
      {"capacity", "of the queue", int64_t{3}, 1, 1'000'000},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<LockQueueWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
