// Net: streams that deliver in order or break, and waits that end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "core/base/prng.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string any_port(size_t node_index = 0) { return host_of_node(node_index) + ":0"; }

Listener listen(Node& node, const std::string& address = any_port()) {
  auto listener = node.net().listen(address);
  CHECK_OK(listener);
  return *std::move(listener);
}

// Two ends of one connection within a node.
struct Pair {
  Stream client;
  Stream server;
};

Pair connected_pair(Node& node, const std::string& address = any_port()) {
  Listener listener = listen(node, address);
  auto client = node.net().connect(listener.address(), in_a_long_time(node));
  CHECK_OK(client);
  auto server = listener.accept(in_a_long_time(node));
  CHECK_OK(server);
  return {*std::move(client), *std::move(server)};
}

std::string receive_all(Node& node, Stream& stream) {
  std::string all;
  while (true) {
    char buffer[1000];
    const auto got = stream.receive(buffer, in_a_long_time(node));
    if (!got.ok()) return all + "<" + std::string(to_string(got.code())) + ">";
    if (*got == 0) return all;
    all.append(buffer, *got);
  }
}

std::string receive_text(Node& node, Stream& stream, size_t size) {
  std::string text(size, '\0');
  const Status status = stream.receive_exactly(text, in_a_long_time(node));
  return status.ok() ? text : status.to_string();
}

TEST(NetContract, NodesTalk) {
  Mutex mutex;
  std::string address;  // guarded by mutex
  run_on_nodes({
      [&](Node& node) {
        Listener listener = listen(node, any_port(0));
        {
          MutexLock lock(mutex);
          address = listener.address();
        }
        auto stream = listener.accept(in_a_long_time(node));
        ASSERT_TRUE(stream.ok()) << stream.status().to_string();
        EXPECT_EQ(receive_text(node, *stream, 4), "ping");
        EXPECT_TRUE(stream->send("pong", in_a_long_time(node)).ok());
        EXPECT_EQ(receive_all(node, *stream), "");
      },
      [&](Node& node) {
        std::string to;
        ASSERT_TRUE(eventually(node, [&] {
          MutexLock lock(mutex);
          to = address;
          return !to.empty();
        }));
        auto stream = node.net().connect(to, in_a_long_time(node));
        ASSERT_TRUE(stream.ok()) << stream.status().to_string();
        EXPECT_TRUE(stream->send("ping", in_a_long_time(node)).ok());
        EXPECT_EQ(receive_text(node, *stream, 4), "pong");
      },
  });
}

TEST(NetContract, AddressesSayWhoTalksToWhom) {
  run_on_node([](Node& node) {
    Listener listener = listen(node);
    EXPECT_THAT(listener.address(), Not(EndsWith(":0")));
    auto client = node.net().connect(listener.address(), in_a_long_time(node));
    ASSERT_TRUE(client.ok());
    auto server = listener.accept(in_a_long_time(node));
    ASSERT_TRUE(server.ok());
    EXPECT_EQ(client->peer_address(), listener.address());
    EXPECT_EQ(server->local_address(), listener.address());
    EXPECT_EQ(server->peer_address(), client->local_address());
    EXPECT_NE(client->local_address(), client->peer_address());
  });
}

TEST(NetContract, ListenersOfPortZeroGetDifferentPorts) {
  run_on_node([](Node& node) {
    Listener first = listen(node);
    Listener second = listen(node);
    EXPECT_NE(first.address(), second.address());
    EXPECT_EQ(node.net().listen(first.address()).code(), Code::unavailable);
  });
}

TEST(NetContract, AnAddressIsFreeAgainAfterItsListener) {
  run_on_node([](Node& node) {
    std::string address;
    {
      Listener listener = listen(node);
      address = listener.address();
      auto client = node.net().connect(address, in_a_long_time(node));
      ASSERT_TRUE(client.ok());
      auto server = listener.accept(in_a_long_time(node));
      ASSERT_TRUE(server.ok());
      server->shut_down();  // the side that ends first is the one that lingers
      EXPECT_EQ(receive_all(node, *client), "");
    }
    const auto again = node.net().listen(address);
    EXPECT_TRUE(again.ok()) << again.status().to_string();
  });
}

TEST(NetContract, MalformedAddressesAreRefused) {
  run_on_node([](Node& node) {
    for (const char* address : {"", "host", "host:", ":1", "host:x", "host:65536", "host:-1",
                                "host:1 ", "unix:", "::1:5", "[::1:5"}) {
      EXPECT_EQ(node.net().listen(address).code(), Code::invalid_argument) << address;
      EXPECT_EQ(node.net().connect(address, in_a_long_time(node)).code(), Code::invalid_argument)
          << address;
    }
  });
}

