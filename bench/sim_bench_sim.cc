// What simulated time costs: how many scheduling points a second a World passes, and how much
// faster than the wall an idle cluster lives.
//
// Both bound what a campaign can try in a night. Points are the price of busy code; heartbeats are
// the price of waiting, which virtual time makes small: nothing runs between two timers.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/platform/node.h"
#include "faults/sim/world.h"

namespace aftersync::sim {
namespace {

WorldOptions random_walk(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.max_virtual_time = std::chrono::hours(24);
  return options;
}

void add_rate(benchmark::State& state, const char* name, double amount) {
  state.counters[name] = benchmark::Counter(amount, benchmark::Counter::kIsRate);
}

void yield_together(Node& node, int tasks, int yields) {
  std::vector<Task> running;
  for (int i = 0; i < tasks; ++i) {
    running.push_back(node.tasks().spawn("yield", [&node, yields] {
      for (int turn = 0; turn < yields; ++turn) node.tasks().yield();
    }));
  }
  for (Task& task : running) task.join();
}

// Tasks of one process that do nothing but yield: the scheduler alone.
void points(benchmark::State& state) {
  constexpr int kYields = 200'000;
  const auto tasks = static_cast<int>(state.range(0));
  uint64_t steps = 0;
  uint64_t switches = 0;
  for (auto _ : state) {
    World world(random_walk(1));
    world.start_harness(world.add_machine("n1"),
                        [tasks](Node& node) { yield_together(node, tasks, kYields / tasks); });
    const RunResult result = world.run();
    CHECK_EQ(result.violation, "");
    steps += result.steps;
    switches += result.switches;
  }
  state.SetItemsProcessed(static_cast<int64_t>(steps));
  add_rate(state, "switches", static_cast<double>(switches));
}
BENCHMARK(points)->Name("sim/points")->ArgName("tasks")->Arg(1)->Arg(8)->Arg(64)->UseRealTime();

constexpr int kNodes = 5;
constexpr Duration kHeartbeat = 100ms;
constexpr Duration kLife = 10min;
constexpr std::string_view kBeat = "beat";

std::string address_of(int node) { return "n" + std::to_string(node) + ":1"; }

// Counts what comes on one connection until its other side goes.
void receive_beats(Node& node, Stream stream, uint64_t& received) {
  std::array<char, kBeat.size()> beat;
  while (stream.receive_exactly(beat, node.clock().now() + 100 * kHeartbeat).ok()) ++received;
}

void accept_peers(Node& node, const std::string& address, uint64_t& received) {
  Result<Listener> listener = node.net().listen(address);
  CHECK_OK(listener);
  std::vector<Task> receivers;
  for (int peer = 1; peer < kNodes; ++peer) {
    Result<Stream> accepted = listener->accept(kNever);
    CHECK_OK(accepted);
    auto stream = std::make_shared<Stream>(std::move(*accepted));
    receivers.push_back(node.tasks().spawn("receive", [&node, &received, stream] {
      receive_beats(node, std::move(*stream), received);
    }));
  }
  for (Task& receiver : receivers) receiver.join();
}

// One node: hears from every other, and beats to every other, until `end`.
void live(Node& node, int self, MonoTime end, uint64_t& received) {
  Task acceptor = node.tasks().spawn(
      "accept", [&node, self, &received] { accept_peers(node, address_of(self), received); });
  CHECK(node.tasks().sleep_for(kHeartbeat).ok());  // all listen by then
  std::vector<Stream> peers;
  for (int peer = 0; peer < kNodes; ++peer) {
    if (peer == self) continue;
    Result<Stream> stream = node.net().connect(address_of(peer), end);
    CHECK_OK(stream);
    peers.push_back(std::move(*stream));
  }
  while (node.clock().now() < end) {
    for (Stream& peer : peers) CHECK(peer.send(kBeat, end + kHeartbeat).ok());
    CHECK(node.tasks().sleep_for(kHeartbeat).ok());
  }
  for (Stream& peer : peers) peer.shut_down();
  acceptor.join();
}

// Five nodes, each sending every other a heartbeat each 100 ms, and nothing else to do.
void heartbeats(benchmark::State& state) {
  double lived = 0;
  uint64_t received = 0;
  for (auto _ : state) {
    World world(random_walk(1));
    for (int self = 0; self < kNodes; ++self) {
      Machine& machine = world.add_machine("n" + std::to_string(self));
      world.start_harness(machine, [self, &received](Node& node) {
        live(node, self, node.clock().now() + kLife, received);
      });
    }
    const RunResult result = world.run();
    CHECK_EQ(result.violation, "");
    lived += std::chrono::duration<double>(result.virtual_time).count();
  }
  const double beats = lived / std::chrono::duration<double>(kHeartbeat).count();
  const double sent = beats * kNodes * (kNodes - 1);
  CHECK(static_cast<double>(received) > 0.95 * sent);
  state.SetItemsProcessed(static_cast<int64_t>(received));
  add_rate(state, "virtual_over_wall", lived);
}
BENCHMARK(heartbeats)->Name("sim/heartbeats")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace aftersync::sim
