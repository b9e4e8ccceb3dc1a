// Everything that can befall an echo server, at once, by seed. Whatever happens, the bytes that
// come back are a prefix of those that were sent, and the same seed gives the same run.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "faults/sim/network.h"
#include "faults/sim/world.h"
#include "proptests/sim/net_pair.h"

namespace aftersync::sim {
namespace {

// Answers every byte with itself.
void serve_echo(Node& node) {
  auto listener = node.net().listen("s:1");
  CHECK_OK(listener);
  std::vector<Task> tasks;
  while (true) {
    auto accepted = listener->accept(kNever);
    CHECK_OK(accepted);
    auto stream = std::make_shared<Stream>(std::move(accepted).value());
    tasks.push_back(node.tasks().spawn("echo", [&node, stream] {
      std::string buffer(700, '\0');
      while (true) {
        auto n = stream->receive(buffer, in(node, 30s));
        if (!n.ok() || *n == 0) return;
        if (!stream->send(std::string_view(buffer).substr(0, *n), in(node, 30s)).ok()) return;
      }
    }));
  }
}

// Sends and checks what comes back until the connection ends; returns how much has come back.
size_t talk(Node& node, Stream& stream, Prng& prng) {
  size_t sent = 0;
  size_t back = 0;
  std::string buffer(900, '\0');
  for (int turn = 0; turn < 20; ++turn) {
    const std::string piece = pattern(1 + prng.below(2000), sent);
    if (!stream.send(piece, in(node, 5s)).ok()) return back;
    sent += piece.size();
    while (back < sent) {
      auto n = stream.receive(buffer, in(node, 5s));
      if (!n.ok() || *n == 0) return back;
      CHECK_LE(back + *n, sent);
      CHECK(buffer.substr(0, *n) == pattern(*n, back));
      back += *n;
    }
  }
  return back;
}

void disturb(World& world, Machine& server, Machine& client) {
  Network& network = world.network();
  switch (world.workload_prng().below(8)) {
    case 0: return server.running() ? server.kill() : server.restart();
    case 1: return server.running() ? server.power_off() : server.restart();
    case 2: return server.paused() ? server.resume() : server.pause();
    case 3: return network.cut(server, client);
    case 4: return network.cut(client, server);
    case 5: return network.reset_between(server, client);
    default:
      network.heal_all();
      if (!server.running()) server.restart();
  }
}

RunResult chaos(uint64_t seed, size_t& echoed) {
  World world(seeded(seed));
  world.network().faults().reset = 0.01;
  world.network().faults().stall = 0.02;
  world.network().faults().short_receive = 0.5;
  Machine& server = world.add_machine("s");
  server.start(serve_echo);
  for (const char* name : {"x", "y"}) {
    Machine& client = world.add_machine(name);
    world.start_harness(client, [&](Node& node) {
      for (int attempt = 0; attempt < 6; ++attempt) {
        auto stream = node.net().connect("s:1", in(node, 2s));
        if (stream.ok()) echoed += talk(node, *stream, world.workload_prng());
        (void)node.tasks().sleep_for(100ms);
      }
    });
    for (int64_t i = 1; i < 30; ++i) {
      world.at(MonoTime(i * 300ms), [&] { disturb(world, server, client); });
    }
  }
  return world.run();
}

TEST(SimNet, WhateverHappensBytesAreAPrefixOfWhatWasSentAndRunsRepeat) {
  size_t echoed = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    size_t first = 0;
    size_t second = 0;
    const RunResult result = chaos(seed, first);
    ASSERT_EQ(result.end, RunEnd::completed) << "seed " << seed << ": " << result.violation;
    if (seed % 5 == 0) {
      EXPECT_EQ(chaos(seed, second).digest, result.digest) << "seed " << seed;
      EXPECT_EQ(first, second);
    }
    echoed += first;
  }
  EXPECT_GT(echoed, 100'000u);
}

TEST(SimNet, AServerMayBeKilledAtAnyStep) {
  for (uint64_t step = 1; step < 400; ++step) {
    World world(seeded(step));
    Machine& server = world.add_machine("s");
    server.start(serve_echo);
    world.at_step(step, [&] {
      step % 2 == 0 ? server.kill() : server.power_off();
      server.restart();
    });
    world.start_harness(world.add_machine("h"), [&](Node& node) {
      for (int attempt = 0; attempt < 3; ++attempt) {
        auto stream = node.net().connect("s:1", in(node, 1s));
        if (stream.ok()) talk(node, *stream, world.workload_prng());
      }
    });
    const RunResult result = world.run();
    ASSERT_EQ(result.end, RunEnd::completed) << step << ": " << result.violation;
  }
}

}  // namespace
}  // namespace aftersync::sim
