// What the tests of the network share: two machines with a connection between them, and bytes whose
// place shows in their value.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/base/check.h"
#include "faults/sim/network.h"
#include "faults/sim/world.h"

namespace aftersync::sim {

inline WorldOptions seeded(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.schedule = ScheduleOptions::drawn_from(seed);
  return options;
}

inline MonoTime in(Node& node, Duration duration) { return node.clock().now() + duration; }

// `bytes` of which each place is known by its value.
inline std::string pattern(size_t size, size_t from = 0) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((from + i) * 31 % 251);
  return bytes;
}

// All that comes until the end, or the error that came instead.
inline Status drain(Node& node, Stream& stream, std::string& into) {
  std::string buffer(5000, '\0');
  while (true) {
    auto n = stream.receive(buffer, in(node, 100s));
    if (!n.ok()) return n.status();
    if (*n == 0) return {};
    into.append(buffer, 0, *n);
  }
}

// Machines "a" (connects) and "b" (accepts), whose bodies get their end of one connection.
class Pair {
 public:
  using Body = std::function<void(Node&, Stream&)>;

  explicit Pair(uint64_t seed)
      : world(seeded(seed)), a(world.add_machine("a")), b(world.add_machine("b")) {}

  void start(Body client, Body server) {
    world.start_harness(b, [server](Node& node) {
      auto listener = node.net().listen("b:1");
      CHECK_OK(listener);
      auto stream = listener->accept(in(node, 10s));
      CHECK_OK(stream);
      server(node, *stream);
    });
    world.start_harness(a, [client](Node& node) {
      (void)node.tasks().sleep_for(1ms);
      auto stream = node.net().connect("b:1", in(node, 10s));
      CHECK_OK(stream);
      (void)node.tasks().sleep_for(10ms);  // the handshake's last message arrives
      client(node, *stream);
    });
  }
  RunResult run(Body client, Body server) {
    start(std::move(client), std::move(server));
    const RunResult result = world.run();
    EXPECT_EQ(result.end, RunEnd::completed) << result.violation;
    return result;
  }

  World world;
  Machine& a;
  Machine& b;
};

}  // namespace aftersync::sim
