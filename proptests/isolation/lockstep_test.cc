// Lockstep notices what a subject does wrong, and takes every order in which it may do things
// right.
#include "model/txn/lockstep.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/prng.h"
#include "model/txn/script_run.h"
#include "proptests/isolation/generators.h"

namespace aftersync::model::txn {
namespace {

// The model, which lets sessions go on as chance has it.
class ModelSubject : public Subject {
 public:
  ModelSubject(Rules rules, Defaults settings, uint64_t seed)
      : model_(rules, settings), prng_(seed) {}

  std::vector<Answer> send(SessionId session, const Statement& statement) override {
    return go_on(model_.start(session, statement));
  }
  std::vector<Answer> time_out(SessionId session) override {
    model_.time_out(session);
    return go_on({});
  }
  std::map<SessionId, std::vector<SessionId>> waits() const override { return model_.waits(); }
  std::optional<std::vector<LockInfo>> locks() const override { return model_.locks(); }

 protected:
  Interpreter& model() { return model_; }

 private:
  std::vector<Answer> go_on(std::vector<Answer> answers) {
    while (!model_.runnable().empty()) {
      const SessionId next = model_.runnable()[prng_.below(model_.runnable().size())];
      for (Answer& answer : model_.resume(next)) answers.push_back(std::move(answer));
    }
    std::reverse(answers.begin(), answers.end());  // any order will do
    return answers;
  }

  Interpreter model_;
  Prng prng_;
};

// Empty, or what differs.
std::string judged(const std::string& text, Subject& subject) {
  const Result<Script> script = parse_script(text);
  if (!script.ok()) return std::string(script.status().message());
  const Schedule& schedule = script->schedules.at(0);
  const auto observed = observe(subject, *script, schedule);
  if (!observed.ok()) return std::string(observed.status().message());
  const Defaults settings = {schedule.isolations.at(0), schedule.snapshot_isolation.at(0)};
  return disagreement(*script, schedule, settings, *observed);
}

RC_GTEST_PROP(Lockstep, TheModelAgreesWithItselfInAnyOrder, ()) {
  const GeneratedScript script = *generated_script();
  ModelSubject subject(Rules(), script.settings, script.number);
  RC_ASSERT(judged(script.text, subject) == "");
}

// A schedule in which everything is to be seen: a wait, a deadlock, a duplicate, rows, a timeout.
constexpr const char* kScript =
    "tables\n"
    "  create table t (id int primary key, c int)\n"
    "  insert into t values (1, 0), (2, 0)\n"
    "at repeatable read\n"
    "shows: all kinds of answers\n"
    "  T1: begin\n"
    "  T2: begin\n"
    "  T1: update t set c = 1 where id = 1\n"
    "  T2: insert into t values (2, 9)\n"
    "  T2: select * from t where id = 2 for update\n"
    "  T3: update t set c = 3 where id = 1\n"
    "  T3 times out\n"
    "  T1: update t set c = 1 where id = 2\n"
    "  T2: update t set c = 2 where id = 1\n"
    "  T1: commit\n"
    "  T1: select * from t\n";

// Changes what the subject says of itself.
struct Lie {
  std::function<void(Answer&)> of_answer = [](Answer&) {};
  std::function<void(std::map<SessionId, std::vector<SessionId>>&)> of_waits = [](auto&) {};
  std::function<void(std::vector<LockInfo>&)> of_locks = [](auto&) {};
};

class LyingSubject : public ModelSubject {
 public:
  explicit LyingSubject(Lie lie) : ModelSubject(Rules(), Defaults(), 1), lie_(std::move(lie)) {}

  std::vector<Answer> send(SessionId session, const Statement& statement) override {
    std::vector<Answer> answers = ModelSubject::send(session, statement);
    if (session != 0) std::ranges::for_each(answers, lie_.of_answer);
    return answers;
  }
  std::map<SessionId, std::vector<SessionId>> waits() const override {
    auto waits = ModelSubject::waits();
    lie_.of_waits(waits);
    return waits;
  }
  std::optional<std::vector<LockInfo>> locks() const override {
    auto locks = ModelSubject::locks();
    lie_.of_locks(*locks);
    return locks;
  }

 private:
  const Lie lie_;
};

std::string judged_with(Lie lie) {
  LyingSubject subject(std::move(lie));
  return judged(kScript, subject);
}

Lie about_answers(std::function<void(Answer&)> lie) {
  Lie found;
  found.of_answer = std::move(lie);
  return found;
}

TEST(Lockstep, TakesWhatASubjectCannotTell) {
  EXPECT_EQ(judged_with({}), "");
  Lie silent;
  silent.of_answer = [](Answer& answer) {
    if (answer.status.code() == Code::deadlock) answer.others.clear();
  };
  silent.of_waits = [](auto& waits) {
    for (auto& [session, others] : waits) others.clear();
  };
  EXPECT_EQ(judged_with(silent), "");
}

TEST(Lockstep, NoticesAWrongAnswer) {
  const std::string wrong_row = judged_with(about_answers([](Answer& answer) {
    if (answer.session == 1 && !answer.rows.empty()) answer.rows[0][1] = int64_t{7};
  }));
  EXPECT_TRUE(wrong_row.starts_with("line 16: select * from t\n  answers, by the model\n"))
      << wrong_row;
  EXPECT_NE(judged_with(about_answers([](Answer& answer) { answer.changed = 0; })), "");
  EXPECT_NE(judged_with(about_answers([](Answer& answer) {
              if (!answer.status.ok()) answer.status = Status(Code::conflict, "");
            })),
            "");
  EXPECT_NE(judged_with(about_answers([](Answer& answer) {
              if (answer.status.code() == Code::duplicate_key) {
                answer.status = Status(Code::duplicate_key, "u");
              }
            })),
            "");
  EXPECT_NE(judged_with(about_answers(
                [](Answer& answer) { std::reverse(answer.others.begin(), answer.others.end()); })),
            "");
}

TEST(Lockstep, NoticesAWrongWait) {
  Lie lie;
  lie.of_waits = [](auto& waits) {
    for (auto& [session, others] : waits) others = {4};
  };
  const std::string found = judged_with(lie);
  EXPECT_NE(found.find("T3 waits for T1\n  observed\n    T3 waits for T4\n"), std::string::npos)
      << found;
}

TEST(Lockstep, NoticesALockThatIsLostOrTooMuch) {
  Lie lost;
  lost.of_locks = [](std::vector<LockInfo>& locks) {
    std::erase_if(locks, [](const LockInfo& lock) { return lock.waiting; });
  };
  EXPECT_NE(judged_with(lost).find("  locks, by the model\n"), std::string::npos);
  Lie wider;
  wider.of_locks = [](std::vector<LockInfo>& locks) {
    for (LockInfo& lock : locks) {
      if (lock.shape.kind == Kind::record) lock.shape.kind = Kind::next_key;
    }
  };
  EXPECT_NE(judged_with(wider), "");
}

// Another level is another database: some random schedule tells any two of them apart.
TEST(Lockstep, NoticesAnotherLevel) {
  for (const bool snapshot_isolation : {false, true}) {
    const Defaults wrong = {Isolation::read_committed, snapshot_isolation};
    const uint64_t setting = snapshot_isolation ? 5 : 4;  // repeatable read
    bool noticed = false;
    for (uint64_t number = setting; number < 400 && !noticed; number += 8) {
      ModelSubject subject(Rules(), wrong, number);
      noticed = !judged(random_script(1, number, ""), subject).empty();
    }
    EXPECT_TRUE(noticed);
  }
}

}  // namespace
}  // namespace aftersync::model::txn
