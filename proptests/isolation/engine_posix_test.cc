// The engine beside the isolation model, on threads: the golden scripts, and random schedules,
// which shrink. On the simulator that is the scenario `lockstep`.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

#include "proptests/isolation/engine_scripts.h"
#include "proptests/isolation/generators.h"

namespace aftersync::faults {
namespace {

class EngineScript : public testing::TestWithParam<std::string> {};

TEST_P(EngineScript, IsDoneAsTheModelDoesIt) {
  on_engine([](EngineLockstep& lockstep) {
    EXPECT_EQ(judge_all(lockstep, read_script(GetParam())), "") << GetParam();
  });
}

std::string name_of(const testing::TestParamInfo<std::string>& param) {
  std::string name = std::filesystem::path(param.param).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return std::filesystem::path(param.param).parent_path().filename().string() + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(All, EngineScript, testing::ValuesIn(golden_scripts()), name_of);

RC_GTEST_PROP(EngineLockstep, AgreesWithTheModel, ()) {
  const model::txn::GeneratedScript generated = *model::txn::generated_script();
  const auto script = model::txn::parse_script(generated.text);
  RC_ASSERT(script.ok());
  on_engine([&](EngineLockstep& lockstep) {
    RC_ASSERT(lockstep.judge(*script, script->schedules.at(0), generated.settings) == "");
  });
}

}  // namespace
}  // namespace aftersync::faults
