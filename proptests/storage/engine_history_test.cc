// The engine against the table model: whatever is done to it, in whatever order, with restarts in
// between, it answers as the model does, and its structure is sound.
//
// The share that belongs to every run of the tests is small and fresh: RapidCheck prints its seed
// at the start, and at its end the RC_PARAMS that repeat a failure. The whole of it, 10,000
// histories of some 330 operations each:
//
//   RC_PARAMS=max_success=10000 build/release/bin/test-storage-posix
//   --gtest_filter='EngineHistory.*'
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proptests/storage/engine_history.h"

namespace aftersync::storage {
namespace {

constexpr size_t kSteps = 100;  // a quarter of the statements are bursts of some 16

RC_GTEST_PROP(EngineHistory, EqualsTheModel, ()) {
  const History history = *histories(kSteps);
  const std::string wrong = run_history(history);
  if (!wrong.empty()) RC_FAIL(wrong);
}

}  // namespace
}  // namespace aftersync::storage
