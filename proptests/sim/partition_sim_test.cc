// Cuts, outages, and machines that end: what is left of their connections.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "faults/sim/network.h"
#include "faults/sim/world.h"
#include "proptests/sim/net_pair.h"

namespace aftersync::sim {
namespace {

// --- partitions ---

TEST(SimPartition, WhatACutHoldsBackArrivesAfterHealing) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Pair pair(seed);
    Network& network = pair.world.network();
    MonoTime healed{};
    pair.run(
        [&](Node& node, Stream& stream) {
          network.cut(pair.a, pair.b);
          EXPECT_TRUE(stream.send("held back", in(node, 1s)).ok());
          (void)node.tasks().sleep_for(8s);
          network.heal(pair.a, pair.b);
          healed = pair.world.now();
          std::string answer(2, '\0');
          EXPECT_TRUE(stream.receive_exactly(answer, in(node, 20s)).ok());
        },
        [&](Node& node, Stream& stream) {
          std::string text(9, '\0');
          EXPECT_TRUE(stream.receive_exactly(text, in(node, 20s)).ok());
          EXPECT_EQ(text, "held back");
          EXPECT_GT(pair.world.now(), healed);
          EXPECT_LT(pair.world.now(), healed + kRetryMax + 10ms);
          EXPECT_TRUE(stream.send("ok", in(node, 1s)).ok());
        });
  }
}

TEST(SimPartition, AOneWayCutLetsBytesThroughTheOtherWayUntilTheWindowIsFull) {
  Pair pair(11);
  pair.run(
      [&](Node& node, Stream& stream) {
        pair.world.network().cut(pair.a, pair.b);
        std::string bytes(kWindowBytes, '\0');
        EXPECT_TRUE(stream.receive_exactly(bytes, in(node, 5s)).ok());
        EXPECT_EQ(bytes, pattern(kWindowBytes));
        EXPECT_EQ(stream.receive(bytes, in(node, 5s)).code(), Code::timed_out);
        pair.world.network().heal_all();
        EXPECT_TRUE(stream.receive_exactly(std::span(bytes).first(1000), in(node, 10s)).ok());
        EXPECT_EQ(bytes.substr(0, 1000), pattern(1000, kWindowBytes));
      },
      [&](Node& node, Stream& stream) {
        (void)node.tasks().sleep_for(10ms);
        EXPECT_TRUE(stream.send(pattern(kWindowBytes + 1000), in(node, 20s)).ok());
        EXPECT_GT(pair.world.now(), MonoTime(5s));  // not before the acknowledgements came
        (void)node.tasks().sleep_for(5s);
      });
}

TEST(SimPartition, ALongOutageBreaksTheSenderAndTheReceiverNeverHears) {
  Pair pair(12);
  pair.run(
      [&](Node& node, Stream& stream) {
        pair.world.network().cut_between(pair.a, pair.b);
        EXPECT_TRUE(stream.send("lost", in(node, 1s)).ok());
        std::string buffer(1, '\0');
        const MonoTime before = node.clock().now();
        EXPECT_EQ(stream.receive(buffer, kNever).code(), Code::connection_lost);
        EXPECT_GE(node.clock().now() - before, kGiveUpMin);
        EXPECT_LE(node.clock().now() - before, kGiveUpMax + 1s);
        EXPECT_EQ(stream.send("x", kNever).code(), Code::connection_lost);
        pair.world.network().heal_all();
        (void)node.tasks().sleep_for(60s);
      },
      [&](Node& node, Stream& stream) {
        std::string buffer(1, '\0');
        EXPECT_EQ(stream.receive(buffer, in(node, 60s)).code(), Code::timed_out);
        // Only its own bytes make the other kernel answer.
        EXPECT_TRUE(stream.send("hello?", in(node, 1s)).ok());
        EXPECT_EQ(stream.receive(buffer, in(node, 1s)).code(), Code::connection_lost);
      });
}

TEST(SimPartition, AnIdleConnectionOutlivesAnyOutage) {
  Pair pair(13);
  pair.run(
      [&](Node& node, Stream& stream) {
        pair.world.network().cut_between(pair.a, pair.b);
        (void)node.tasks().sleep_for(300s);
        pair.world.network().heal_all();
        EXPECT_TRUE(stream.send("x", in(node, 1s)).ok());
        (void)node.tasks().sleep_for(1s);
      },
      [](Node& node, Stream& stream) {
        std::string buffer(1, '\0');
        EXPECT_TRUE(stream.receive_exactly(buffer, in(node, 400s)).ok());
      });
}