TEST(NetContract, NobodyListeningMeansUnavailable) {
  run_on_node([](Node& node) {
    std::string address;
    {
      Listener listener = listen(node);
      address = listener.address();
    }
    const auto refused = node.net().connect(address, in_a_long_time(node));
    EXPECT_EQ(refused.code(), Code::unavailable);
    EXPECT_THAT(refused.status().to_string(), HasSubstr("connect"));
    EXPECT_THAT(refused.status().to_string(), HasSubstr(address));
    EXPECT_EQ(node.net().connect("no-such-host.invalid:1", in_a_long_time(node)).code(),
              Code::unavailable);
    EXPECT_EQ(node.net().connect("unix:nobody", in_a_long_time(node)).code(), Code::unavailable);
  });
}

TEST(NetContract, BytesArriveInOrderWhateverTheirChunks) {
  run_on_node([](Node& node) {
    constexpr size_t kTotal = 600'000;
    Pair pair = connected_pair(node);
    std::string bytes(kTotal, '\0');
    Prng prng(3);
    for (char& c : bytes) c = static_cast<char>(prng.next());
    Task sender = node.tasks().spawn("sender", [&] {
      Prng sizes(4);
      for (std::string_view rest = bytes; !rest.empty();) {
        const size_t size = std::min<size_t>(rest.size(), sizes.between(0, 40'000));
        EXPECT_TRUE(pair.client.send(rest.substr(0, size), in_a_long_time(node)).ok());
        rest.remove_prefix(size);
      }
      pair.client.shut_down();
    });
    EXPECT_TRUE(receive_all(node, pair.server) == bytes);
    sender.join();
  });
}

TEST(NetContract, BothDirectionsFlowAtOnce) {
  run_on_node([](Node& node) {
    const std::string block(300'000, 'x');
    Pair pair = connected_pair(node);
    in_tasks(node, 4, [&](size_t self) {
      Stream& mine = self % 2 == 0 ? pair.client : pair.server;
      if (self < 2) {
        EXPECT_TRUE(mine.send(block, in_a_long_time(node)).ok());
      } else {
        EXPECT_TRUE(receive_text(node, mine, block.size()) == block);
      }
    });
  });
}

TEST(NetContract, ManyConnectionsAtOnce) {
  run_on_node([](Node& node) {
    constexpr size_t kClients = 12;
    Listener listener = listen(node);
    Task server = node.tasks().spawn("server", [&] {
      std::vector<Stream> streams;
      for (size_t i = 0; i < kClients; ++i) {
        auto stream = listener.accept(in_a_long_time(node));
        ASSERT_TRUE(stream.ok());
        streams.push_back(*std::move(stream));
      }
      for (Stream& stream : streams) {
        EXPECT_TRUE(stream.send(receive_text(node, stream, 2), in_a_long_time(node)).ok());
      }
    });
    in_tasks(node, kClients, [&](size_t self) {
      auto stream = node.net().connect(listener.address(), in_a_long_time(node));
      ASSERT_TRUE(stream.ok()) << stream.status().to_string();
      const std::string mine = {static_cast<char>('a' + self), '!'};
      EXPECT_TRUE(stream->send(mine, in_a_long_time(node)).ok());
      EXPECT_EQ(receive_text(node, *stream, 2), mine);
    });
    server.join();
  });
}

TEST(NetContract, ReceiveGivesWhatIsThere) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    EXPECT_TRUE(pair.client.send("abc", in_a_long_time(node)).ok());
    std::string buffer(100, '\0');
    auto got = pair.server.receive(buffer, in_a_long_time(node));
    ASSERT_TRUE(got.ok());
    EXPECT_GE(*got, 1u);
    EXPECT_LE(*got, 3u);
    EXPECT_EQ(buffer.substr(0, *got), std::string("abc").substr(0, *got));
    EXPECT_TRUE(pair.server.receive_exactly({}, MonoTime()).ok());
    EXPECT_TRUE(pair.server.send("", MonoTime()).ok());
  });
}

TEST(NetContract, TheEndOfThePeerIsTheEndOfTheStream) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    {
      Stream closing = std::move(pair.client);
      EXPECT_TRUE(closing.send("last words", in_a_long_time(node)).ok());
    }
    EXPECT_EQ(receive_all(node, pair.server), "last words");
    char byte;
    EXPECT_EQ(*pair.server.receive({&byte, 1}, in_a_long_time(node)), 0u);
  });
}

TEST(NetContract, AnEndInsideAMessageIsALostConnection) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    EXPECT_TRUE(pair.client.send("abc", in_a_long_time(node)).ok());
    pair.client.shut_down();
    std::string message(5, '\0');
    EXPECT_EQ(pair.server.receive_exactly(message, in_a_long_time(node)).code(),
              Code::connection_lost);
  });
}

