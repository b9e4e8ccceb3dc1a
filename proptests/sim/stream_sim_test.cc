// One simulated connection as its two processes see it, and how addresses lead to one.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "faults/sim/network.h"
#include "faults/sim/world.h"
#include "proptests/sim/net_pair.h"

namespace aftersync::sim {
namespace {

// --- one connection ---

TEST(SimStream, BytesArriveInOrderAndAllOfThem) {
  std::set<size_t> pieces;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Pair pair(seed);
    std::string received;
    pair.world.network().faults().stall = 0.05;
    pair.world.network().faults().short_receive = 0.5;
    pair.run(
        [&](Node& node, Stream& stream) {
          for (size_t sent = 0; sent < 50'000;) {
            const size_t n = 1 + pair.world.workload_prng().below(4000);
            EXPECT_TRUE(stream.send(pattern(n, sent), in(node, 100s)).ok());
            sent += n;
          }
          stream.shut_down();
        },
        [&](Node& node, Stream& stream) {
          std::string buffer(3000, '\0');
          while (true) {
            auto n = stream.receive(buffer, in(node, 100s));
            ASSERT_TRUE(n.ok()) << n.status().to_string();
            if (*n == 0) break;
            pieces.insert(*n);
            received.append(buffer, 0, *n);
          }
        });
    EXPECT_GE(received.size(), 50'000u);
    EXPECT_EQ(received, pattern(received.size()));
  }
  EXPECT_GT(pieces.size(), 100u);
}

TEST(SimStream, BothWaysAtOnceAndAddresses) {
  Pair pair(1);
  pair.run(
      [](Node& node, Stream& stream) {
        EXPECT_EQ(stream.local_address(), "a:49152");
        EXPECT_EQ(stream.peer_address(), "b:1");
        std::string answer(3, '\0');
        EXPECT_TRUE(stream.send("ping!", in(node, 1s)).ok());
        EXPECT_TRUE(stream.receive_exactly(answer, in(node, 1s)).ok());
        EXPECT_EQ(answer, "pon");
      },
      [](Node& node, Stream& stream) {
        EXPECT_EQ(stream.local_address(), "b:1");
        EXPECT_EQ(stream.peer_address(), "a:49152");
        std::string question(5, '\0');
        EXPECT_TRUE(stream.send("pon", in(node, 1s)).ok());
        EXPECT_TRUE(stream.receive_exactly(question, in(node, 1s)).ok());
        EXPECT_EQ(question, "ping!");
        EXPECT_EQ(stream.receive_exactly(question, in(node, 1s)).code(), Code::connection_lost);
      });
}

TEST(SimStream, SendWaitsOnceTheWindowIsFull) {
  Pair pair(2);
  pair.run(
      [](Node& node, Stream& stream) {
        EXPECT_TRUE(stream.send(pattern(kWindowBytes), in(node, 1s)).ok());
        const MonoTime before = node.clock().now();
        EXPECT_TRUE(stream.send("x", in(node, 10s)).ok());
        EXPECT_GE(node.clock().now() - before, 1s);
        EXPECT_EQ(stream.send(pattern(2 * kWindowBytes), in(node, 1s)).code(), Code::timed_out);
      },
      [](Node& node, Stream& stream) {
        (void)node.tasks().sleep_for(2s);
        std::string buffer(1000, '\0');
        EXPECT_TRUE(stream.receive_exactly(buffer, in(node, 1s)).ok());
        (void)node.tasks().sleep_for(5s);
      });
}

TEST(SimStream, ClosingIsAnEndAndWhatComesThenIsReset) {
  Pair pair(3);
  pair.run(
      [](Node& node, Stream& stream) {
        std::string all;
        EXPECT_TRUE(drain(node, stream, all).ok());
        EXPECT_EQ(all, "bye");
        EXPECT_EQ(*stream.receive(all, in(node, 1s)), 0u);
        // The peer's kernel answers what comes now with a reset.
        EXPECT_TRUE(stream.send("too late", in(node, 1s)).ok());
        (void)node.tasks().sleep_for(10ms);
        EXPECT_EQ(stream.send("again", in(node, 1s)).code(), Code::connection_lost);
      },
      [](Node& node, Stream& stream) { EXPECT_TRUE(stream.send("bye", in(node, 1s)).ok()); });
}

TEST(SimStream, ClosingWithBytesUnreadIsAReset) {
  Pair pair(4);
  pair.run(
      [](Node& node, Stream& stream) {
        std::string all;
        EXPECT_TRUE(stream.send("ignored", in(node, 1s)).ok());
        EXPECT_EQ(drain(node, stream, all).code(), Code::connection_lost);
      },
      [](Node& node, Stream&) { (void)node.tasks().sleep_for(50ms); });
}

TEST(SimStream, WaitsEndAtTheirDeadline) {
  Pair pair(5);
  pair.run(
      [](Node& node, Stream& stream) {
        std::string buffer(10, '\0');
        const MonoTime before = node.clock().now();
        EXPECT_EQ(stream.receive(buffer, before + 50ms).code(), Code::timed_out);
        EXPECT_GE(node.clock().now(), before + 50ms);
        EXPECT_LT(node.clock().now(), before + 51ms);
        auto listener = node.net().listen("a:0");
        ASSERT_TRUE(listener.ok());
        EXPECT_EQ(listener->accept(in(node, 50ms)).code(), Code::timed_out);
      },
      [](Node& node, Stream&) { (void)node.tasks().sleep_for(1s); });
}

TEST(SimStream, AnAnswerThatLiesReadyNeedsNoDeadline) {
  Pair pair(22);
  pair.run(
      [](Node& node, Stream& stream) {
        EXPECT_TRUE(stream.send("x", MonoTime()).ok());
        (void)node.tasks().sleep_for(1s);
      },
      [](Node& node, Stream& stream) {
        std::string buffer(1, '\0');
        EXPECT_EQ(stream.receive(buffer, MonoTime()).code(), Code::timed_out);
        (void)node.tasks().sleep_for(100ms);
        EXPECT_TRUE(stream.receive(buffer, MonoTime()).ok());
        auto listener = node.net().listen("unix:s");
        ASSERT_TRUE(listener.ok());
        EXPECT_TRUE(node.net().connect("unix:s", MonoTime()).ok());
      });
}

TEST(SimStream, ShutDownByAnotherTaskEndsTheWaits) {
  Pair pair(6);
  pair.run(
      [](Node& node, Stream& stream) {
        Task receiver = node.tasks().spawn("receive", [&] {
          std::string buffer(10, '\0');
          EXPECT_EQ(stream.receive(buffer, kNever).code(), Code::shutdown);
        });
        Task sender = node.tasks().spawn("send", [&] {
          EXPECT_EQ(stream.send(pattern(2 * kWindowBytes), kNever).code(), Code::shutdown);
        });
        (void)node.tasks().sleep_for(10ms);
        stream.shut_down();
        stream.shut_down();
        receiver.join();
        sender.join();
      },
      [](Node& node, Stream& stream) {
        (void)node.tasks().sleep_for(100ms);
        std::string all;
        EXPECT_TRUE(drain(node, stream, all).ok());
        EXPECT_EQ(all, pattern(kWindowBytes));
        // What goes to an end that was shut down is taken and thrown away, as by a kernel.
        EXPECT_TRUE(stream.send("x", in(node, 1s)).ok());
      });
}

TEST(SimStream, ShutdownOfTheNodeInterruptsEveryWait) {
  Pair pair(7);
  pair.run(
      [](Node& node, Stream& stream) {
        Task receiver = node.tasks().spawn("receive", [&] {
          std::string buffer(10, '\0');
          EXPECT_EQ(stream.receive(buffer, kNever).code(), Code::shutdown);
        });
        Task sender = node.tasks().spawn("send", [&] {
          EXPECT_EQ(stream.send(pattern(2 * kWindowBytes), kNever).code(), Code::shutdown);
        });
        auto listener = node.net().listen("a:0");
        ASSERT_TRUE(listener.ok());
        Task accepter = node.tasks().spawn(
            "accept", [&] { EXPECT_EQ(listener->accept(kNever).code(), Code::shutdown); });
        (void)node.tasks().sleep_for(10ms);
        node.tasks().request_shutdown();
        for (Task* task : {&receiver, &sender, &accepter}) task->join();
        EXPECT_EQ(node.net().connect("b:1", kNever).code(), Code::shutdown);
      },
      [](Node& node, Stream& stream) {
        (void)node.tasks().sleep_for(1s);
        node.tasks().request_shutdown();
        std::string lies_ready(1, '\0');
        EXPECT_EQ(stream.receive(lies_ready, kNever).code(), Code::shutdown);
      });
}

// --- what the network does of itself ---

TEST(SimStream, AScenariosResetReachesBothEndsAtOnce) {
  Pair pair(15);
  pair.run(
      [&](Node& node, Stream& stream) {
        std::string buffer(1, '\0');
        pair.world.at(pair.world.now() + 1s,
                      [&] { pair.world.network().reset_between(pair.a, pair.b); });
        EXPECT_EQ(stream.receive(buffer, kNever).code(), Code::connection_lost);
        EXPECT_EQ(stream.send("x", in(node, 1s)).code(), Code::connection_lost);
      },
      [](Node&, Stream& stream) {
        std::string buffer(1, '\0');
        EXPECT_EQ(stream.receive(buffer, kNever).code(), Code::connection_lost);
      });
}

TEST(SimStream, ADrawnResetReachesBothEndsWithOrWithoutTheBytes) {
  size_t arrived = 0;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Pair drawn(seed);
    drawn.world.network().link_faults(drawn.a, drawn.b).reset = 1;
    drawn.run(
        [](Node& node, Stream& stream) {
          EXPECT_EQ(stream.send("abc", in(node, 1s)).code(), Code::connection_lost);
        },
        [&](Node& node, Stream& stream) {
          std::string all;
          EXPECT_EQ(drain(node, stream, all).code(), Code::connection_lost);
          EXPECT_TRUE(all.empty() || all == "abc" || all == "a" || all == "ab");
          if (!all.empty()) ++arrived;
        });
  }
  EXPECT_GT(arrived, 3u);
  EXPECT_LT(arrived, 27u);
}

TEST(SimStream, BandwidthAndLatencyTakeTime) {
  Pair pair(16);
  NetworkFaults& slow = pair.world.network().link_faults(pair.a, pair.b);
  slow.latency_min = slow.latency_max = 100ms;
  slow.bytes_per_second = 10'000;
  MonoTime sent{};
  pair.run(
      [&](Node& node, Stream& stream) {
        sent = pair.world.now();
        EXPECT_TRUE(stream.send(pattern(20'000), in(node, 1s)).ok());
        (void)node.tasks().sleep_for(5s);
      },
      [&](Node& node, Stream& stream) {
        std::string buffer(20'000, '\0');
        EXPECT_TRUE(stream.receive_exactly(buffer, in(node, 10s)).ok());
        EXPECT_GE(pair.world.now() - sent, 2100ms);
        EXPECT_LT(pair.world.now() - sent, 2300ms);
      });
}

// --- addresses ---

TEST(SimStream, AddressesAreResolvedRefusedAndTaken) {
  World world(seeded(8));
  world.add_machine("b");
  world.start_harness(world.add_machine("a"), [](Node& node) {
    const MonoTime never = kNever;
    for (const char* malformed :
         {"", "a", ":1", "a:", "a:x", "a:65536", "a:-1", "::1:1", "unix:"}) {
      EXPECT_EQ(node.net().connect(malformed, never).code(), Code::invalid_argument) << malformed;
      EXPECT_EQ(node.net().listen(malformed).code(), Code::invalid_argument) << malformed;
    }
    EXPECT_EQ(node.net().connect("nobody:1", never).code(), Code::unavailable);
    const auto refused = node.net().connect("b:1", never);
    EXPECT_EQ(refused.status().to_string(), "unavailable: connect a to b:1: refused");
    EXPECT_EQ(node.net().listen("b:1").code(), Code::unavailable);

    auto first = node.net().listen("a:0");
    auto second = node.net().listen("0.0.0.0:0");
    auto named = node.net().listen("unix:run/socket");
    ASSERT_TRUE(first.ok() && second.ok() && named.ok());
    EXPECT_EQ(first->address(), "a:49152");
    EXPECT_EQ(second->address(), "a:49153");
    EXPECT_EQ(named->address(), "unix:run/socket");
    EXPECT_EQ(node.net().listen("a:49152").code(), Code::unavailable);
    EXPECT_EQ(node.net().listen("unix:run/socket").code(), Code::unavailable);
    EXPECT_TRUE(node.net().connect("localhost:49152", never).ok());
    EXPECT_TRUE(node.net().connect("unix:run/socket", never).ok());
    first->shut_down();
    EXPECT_EQ(first->accept(never).code(), Code::shutdown);
    EXPECT_EQ(node.net().connect("a:49152", never).code(), Code::unavailable);
    EXPECT_TRUE(node.net().listen("a:49152").ok());
  });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
}

TEST(SimStream, UnixSocketsStayWithinTheirMachine) {
  World world(seeded(9));
  world.start_harness(world.add_machine("b"), [](Node& node) {
    auto listener = node.net().listen("unix:socket");
    ASSERT_TRUE(listener.ok());
    (void)node.tasks().sleep_for(1s);
  });
  world.start_harness(world.add_machine("a"), [](Node& node) {
    (void)node.tasks().sleep_for(10ms);
    EXPECT_EQ(node.net().connect("unix:socket", in(node, 1s)).code(), Code::unavailable);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
}

TEST(SimStream, WhoWasNeverAcceptedIsReset) {
  World world(seeded(10));
  world.start_harness(world.add_machine("b"), [](Node& node) {
    auto listener = node.net().listen("b:1");
    ASSERT_TRUE(listener.ok());
    (void)node.tasks().sleep_for(1s);
    listener->shut_down();
    (void)node.tasks().sleep_for(10s);
  });
  world.start_harness(world.add_machine("a"), [](Node& node) {
    (void)node.tasks().sleep_for(10ms);
    std::vector<Stream> streams;
    for (size_t i = 0; i < kBacklog; ++i) {
      auto stream = node.net().connect("b:1", in(node, 1s));
      ASSERT_TRUE(stream.ok());
      streams.push_back(std::move(stream).value());
    }
    std::string buffer(1, '\0');
    for (Stream& stream : streams) {
      EXPECT_EQ(stream.receive(buffer, in(node, 3s)).code(), Code::connection_lost);
    }
  });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
}

}  // namespace
}  // namespace aftersync::sim
