// The demonstration servers on the operating system: the code that the simulator runs, on real
// files, sockets and threads.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "core/platform/posix/posix_node.h"
#include "faults/demo/bounded_queue.h"
#include "faults/demo/req_ack.h"
#include "faults/demo/wal_kv.h"
#include "proptests/platform/temporary_directory_posix.h"

namespace aftersync::demo {
namespace {

constexpr Duration kPatience = 100s;

// A server process of its own, shut down in good order at the end.
class RealServer {
 public:
  RealServer(const TemporaryDirectory& directory, const std::string& name,
             std::function<void(Node&)> main) {
    auto opened = posix::RealNode::open({.data_directory = directory.path() + "/" + name,
                                         .create_data_directory = true,
                                         .error_log_path = directory.path() + "/error.log"});
    CHECK_OK(opened);
    real_ = std::move(opened).value();
    main_ = node().tasks().spawn("server", [this, main = std::move(main)] { main(node()); });
  }
  ~RealServer() {
    node().tasks().request_shutdown();
    main_.join();
  }
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;

  [[nodiscard]] Node& node() { return real_->node(); }

 private:
  std::unique_ptr<posix::RealNode> real_;
  Task main_;
};

std::string socket_in(const TemporaryDirectory& directory, const std::string& name) {
  return "unix:" + directory.path() + "/" + name + ".sock";
}

// Until the server listens.
template <typename Ask>
void insist(Node& node, const Ask& ask) {
  while (!ask()) (void)node.tasks().sleep_for(1ms);
}

TEST(DemoOnPosix, KeyValuesAreThereAfterARestart) {
  const TemporaryDirectory directory;
  const std::string address = socket_in(directory, "kv");
  constexpr uint64_t kRounds = 3;
  constexpr uint64_t kPuts = 40;
  for (uint64_t round = 0; round < kRounds; ++round) {
    RealServer server(directory, "data", [&](Node& node) {
      run_wal_kv_server(node, {address, {.rotate_bytes = 512}});
    });
    WalKvClient client(server.node(), address, kPatience);
    insist(server.node(), [&] { return client.get("k").ok(); });
    EXPECT_EQ(client.get("k")->version, round * kPuts);
    for (uint64_t i = 1; i <= kPuts; ++i) {
      const uint64_t version = round * kPuts + i;
      ASSERT_TRUE(client.put("k", version, std::string(50, 'x')).ok());
    }
    ASSERT_TRUE(client.put("k", 1, "stale").ok());
    EXPECT_EQ(client.get("k")->value, std::string(50, 'x'));
  }
}

TEST(DemoOnPosix, IncrementsAreOnBothNodesOnce) {
  const TemporaryDirectory directory;
  const std::string primary_address = socket_in(directory, "primary");
  const std::string backup_address = socket_in(directory, "backup");
  for (uint64_t round = 1; round <= 2; ++round) {
    RealServer backup(directory, "b", [&](Node& node) {
      run_counter_backup(node, {backup_address, "", {}});
    });
    RealServer primary(directory, "p", [&](Node& node) {
      run_counter_primary(node, {primary_address, backup_address, {}});
    });
    CounterClient client(primary.node(), primary_address, kPatience);
    for (uint64_t i = 1; i <= 10 * round; ++i) {
      insist(primary.node(), [&] { return client.increment({7, i}).ok(); });
    }
    EXPECT_EQ(client.read().value(), 10 * round);
    CounterClient at_backup(primary.node(), backup_address, kPatience);
    EXPECT_EQ(client.list().value(), at_backup.list().value());
  }
}

TEST(DemoOnPosix, TheQueueHandsOverEverythingOnce) {
  const TemporaryDirectory directory;
  RealServer process(directory, "data", [](Node&) {});
  Node& node = process.node();
  constexpr uint64_t kItems = 20'000;
  BoundedQueue queue(3);
  std::atomic<uint64_t> sum{0};
  std::vector<Task> consumers;
  std::vector<Task> producers;
  for (int i = 0; i < 3; ++i) {
    consumers.push_back(node.tasks().spawn("consumer", [&] {
      while (const auto item = queue.pop()) sum += *item;
    }));
    producers.push_back(node.tasks().spawn("producer", [&] {
      for (uint64_t item = 1; item <= kItems; ++item) EXPECT_TRUE(queue.push(item));
    }));
  }
  for (Task& task : producers) task.join();
  queue.close();
  for (Task& task : consumers) task.join();
  EXPECT_EQ(sum.load(), 3 * kItems * (kItems + 1) / 2);
}

}  // namespace
}  // namespace aftersync::demo