TEST(NetContract, SendingToNobodyLosesTheConnection) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    { const Stream closing = std::move(pair.server); }
    Status status;
    EXPECT_TRUE(eventually(node, [&] {
      status = pair.client.send("anybody?", in_a_long_time(node));
      return !status.ok();
    }));
    EXPECT_EQ(status.code(), Code::connection_lost) << status.to_string();
    EXPECT_THAT(status.to_string(), HasSubstr(pair.client.peer_address()));
    EXPECT_THAT(status.to_string(), HasSubstr(pair.client.local_address()));
  });
}

TEST(NetContract, WaitsEndAtTheirDeadline) {
  run_on_node([](Node& node) {
    Listener listener = listen(node);
    const MonoTime deadline = node.clock().now() + kShort;
    EXPECT_EQ(listener.accept(deadline).code(), Code::timed_out);
    EXPECT_GE(node.clock().now(), deadline);

    Pair pair = connected_pair(node);
    char byte;
    const MonoTime later = node.clock().now() + kShort;
    EXPECT_EQ(pair.server.receive({&byte, 1}, later).code(), Code::timed_out);
    EXPECT_GE(node.clock().now(), later);
    EXPECT_EQ(pair.server.receive({&byte, 1}, MonoTime()).code(), Code::timed_out);
    EXPECT_EQ(listener.accept(MonoTime()).code(), Code::timed_out);
    // Nothing is lost by having waited in vain.
    EXPECT_TRUE(pair.client.send("x", in_a_long_time(node)).ok());
    EXPECT_EQ(receive_text(node, pair.server, 1), "x");
  });
}

TEST(NetContract, SendWaitsForAPeerThatDoesNotReadUntilItsDeadline) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    const std::string block(1'000'000, 'x');
    Status status;
    for (int i = 0; i < 1000 && status.ok(); ++i) {
      status = pair.client.send(block, node.clock().now() + kShort);
    }
    EXPECT_EQ(status.code(), Code::timed_out) << status.to_string();
  });
}

TEST(NetContract, WhatCanBeAnsweredAtOnceIgnoresThePassedDeadline) {
  run_on_node([](Node& node) {
    Listener listener = listen(node);
    auto client = node.net().connect(listener.address(), in_a_long_time(node));
    ASSERT_TRUE(client.ok());
    std::vector<Stream> accepted;
    EXPECT_TRUE(eventually(node, [&] {
      auto stream = listener.accept(MonoTime());
      if (stream.ok()) accepted.push_back(*std::move(stream));
      return !accepted.empty();
    }));
    ASSERT_EQ(accepted.size(), 1u);
    EXPECT_TRUE(client->send("x", MonoTime()).ok());
    char byte = '\0';
    EXPECT_TRUE(eventually(node, [&] { return accepted[0].receive({&byte, 1}, MonoTime()).ok(); }));
    EXPECT_EQ(byte, 'x');
  });
}

TEST(NetContract, ShutDownEndsAReceiveOfAnotherTask) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    Task receiver = node.tasks().spawn("receiver", [&] {
      char byte;
      EXPECT_EQ(pair.server.receive({&byte, 1}, kNever).code(), Code::shutdown);
    });
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    pair.server.shut_down();
    pair.server.shut_down();
    receiver.join();
    char byte;
    EXPECT_EQ(pair.server.receive({&byte, 1}, kNever).code(), Code::shutdown);
    EXPECT_EQ(pair.server.send("x", kNever).code(), Code::shutdown);
    EXPECT_EQ(receive_all(node, pair.client), "");
  });
}

TEST(NetContract, ShutDownEndsASendOfAnotherTask) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    Task sender = node.tasks().spawn("sender", [&] {
      const std::string block(1'000'000, 'x');
      Status status;
      while (status.ok()) status = pair.server.send(block, kNever);
      EXPECT_EQ(status.code(), Code::shutdown) << status.to_string();
    });
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    pair.server.shut_down();
    sender.join();
  });
}

TEST(NetContract, ShutDownComesBeforeDataThatLiesReady) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    EXPECT_TRUE(pair.client.send("abc", in_a_long_time(node)).ok());
    EXPECT_EQ(receive_text(node, pair.server, 1), "a");
    pair.server.shut_down();
    char byte;
    EXPECT_EQ(pair.server.receive({&byte, 1}, kNever).code(), Code::shutdown);
  });
}

