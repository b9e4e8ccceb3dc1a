// EngineSubject: the engine's transactions as what the isolation model judges
// (model/txn/lockstep.h).
//
// Each session is a task. A statement is handed to its task, and the caller waits until the world
// is still: every session has answered or waits for a lock. Nothing else runs then, so answers,
// waits, locks and victims are those of one step.
//
// Sessions that one step sets free go on one at a time, each until it has answered or waits again,
// as in the model: finer interleavings are right as well, but not for the model to judge. Which of
// them goes first is up to the platform: the operating system's threads, or the simulator's seed.
//
// Used by one task, which is none of the sessions'.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/platform/node.h"
#include "faults/pair/engine_session.h"
#include "model/txn/lockstep.h"

namespace aftersync::faults {

class EngineSubject final : public model::txn::Subject {
 public:
  // Tables are called `prefix` and a number in the engine.
  EngineSubject(Node& node, txn::TransactionManager& manager, model::txn::Defaults settings,
                std::string prefix);
  // Rolls back what has not ended, and lets the sessions go. Tables stay.
  ~EngineSubject() override;

  std::vector<model::txn::Answer> send(model::txn::SessionId session,
                                       const model::txn::Statement& statement) override;
  std::vector<model::txn::Answer> time_out(model::txn::SessionId session) override;
  [[nodiscard]] std::map<model::txn::SessionId, std::vector<model::txn::SessionId>> waits()
      const override;
  [[nodiscard]] std::optional<std::vector<model::txn::LockInfo>> locks() const override;

  [[nodiscard]] const EngineSession::Tables& tables() const { return tables_; }

 private:
  // Whoever runs has it; who waits for a lock lets go of it.
  class Turn final : public txn::LockWaitObserver {
   public:
    void begins() override { mutex_.unlock(); }
    void ends() override { mutex_.lock(); }

   private:
    Mutex mutex_;
  };

  // One session and its task.
  struct Worker {
    std::unique_ptr<EngineSession> session;
    Task task;
    Mutex mutex;
    CondVar wake;
    // Guarded by mutex.
    std::optional<model::txn::Statement> statement;
    bool is_over = false;
    std::optional<model::txn::Answer> answer;
  };

  Worker& worker(model::txn::SessionId session);
  void work(Worker& worker);
  void give(Worker& worker, const model::txn::Statement& statement);
  void wait_until_still();
  [[nodiscard]] std::vector<model::txn::Answer> take_answers();
  void create(const model::txn::CreateTable& create);
  [[nodiscard]] model::txn::LockInfo info_of(const txn::LockInfo& lock) const;

  Node& node_;
  txn::TransactionManager& manager_;
  const model::txn::Defaults settings_;
  const std::string prefix_;
  EngineSession::Tables tables_;
  mutable SessionNumbers numbers_;
  std::map<model::txn::SessionId, std::unique_ptr<Worker>> workers_;
  Turn turn_;
  std::atomic<uint64_t> busy_{0};  // sessions that have a statement and no answer
};

}  // namespace aftersync::faults