TEST(SimPartition, ConnectAcrossACutTimesOutOrComesThroughAfterHealing) {
  for (const bool there : {true, false}) {
    World world(seeded(14));
    Machine& b = world.add_machine("b");
    Machine& a = world.add_machine("a");
    world.start_harness(b, [](Node& node) {
      auto listener = node.net().listen("b:1");
      ASSERT_TRUE(listener.ok());
      EXPECT_TRUE(listener->accept(in(node, 100s)).ok());
    });
    world.start_harness(a, [&](Node& node) {
      there ? world.network().cut(a, b) : world.network().cut(b, a);
      EXPECT_EQ(node.net().connect("b:1", in(node, 2s)).code(), Code::timed_out);
      world.at(world.now() + 5s, [&] { world.network().heal_all(); });
      const MonoTime before = world.now();
      EXPECT_TRUE(node.net().connect("b:1", in(node, 20s)).ok());
      EXPECT_GE(world.now() - before, 5s);
    });
    const RunResult result = world.run();
    EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
  }
}

// Which of five machines still reach which, as rows of '1' and '.'.
std::string reach(const std::function<void(Network&, const std::vector<const Machine*>&)>& cut) {
  World world(seeded(0));
  std::vector<const Machine*> machines;
  for (const char* name : {"a", "b", "c", "d", "e"}) machines.push_back(&world.add_machine(name));
  cut(world.network(), machines);
  std::string rows;
  for (const Machine* from : machines) {
    for (const Machine* to : machines) rows += world.network().is_cut(*from, *to) ? '.' : '1';
    rows += ' ';
  }
  return rows;
}

TEST(SimPartition, PartitionsHaveTheirShapes) {
  using Machines = std::vector<const Machine*>;
  using Direction = Network::Direction;
  EXPECT_EQ(reach([](Network& n, const Machines& m) { n.isolate(*m[1]); }),
            "1.111 .1... 1.111 1.111 1.111 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) { n.isolate(*m[1], Direction::inbound); }),
            "1.111 11111 1.111 1.111 1.111 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) { n.isolate(*m[1], Direction::outbound); }),
            "11111 .1... 11111 11111 11111 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) {
              n.split({{m[0], m[1]}, {m[2], m[3], m[4]}});
            }),
            "11... 11... ..111 ..111 ..111 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) {
              n.bridge(*m[2], {m[0], m[1]}, {m[3], m[4]});
            }),
            "111.. 111.. 11111 ..111 ..111 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) { n.ring(m); }),
            "11..1 111.. .111. ..111 1..11 ");
  EXPECT_EQ(reach([](Network& n, const Machines& m) {
              n.ring(m);
              n.heal_all();
            }),
            "11111 11111 11111 11111 11111 ");
}

// --- machines that end ---

// What a client that waits for an answer sees when the server's machine meets `fate`.
Status fate_of_peer(uint64_t seed, const std::function<void(Machine&)>& fate, Duration patience) {
  World world(seeded(seed));
  Machine& server = world.add_machine("s");
  server.start([](Node& node) {
    auto listener = node.net().listen("s:1");
    CHECK_OK(listener);
    while (true) {
      auto stream = listener->accept(kNever);
      CHECK_OK(stream);
      char byte = 0;
      (void)stream->receive({&byte, 1}, kNever);
      (void)node.tasks().sleep_for(1h);
    }
  });
  Status seen;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    (void)node.tasks().sleep_for(1ms);
    auto stream = node.net().connect("s:1", in(node, 10s));
    CHECK_OK(stream);
    CHECK_OK(stream->send("question", in(node, 1s)));
    (void)node.tasks().sleep_for(10ms);
    fate(server);
    std::string buffer(1, '\0');
    auto n = stream->receive(buffer, in(node, patience));
    seen = n.ok() ? Status() : n.status();
  });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
  return seen;
}

TEST(SimPartition, AKilledPeerIsHeardOfAtOnce) {
  // It had not read all: a reset.
  EXPECT_EQ(fate_of_peer(
                17, [](Machine& m) { m.kill(); }, 10ms)
                .code(),
            Code::connection_lost);
}

