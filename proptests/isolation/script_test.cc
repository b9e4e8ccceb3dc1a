// The golden scripts, the runner that reads them, and the model's steps in pieces.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/txn/parser.h"
#include "model/txn/script_run.h"

namespace aftersync::model::txn {
namespace {

constexpr const char* kScripts = "proptests/isolation/scripts";

std::vector<std::string> scripts_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Script read_script(const std::string& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  const Result<Script> script = parse_script(text.str());
  EXPECT_TRUE(script.ok()) << file << ": " << script.status().message();
  return script.ok() ? *script : Script{};
}

class GoldenScript : public testing::TestWithParam<std::string> {};

TEST_P(GoldenScript, AnswersAsItSays) {
  const Script script = read_script(GetParam());
  const Result<std::vector<ScriptRun>> runs = run_script(script);
  ASSERT_TRUE(runs.ok()) << GetParam() << ": " << runs.status().message();
  ASSERT_FALSE(runs->empty());
  const std::string found = differences(GetParam(), script, *runs);
  EXPECT_TRUE(found.empty()) << found << "replay: build/release/bin/aftersync-check locks "
                             << GetParam();
}

std::string name_of(const testing::TestParamInfo<std::string>& param) {
  std::string name = std::filesystem::path(param.param).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return std::filesystem::path(param.param).parent_path().filename().string() + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenScript, testing::ValuesIn(scripts_in(kScripts)), name_of);

// Of each anomaly, every level and setting has a verdict.
TEST(Hermitage, EveryAnomalyIsJudgedAtEveryLevel) {
  const std::vector<std::string> files = scripts_in(std::string(kScripts) + "/hermitage");
  EXPECT_EQ(files.size(), 10U);
  for (const std::string& file : files) {
    std::set<std::pair<Isolation, bool>> judged;
    for (const Schedule& schedule : read_script(file).schedules) {
      EXPECT_TRUE(schedule.verdict.starts_with("prevented: ") ||
                  schedule.verdict.starts_with("permitted: "))
          << file << ":" << schedule.line;
      for (const Isolation isolation : schedule.isolations) {
        for (const bool on : schedule.snapshot_isolation) judged.emplace(isolation, on);
      }
    }
    EXPECT_EQ(judged.size(), 8U) << file;
  }
}

constexpr const char* kTables =
    "tables\n"
    "  create table t (id int primary key, c int)\n"
    "  insert into t values (1, 10)\n"
    "at repeatable read\n"
    "shows: a test\n";

std::string run_text(const std::string& steps) {
  const Result<Script> script = parse_script(kTables + steps);
  if (!script.ok()) return std::string(script.status().message());
  const Result<std::vector<ScriptRun>> runs = run_script(*script);
  if (!runs.ok()) return std::string(runs.status().message());
  return differences("script", *script, *runs);
}

TEST(ScriptRunner, SaysWhatDiffers) {
  EXPECT_EQ(run_text("  T1: select * from t\n    (1, 10)\n"), "");
  EXPECT_EQ(run_text("  T1: select * from t\n    (1, 11)\n"),
            "script:6: at repeatable read, snapshot isolation off\n"
            "  expected\n    (1, 11)\n"
            "  answered\n    (1, 10)\n");
  // An answer that nobody expected, and an expected one that does not come.
  EXPECT_NE(run_text("  T1: select * from t\n"), "");
  EXPECT_NE(run_text("  T1: commit\n    ok\n    T2: ok\n"), "");
}

TEST(ScriptRunner, NamesTheLineThatIsWrong) {
  const std::map<std::string, std::string> cases = {
      {"  T1: frobnicate\n", "line 6: expected a statement, found 'frobnicate'"},
      {"  T1: select * from s\n", "line 6: no table s before this, found the end"},
      {"  T1: insert into t values (1)\n",
       "line 6: wrong number of values before this, found the end"},
      {"  T1: select * from t where x = 1\n", "line 6: no column x before this, found '='"},
      {"  T1: select * from t where id = 'a\n", "line 6: column 28: unexpected '''"},
      {"  T1 times out\n", "line 6: the session does not wait"},
      {"  Tx: commit\n", "line 6: expected T and a number"},
      {"    ok\n", "line 6: an answer to no step"},
      {"   T1: commit\n", "line 6: indented by neither 2 nor 4"},
      {"at no level\n", "line 6: no isolation level: no level"},
  };
  for (const auto& [steps, message] : cases) EXPECT_EQ(run_text(steps), message) << steps;
  EXPECT_EQ(run_text("  T1: begin\n  T2: begin\n"
                     "  T1: update t set c = 1\n    changed 1\n"
                     "  T2: update t set c = 2\n    waits for T1\n"
                     "  T2: commit\n"),
            "line 12: the session waits");
}

TEST(ScriptRunner, FillsInAnswers) {
  const std::string text =
      std::string(kTables) + "  T1: begin\n  T1: select * from t\n    wrong\n# end\n";
  const Result<Script> script = parse_script(text);
  ASSERT_TRUE(script.ok());
  const Result<std::vector<ScriptRun>> runs = run_script(*script);
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(fill_in(text, *script, *runs),
            std::string(kTables) + "  T1: begin\n  T1: select * from t\n    (1, 10)\n# end\n");
}

// A model with one table of rows 1 and 2, driven step by step.
class Steps : public testing::Test {
 protected:
  Steps() : model_(Rules(), Defaults()) {
    run(9, "create table t (id int primary key, c int)");
    run(9, "insert into t values (1, 0), (2, 0)");
  }

