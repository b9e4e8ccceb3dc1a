// Histories of the toy database hold under the isolation that made them, and break under a stronger
// one sooner or later.
#include "model/history/generate.h"

#include <gtest/gtest.h>

#include "model/history/consistency_model.h"
#include "proptests/history/support.h"

namespace aftersync::model {
namespace {

std::string generated(const GenerateOptions& options) {
  std::string text;
  generate_history(options, [&text](std::string_view piece) { text += piece; });
  return text;
}

Checked check_generated(const GenerateOptions& options) {
  Checked checked;
  CHECK_OK(read_text(generated(options), checked.history));
  Result<CheckReport> report = check_history(checked.history);
  CHECK_OK(report);
  checked.report = *std::move(report);
  return checked;
}

struct Promise {
  const char* isolation;
  const char* holds;
  const char* breaks;  // or nullptr
};

class Toy : public testing::TestWithParam<std::tuple<Promise, bool>> {};

TEST_P(Toy, HoldsAsPromisedAndNoMore) {
  const auto& [promise, registers] = GetParam();
  bool broke = promise.breaks == nullptr;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    GenerateOptions options;
    options.seed = seed;
    options.transactions = 300;
    options.clients = 1 + static_cast<uint32_t>(seed % 12);
    options.keys = 1 + static_cast<uint32_t>(seed % 5);
    options.info_rate = 0.03;
    options.isolation = *toy_isolation_of(promise.isolation);
    options.registers = registers;
    const Checked checked = check_generated(options);
    ASSERT_TRUE(checked.holds(promise.holds)) << "seed " << seed << ": " << checked.found();
    if (promise.breaks != nullptr) broke |= !checked.holds(promise.breaks);
  }
  EXPECT_TRUE(broke);
}

INSTANTIATE_TEST_SUITE_P(
    All, Toy,
    testing::Combine(
        testing::Values(Promise{"strict-serializable", "strict-serializable", nullptr},
                        Promise{"serializable", "serializable", "strong-session-serializable"},
                        Promise{"snapshot-isolation", "strong-snapshot-isolation", "serializable"},
                        Promise{"read-committed", "monotonic-atomic-view", "snapshot-isolation"},
                        Promise{"read-uncommitted", "read-uncommitted", "read-committed"}),
        testing::Bool()));

TEST(Toy, SameSeedSameBytes) {
  GenerateOptions options;
  options.transactions = 500;
  const std::string first = generated(options);
  EXPECT_EQ(first, generated(options));
  options.seed = 2;
  EXPECT_NE(first, generated(options));
}

TEST(ConsistencyModels, StrongerModelsExcludeMore) {
  for (const ConsistencyModel model : all_models()) {
    for (const ConsistencyModel weaker : implied_by(model)) {
      EXPECT_LT(weaker, model);
      for (size_t i = 0; i < kAnomalies; ++i) {
        const auto anomaly = static_cast<Anomaly>(i);
        EXPECT_TRUE(!proscribes(weaker, anomaly) || proscribes(model, anomaly));
      }
    }
    EXPECT_EQ(model_of(name_of(model)), model);
  }
  for (size_t i = 0; i < kAnomalies; ++i) {
    EXPECT_FALSE(name_of(static_cast<Anomaly>(i)).empty());
    EXPECT_TRUE(proscribes(ConsistencyModel::strict_serializable, static_cast<Anomaly>(i)));
  }
}

}  // namespace
}  // namespace aftersync::model
