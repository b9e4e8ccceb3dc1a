// TLS draws what it draws from the seed: every byte on the simulated network repeats.
#include <gtest/gtest.h>

#include "core/wire/tls.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"
#include "proptests/wire/test_keys.h"

namespace aftersync::wire {
namespace {

// Notes all that is received below TLS.
class Tapped : public ByteChannel {
 public:
  Tapped(Stream& stream, std::string& heard) : plain_(stream), heard_(heard) {}
  Result<size_t> receive(std::span<char> into, MonoTime deadline) override {
    auto got = plain_.receive(into, deadline);
    if (got.ok()) {
      const sim::HostScope host;
      heard_.append(into.data(), *got);
    }
    return got;
  }
  Status send(std::string_view bytes, MonoTime deadline) override {
    return plain_.send(bytes, deadline);
  }
  bool is_private() const override { return false; }

 private:
  PlainChannel plain_;
  std::string& heard_;
};

// What a client hears of a server that shakes hands and says hello, both with chance from `seed`.
std::string heard_with(uint64_t seed) {
  std::string heard;
  sim::WorldOptions options;
  options.seed = seed;
  sim::World world(options);
  world.start_harness(world.add_machine("node"), [&](Node& node) {
    const auto library = *OpenSslLibrary::open(node.rng());
    const auto server = *TlsContext::server(*library, kTestCertificate, kTestKey);
    const auto client = *TlsContext::client(*library, "");
    auto listener = node.net().listen("127.0.0.1:0");
    Task task = node.tasks().spawn("server", [&] {
      auto stream = listener->accept(kNever);
      auto channel = server->shake_hands(std::make_unique<PlainChannel>(*stream), "", kNever);
      CHECK_OK(channel);
      CHECK_OK((*channel)->send("hello", kNever));
    });
    auto stream = node.net().connect(listener->address(), kNever);
    auto channel = client->shake_hands(std::make_unique<Tapped>(*stream, heard), "", kNever);
    CHECK_OK(channel);
    std::string hello(5, '\0');
    EXPECT_EQ((*channel)->receive(hello, kNever).value(), 5u);
    EXPECT_EQ(hello, "hello");
    task.join();
  });
  const sim::RunResult result = world.run();
  EXPECT_EQ(result.end, sim::RunEnd::completed) << result.violation;
  return heard;
}

TEST(TlsOnASeed, Repeats) {
  const std::string once = heard_with(7);
  EXPECT_GT(once.size(), 1000u);
  EXPECT_TRUE(once == heard_with(7));
  EXPECT_FALSE(once == heard_with(8));
}

}  // namespace
}  // namespace aftersync::wire