  Statement statement(const std::string& text) {
    Result<Statement> parsed = parse(text, model_);
    EXPECT_TRUE(parsed.ok()) << parsed.status().message();
    return parsed.ok() ? *parsed : Statement(Commit{});
  }
  std::vector<Answer> run(SessionId session, const std::string& text) {
    Orders as_set_free;
    return model_.run(session, statement(text), as_set_free);
  }

  Interpreter model_;
};

TEST_F(Steps, TheCallerChoosesWhoGoesOnFirst) {
  for (const SessionId first : {2U, 3U}) {
    run(1, "begin");
    run(1, "select * from t for update");
    EXPECT_EQ(run(2, "update t set c = 2 where id = 1").at(0).kind, Answer::Kind::waiting);
    EXPECT_EQ(run(3, "update t set c = 3 where id = 2").at(0).kind, Answer::Kind::waiting);
    EXPECT_TRUE(model_.start(1, statement("commit")).at(0).status.ok());
    ASSERT_EQ(model_.runnable().size(), 2U);
    const std::vector<Answer> answers = model_.resume(first);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].session, first);
    const SessionId second = model_.runnable().at(0);
    EXPECT_EQ(second, 5 - first);
    EXPECT_EQ(model_.resume(second).at(0).session, second);
    run(9, "update t set c = 0");
  }
}

// Both who waited have a shared lock and want an exclusive one: whoever asks last is the victim.
TEST(EveryOrder, OfSessionsSetFreeIsRun) {
  const std::string text = std::string(kTables) +
                           "  T1: begin\n  T1: insert into t values (2, 0)\n"
                           "  T2: begin\n  T2: insert into t values (2, 0)\n"
                           "  T3: begin\n  T3: insert into t values (2, 0)\n"
                           "  T1: rollback\n";
  const Result<Script> script = parse_script(text);
  ASSERT_TRUE(script.ok());
  const Result<std::vector<ScriptRun>> runs = run_script_in_all_orders(*script);
  ASSERT_TRUE(runs.ok());
  std::vector<SessionId> victims;
  for (const ScriptRun& run : *runs) {
    for (const Answer& answer : run.results.back().answers) {
      if (answer.status.code() == Code::deadlock) victims.push_back(answer.session);
    }
    EXPECT_FALSE(run.cut);
  }
  EXPECT_EQ(victims, (std::vector<SessionId>{3, 2}));
}

TEST_F(Steps, AStatementGoesOnWhereItStood) {
  run(2, "set session transaction isolation level read committed");  // gaps stay open
  run(1, "begin");
  run(1, "update t set c = 1 where id = 2");
  EXPECT_EQ(run(2, "update t set c = c + 10").at(0).others, std::vector<SessionId>{1});
  // Row 1 has been read and changed; what is new before it is not seen any more.
  run(3, "insert into t values (0, 0)");
  const std::vector<Answer> answers = run(1, "commit");
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].changed, 2U);
  EXPECT_EQ(run(3, "select * from t").at(0).rows,
            (std::vector<Row>{
                {int64_t{0}, int64_t{0}}, {int64_t{1}, int64_t{10}}, {int64_t{2}, int64_t{11}}}));
}

TEST_F(Steps, ATimeoutUndoesTheStatementAlone) {
  run(1, "begin");
  run(1, "update t set c = 1 where id = 2");
  run(2, "begin");
  run(2, "insert into t values (3, 0)");
  EXPECT_EQ(run(2, "update t set c = c + 10").at(0).kind, Answer::Kind::waiting);
  EXPECT_TRUE(model_.busy(2));
  model_.time_out(2);
  const std::vector<Answer> answers = model_.resume(2);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status.code(), Code::lock_wait_timeout);
  EXPECT_FALSE(model_.busy(2));
  EXPECT_TRUE(model_.in_transaction(2));
  run(1, "rollback");
  run(2, "commit");
  EXPECT_EQ(run(3, "select * from t where c = 0").at(0).rows.size(), 3U);
}

TEST_F(Steps, NothingIsLeftWhenAllHaveEnded) {
  for (const SessionId session : {1U, 2U, 3U}) run(session, "begin");
  run(1, "select * from t for update");
  run(2, "insert into t values (3, 0)");
  run(3, "select * from t lock in share mode");
  EXPECT_FALSE(model_.locks().empty());
  EXPECT_FALSE(model_.locks(1).empty());
  run(1, "rollback");
  run(2, "rollback");
  run(3, "commit");
  EXPECT_TRUE(model_.locks().empty());
  run(9, "delete from t");
  run(9, "purge");
  EXPECT_TRUE(model_.tables().at(0)->clustered().empty());
}

TEST_F(Steps, PurgeLeavesWhatAViewNeeds) {
  run(1, "start transaction with consistent snapshot");
  run(2, "delete from t where id = 1");
  run(2, "purge");
  EXPECT_EQ(run(1, "select * from t").at(0).rows.size(), 2U);
  run(1, "commit");
  EXPECT_EQ(model_.tables().at(0)->clustered().size(), 2U);
  run(2, "purge");
  EXPECT_EQ(model_.tables().at(0)->clustered().size(), 1U);
}

}  // namespace
}  // namespace aftersync::model::txn
