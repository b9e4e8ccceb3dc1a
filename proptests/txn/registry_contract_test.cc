// The registry under tasks that run at once: a view never sees a transaction that had not yet said
// that it was about to end when the view was opened, and always one that had ended before.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "core/txn/transaction.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {
namespace {

constexpr size_t kWriters = 3;
constexpr size_t kReaders = 2;
constexpr size_t kRounds = AFTERSYNC_ON_SIM ? 20 : 100;

enum class Stage : int { none, begun, ending, ended };

// What is known of the transaction with this id, counted from the first.
class Stages {
 public:
  explicit Stages(uint64_t first) : first_(first), stages_(kIds) {}
  void set(TrxId id, Stage stage) { stages_.at(id.value() - first_) = static_cast<int>(stage); }
  [[nodiscard]] std::vector<int> copy() const {
    std::vector<int> now;
    for (const auto& stage : stages_) now.push_back(stage.load());
    return now;
  }
  [[nodiscard]] uint64_t first() const { return first_; }

 private:
  static constexpr size_t kIds = kWriters * kRounds * 3 + 100;
  const uint64_t first_;
  std::vector<std::atomic<int>> stages_;
};

void write(Database& database, Stages& stages) {
  const auto trx = database.begin();
  CHECK_OK(trx->become_writer());
  stages.set(trx->id(), Stage::begun);
  stages.set(trx->id(), Stage::ending);
  CHECK_OK(trx->rollback());
  stages.set(trx->id(), Stage::ended);
}

void look(Database& database, const Stages& stages) {
  const auto trx = database.begin();
  const std::vector<int> before = stages.copy();
  const ReadView* const view = trx->view_for_read();
  const std::vector<int> after = stages.copy();
  for (size_t i = 0; i < before.size(); ++i) {
    const bool sees = view->sees(TrxId(stages.first() + i), {});
    const auto id = stages.first() + i;
    if (before[i] == static_cast<int>(Stage::ended)) {
      EXPECT_TRUE(sees) << "has ended before: " << id;
    }
    // Ids that nobody has yet are commit numbers, or drawn later.
    if (after[i] == static_cast<int>(Stage::begun)) {
      EXPECT_FALSE(sees) << "runs still: " << id;
    }
  }
  database.engine().pages().node().tasks().yield();
  const std::vector<int> later = stages.copy();
  for (size_t i = 0; i < before.size(); ++i) {
    const bool sees = view->sees(TrxId(stages.first() + i), {});
    const bool began_after =
        after[i] == static_cast<int>(Stage::none) && later[i] != static_cast<int>(Stage::none);
    // Its id was drawn before, if it is seen: then it was registered before, and active.
    if (began_after) {
      EXPECT_FALSE(sees) << "had not begun: " << stages.first() + i;
    }
  }
  CHECK_OK(trx->commit());
}

TEST(RegistryContract, AViewNeverSeesWhatStillRuns) {
  on_node([](Node& node) {
    Database database(node);
    Stages stages(database.engine().ids().id_limit());
    in_tasks(node, kWriters + kReaders, [&](size_t task) {
      for (size_t i = 0; i < kRounds; ++i) {
        task < kWriters ? write(database, stages) : look(database, stages);
      }
    });
    EXPECT_EQ(database.transactions().registry().active_count(), 0u);
    EXPECT_EQ(database.transactions().registry().view_count(), 0u);
  });
}

}  // namespace
}  // namespace aftersync::txn
