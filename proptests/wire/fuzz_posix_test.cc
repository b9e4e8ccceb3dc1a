// A few seconds of the fuzz target: mutations of its seeds, from a seed of their own.
//
//   WIRE_FUZZ_SEED=N WIRE_FUZZ_RUNS=N build/asan/bin/test-wire-posix --gtest_filter='WireFuzz.*'
//
// Both are printed; the same two repeat a run to the byte. An input that crashes is found by
// running it again with one run more or less: its number is in the message.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "core/base/prng.h"
#include "proptests/wire/fuzz.h"

namespace aftersync::wire {
namespace {

constexpr uint64_t kDefaultSeed = 20261121;
constexpr uint64_t kDefaultRuns = 20'000;
constexpr uint64_t kMaxMutations = 6;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Bytes at which parsers decide: borders of lengths, and lengths that lie.
char telling_byte(Prng& prng) {
  constexpr unsigned char kTelling[] = {0,    1,    7,    8,    11,   12,   0x7f,
                                        0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
  return static_cast<char>(kTelling[prng.below(sizeof kTelling)]);
}

void mutate(std::string& input, Prng& prng, const std::vector<std::string>& seeds) {
  const size_t at = input.empty() ? 0 : prng.below(input.size());
  const size_t count = 1 + prng.below(8);
  switch (prng.below(7)) {
    case 0: input.resize(at); break;
    case 1: input.erase(at, count); break;
    case 2: input.insert(at, count, telling_byte(prng)); break;
    case 3: input.insert(at, input.substr(at, count * 4)); break;
    case 4: {
      const std::string& other = seeds[prng.below(seeds.size())];
      const size_t from = prng.below(other.size());
      input.replace(at, count, other.substr(from, count * 4));
      break;
    }
    case 5:
      if (!input.empty()) input[at] = static_cast<char>(input[at] ^ 1 << prng.below(8));
      break;
    default:
      if (!input.empty()) input[at] = telling_byte(prng);
  }
}

void try_input(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

TEST(WireFuzz, SeedsAreConversationsThatGoWell) {
  const std::vector<std::string> seeds = fuzz_seeds();
  const auto answer = [&](size_t i) { return fuzz_answer(std::string_view(seeds[i]).substr(1)); };
  EXPECT_NE(answer(0).find("row 2"), std::string::npos);
  EXPECT_NE(answer(0).find("Rows matched: 2"), std::string::npos);
  EXPECT_NE(answer(1).find("\x02hi"), std::string::npos);
  EXPECT_NE(answer(1).find("\x04long"), std::string::npos);
  EXPECT_NE(answer(2).find("k=v;"), std::string::npos);
  EXPECT_NE(answer(3).find("bin.000007@4"), std::string::npos);
  EXPECT_NE(answer(4).find("Access denied for user 'bob'"), std::string::npos);
}

TEST(WireFuzz, MutatedInputs) {
  const uint64_t seed = from_environment("WIRE_FUZZ_SEED", kDefaultSeed);
  const uint64_t runs = from_environment("WIRE_FUZZ_RUNS", kDefaultRuns);
  std::cout << "WIRE_FUZZ_SEED=" << seed << " WIRE_FUZZ_RUNS=" << runs << std::endl;
  const std::vector<std::string> seeds = fuzz_seeds();
  Prng prng(seed);
  for (uint64_t run = 0; run < runs; ++run) {
    std::string input = seeds[prng.below(seeds.size())];
    for (uint64_t i = 1 + prng.below(kMaxMutations); i > 0; --i) mutate(input, prng, seeds);
    SCOPED_TRACE(run);
    try_input(input);
  }
}

}  // namespace
}  // namespace aftersync::wire