TEST(SimPartition, APeerWithoutPowerIsSilentAndAnswersWithAResetOnceItIsBack) {
  const Status silent = fate_of_peer(
      18, [](Machine& m) { m.power_off(); }, 300s);
  EXPECT_EQ(silent.code(), Code::timed_out);
  // Even when its process had died before.
  const auto killed_first = [](Machine& m) {
    m.kill();
    m.power_off();
  };
  const Code code = fate_of_peer(19, killed_first, 300s).code();
  EXPECT_TRUE(code == Code::timed_out || code == Code::connection_lost);
}

TEST(SimPartition, AHalfOpenConnectionEndsWhenTheMachineIsBackOrAfterGivingUp) {
  for (const bool comes_back : {true, false}) {
    World world(seeded(20));
    Machine& server = world.add_machine("s");
    server.start([](Node& node) {
      auto listener = node.net().listen("s:1");
      CHECK_OK(listener);
      auto stream = listener->accept(kNever);
      (void)node.tasks().sleep_for(1h);
    });
    world.start_harness(world.add_machine("h"), [&](Node& node) {
      (void)node.tasks().sleep_for(1ms);
      auto stream = node.net().connect("s:1", in(node, 10s));
      CHECK_OK(stream);
      server.power_off();
      EXPECT_EQ(node.net().connect("s:1", in(node, 1s)).code(), Code::timed_out);
      const MonoTime before = world.now();
      EXPECT_TRUE(stream->send("anybody?", in(node, 1s)).ok());
      if (comes_back) world.at(world.now() + 3s, [&] { server.restart(); });
      std::string buffer(1, '\0');
      EXPECT_EQ(stream->receive(buffer, kNever).code(), Code::connection_lost);
      const Duration waited = world.now() - before;
      EXPECT_GE(waited, comes_back ? Duration(3s) : kGiveUpMin);
      EXPECT_LE(waited, comes_back ? 3s + kRetryMax : kGiveUpMax + 1s);
    });
    const RunResult result = world.run();
    EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
  }
}

TEST(SimPartition, WhatDidNotGetThroughBeforeAPowerLossIsNeverSentAgain) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World world(seeded(seed));
    Machine& server = world.add_machine("s");
    Machine& client = world.add_machine("h");
    server.start([](Node& node) {
      auto listener = node.net().listen("s:1");
      CHECK_OK(listener);
      auto stream = listener->accept(kNever);
      (void)node.tasks().sleep_for(1s);
      CHECK_OK(stream->send("held back by the cut", kNever));
      (void)node.tasks().sleep_for(1h);
    });
    world.start_harness(client, [&](Node& node) {
      (void)node.tasks().sleep_for(1ms);
      auto stream = node.net().connect("s:1", in(node, 10s));
      CHECK_OK(stream);
      (void)node.tasks().sleep_for(10ms);
      const bool on_the_wire = seed % 2 == 0;
      if (on_the_wire) {
        NetworkFaults& slow = world.network().link_faults(server, client);
        slow.latency_min = slow.latency_max = 500ms;
        (void)node.tasks().sleep_for(1100ms);
        server.power_off();
      }
      world.network().cut(server, client);
      (void)node.tasks().sleep_for(2s);
      if (!on_the_wire) server.power_off();
      world.network().heal_all();
      std::string buffer(1, '\0');
      EXPECT_EQ(stream->receive(buffer, in(node, 60s)).code(), Code::timed_out);
    });
    const RunResult result = world.run();
    EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
  }
}

TEST(SimPartition, AnAddressIsFreeAgainAfterItsProcessEnded) {
  World world(seeded(21));
  Machine& server = world.add_machine("s");
  server.start([](Node& node) {
    auto listener = node.net().listen("s:1");
    CHECK_OK(listener);
    (void)listener->accept(kNever);
  });
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    for (int i = 0; i < 3; ++i) {
      (void)node.tasks().sleep_for(1ms);
      i == 1 ? server.power_off() : server.kill();
      if (i != 1) {
        EXPECT_EQ(node.net().connect("s:1", in(node, 1s)).code(), Code::unavailable);
      }
      server.restart();
    }
    (void)node.tasks().sleep_for(1ms);
    EXPECT_TRUE(server.running());
    EXPECT_TRUE(node.net().connect("s:1", in(node, 1s)).ok());
  });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
}

}  // namespace
}  // namespace aftersync::sim
