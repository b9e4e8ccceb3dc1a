// A connection on a bad network: stalls, short reads, resets, and a client that dies anywhere.
//
// What a client is told is true or it is told nothing: every result that is read to its end is the
// one asked for, whatever the network did, in the clear and under TLS. The server's task comes to
// an end each time, with its statements closed.
#include <gtest/gtest.h>

#include "faults/sim/network.h"
#include "proptests/sim/net_pair.h"
#include "proptests/wire/result_reader.h"
#include "proptests/wire/served.h"
#include "proptests/wire/test_keys.h"

namespace aftersync::wire {
namespace {

constexpr uint64_t kSeeds = 60;
constexpr int kCommands = 12;

struct Tally {
  uint64_t whole = 0;   // results read to their end
  uint64_t broken = 0;  // connections that ended before their client did
};

// One command drawn from `prng`; false once the connection is gone.
bool one_command(WireClient& client, Prng& prng, uint32_t statement, Tally& tally) {
  const uint64_t count = prng.below(200);
  ResultSeen seen;
  switch (prng.below(4)) {
    case 0: {
      seen = ask(client, "ROWS " + std::to_string(count));
      if (!seen.well_formed) return false;
      EXPECT_EQ(seen.rows.size(), count);
      break;
    }
    case 1: {
      const std::string sql = "LENGTH " + std::string(count * 500, 'x');
      seen = ask(client, sql);
      if (!seen.well_formed) return false;
      EXPECT_EQ(seen.rows.at(0).at(0), std::to_string(sql.size()));
      break;
    }
    case 2: {
      seen = ask(client, "BLOB " + std::to_string(count * 500));
      if (!seen.well_formed) return false;
      EXPECT_TRUE(seen.rows.at(0).at(0) == std::string(count * 500, 'x'));
      break;
    }
    default: {
      // One parameter of type LONGLONG.
      std::string run(4, '\0');
      for (size_t i = 0; i < 4; ++i) run[i] = static_cast<char>(statement >> 8 * i);
      run += std::string("\0\x01\0\0\0\0\x01\x08\0", 9) + static_cast<char>(count) +
             std::string(7, '\0');
      if (!client.command('\x17', run)) return false;
      seen = read_answer(client, true).front();
      if (!seen.well_formed) return false;
      EXPECT_EQ(seen.rows.at(0).at(0), std::to_string(count));
    }
  }
  EXPECT_FALSE(seen.error);
  ++tally.whole;
  return true;
}

void play_client(Node& node, Stream stream, sim::World& world, bool tls, Tally& tally) {
  const auto library = *OpenSslLibrary::open(node.rng());
  const auto context = *TlsContext::client(*library, kTestCertificate);
  WireClient client(node, std::move(stream));
  LoginWish wish{.password = "secret"};
  if (tls) wish.tls = context.get();
  const auto last = client.log_in(wish);
  if (!last || !last->starts_with('\0')) {
    EXPECT_FALSE(last) << "a right password was refused";
    ++tally.broken;
    return;
  }
  const PreparedSeen prepared = prepare(client, "PARAMS ?");
  for (int i = 0; i < kCommands; ++i) {
    if (one_command(client, world.workload_prng(), prepared.id, tally)) continue;
    ++tally.broken;
    return;
  }
  // Without saying goodbye, now and then.
  if (world.workload_prng().below(2) == 0) client.command('\x01', "");
  client.stream().shut_down();
}

void play_server(Node& node, Stream& stream) {
  const auto library = *OpenSslLibrary::open(node.rng());
  const auto context = *TlsContext::server(*library, kTestCertificate, kTestKey);
  const auto rsa = *RsaKey::from_pem(*library, kTestKey);
  ScriptedAccounts accounts;
  FastAuthentication fast;
  ScriptedHandler handler;
  handler.session_limits.idle_timeout = 1000s;
  ConnectionOptions options;
  options.connect_timeout = 300s;
  options.authentication.accounts = &accounts;
  options.authentication.fast = &fast;
  options.authentication.tls = context.get();
  options.authentication.rsa = rsa.get();
  {
    Connection connection(node, stream, options, 1, handler);
    (void)connection.run();
    stream.shut_down();
  }
  EXPECT_TRUE(handler.statements.empty());
}

Tally run(uint64_t seed, bool tls, double reset) {
  Tally tally;
  sim::Pair pair(seed);
  sim::NetworkFaults& faults = pair.world.network().faults();
  faults.stall = 0.02;
  faults.short_receive = 0.5;
  faults.reset = reset;
  pair.run([&](Node& node,
               Stream& stream) { play_client(node, std::move(stream), pair.world, tls, tally); },
           [&](Node& node, Stream& stream) { play_server(node, stream); });
  return tally;
}

class BadNetwork : public testing::TestWithParam<bool> {};

TEST_P(BadNetwork, StallsAndShortReadsChangeNothing) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Tally tally = run(seed, GetParam(), 0);
    EXPECT_EQ(tally.broken, 0u) << "seed " << seed;
    EXPECT_EQ(tally.whole, uint64_t{kCommands}) << "seed " << seed;
    if (HasFailure()) return;
  }
}

TEST_P(BadNetwork, ResetsEndConnectionsAndNothingElse) {
  uint64_t broken = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    broken += run(seed, GetParam(), 0.01).broken;
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << seed;
      return;
    }
  }
  EXPECT_GT(broken, kSeeds / 10) << "the network was too good to show anything";
}

INSTANTIATE_TEST_SUITE_P(Transport, BadNetwork, testing::Bool(),
                         [](const auto& of) { return of.param ? "Tls" : "Clear"; });

}  // namespace
}  // namespace aftersync::wire