TEST(NetContract, ThePeerReadsWhatWasSentBeforeShutDown) {
  run_on_node([](Node& node) {
    Pair pair = connected_pair(node);
    EXPECT_TRUE(pair.server.send("goodbye", in_a_long_time(node)).ok());
    pair.server.shut_down();
    EXPECT_EQ(receive_all(node, pair.client), "goodbye");
  });
}

TEST(NetContract, ShutDownEndsAnAcceptAndRefusesNewConnections) {
  run_on_node([](Node& node) {
    Listener listener = listen(node);
    Task acceptor = node.tasks().spawn(
        "acceptor", [&] { EXPECT_EQ(listener.accept(kNever).code(), Code::shutdown); });
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    listener.shut_down();
    listener.shut_down();
    acceptor.join();
    EXPECT_EQ(listener.accept(kNever).code(), Code::shutdown);
    EXPECT_EQ(node.net().connect(listener.address(), in_a_long_time(node)).code(),
              Code::unavailable);
  });
}

TEST(NetContract, NodeShutdownEndsEveryWait) {
  run_on_node([](Node& node) {
    Listener listener = listen(node);
    Pair receiving = connected_pair(node);
    Pair sending = connected_pair(node);
    std::vector<Task> tasks;
    tasks.push_back(node.tasks().spawn(
        "accept", [&] { EXPECT_EQ(listener.accept(kNever).code(), Code::shutdown); }));
    tasks.push_back(node.tasks().spawn("receive", [&] {
      std::string message(5, '\0');
      EXPECT_EQ(receiving.server.receive_exactly(message, kNever).code(), Code::shutdown);
    }));
    tasks.push_back(node.tasks().spawn("send", [&] {
      const std::string block(1'000'000, 'x');
      Status status;
      while (status.ok()) status = sending.server.send(block, kNever);
      EXPECT_EQ(status.code(), Code::shutdown) << status.to_string();
    }));
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    node.tasks().request_shutdown();
    for (Task& task : tasks) task.join();

    EXPECT_EQ(listener.accept(kNever).code(), Code::shutdown);
    EXPECT_EQ(receiving.client.send("x", kNever).code(), Code::shutdown);
    char byte;
    EXPECT_EQ(receiving.client.receive({&byte, 1}, kNever).code(), Code::shutdown);
    EXPECT_EQ(node.net().connect(listener.address(), kNever).code(), Code::shutdown);
  });
}

TEST(NetContract, UnixSocketsWorkWithinANode) {
  run_on_node([](Node& node) {
    for (int round = 0; round < 2; ++round) {  // the name is free again
      Listener listener = listen(node, "unix:server.sock");
      EXPECT_EQ(listener.address(), "unix:server.sock");
      EXPECT_EQ(node.net().listen("unix:server.sock").code(), Code::unavailable);
      auto client = node.net().connect("unix:server.sock", in_a_long_time(node));
      ASSERT_TRUE(client.ok()) << client.status().to_string();
      auto server = listener.accept(in_a_long_time(node));
      ASSERT_TRUE(server.ok());
      EXPECT_EQ(client->peer_address(), "unix:server.sock");
      EXPECT_EQ(server->local_address(), "unix:server.sock");
      EXPECT_TRUE(client->send("hello", in_a_long_time(node)).ok());
      client->shut_down();
      EXPECT_EQ(receive_all(node, *server), "hello");
    }
    EXPECT_EQ(node.net().connect("unix:server.sock", in_a_long_time(node)).code(),
              Code::unavailable);
  });
}

TEST(NetContract, UnixListenersShutDownToo) {
  run_on_node([](Node& node) {
    Listener listener = listen(node, "unix:server.sock");
    Task acceptor = node.tasks().spawn(
        "acceptor", [&] { EXPECT_EQ(listener.accept(kNever).code(), Code::shutdown); });
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    listener.shut_down();
    acceptor.join();
    EXPECT_EQ(node.net().connect("unix:server.sock", in_a_long_time(node)).code(),
              Code::unavailable);
  });
}

TEST(NetContract, StreamsAndListenersMove) {
  run_on_node([](Node& node) {
    Listener first = listen(node);
    Listener listener(std::move(first));
    auto client = node.net().connect(listener.address(), in_a_long_time(node));
    ASSERT_TRUE(client.ok());
    auto server = listener.accept(in_a_long_time(node));
    ASSERT_TRUE(server.ok());
    std::vector<Stream> streams;
    streams.push_back(*std::move(client));
    streams.push_back(*std::move(server));
    EXPECT_TRUE(streams[0].send("x", in_a_long_time(node)).ok());
    EXPECT_EQ(receive_text(node, streams[1], 1), "x");
    streams[0] = std::move(streams[1]);
    listener = listen(node);
  });
}

}  // namespace
}  // namespace aftersync
