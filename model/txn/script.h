// Scripts: schedules of several sessions with the answers that are expected, readable without code.
//
//   # Prose.
//   tables
//     create table test (id int primary key, value int)
//     insert into test values (1, 10)
//
//   at read committed, repeatable read; snapshot isolation off, on
//   prevented: T2 waits until T1 has ended
//     T1: begin
//     T1: update test set value = 11 where id = 1
//       changed 1
//     T2: update test set value = 12 where id = 1
//       waits for T1
//     locks
//       T1 test IX
//       T1 test.PRIMARY (1) X record
//       T2 test IX
//       T2 test.PRIMARY (1) X record waiting
//     T1: commit
//       ok
//       T2: changed 1
//
// An `at` line begins a schedule, which is run once for each isolation level and setting that it
// names, on tables that are set up afresh; it may end in `; rules mariadb`. The line after it says
// in words what the schedule shows: "prevented:", "permitted:" or "shows:".
//
// Steps: `Tn: STATEMENT` (parser.h), `Tn times out` (its lock wait), `locks`. Below each stand the
// lines it must answer, in their order; other sessions' lines begin with `Tn: `. None stands for
// `ok` alone.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "model/txn/interpreter.h"

namespace aftersync::model::txn {

struct Step {
  enum class Kind : uint8_t { statement, timeout, locks };
  size_t line = 0;
  Kind kind = Kind::statement;
  SessionId session = 0;
  std::string text;  // the statement
  std::vector<std::string> expected;
};

struct Schedule {
  size_t line = 0;
  std::vector<Isolation> isolations;
  std::vector<bool> snapshot_isolation;
  Rules rules;
  std::string verdict;
  std::vector<Step> steps;
};

struct Script {
  std::vector<Step> setup;
  std::vector<Schedule> schedules;
};

// Fails with invalid_argument, naming the line.
[[nodiscard]] Result<Script> parse_script(std::string_view text);

struct StepResult {
  bool skipped = false;  // the session was waiting
  std::vector<Answer> answers;
  // After the step:
  std::map<SessionId, std::vector<SessionId>> waits;  // who waits, for whom
  std::vector<LockInfo> locks;
};

// Runs one schedule; a result for each of its steps. Fails with invalid_argument, naming the line:
// a statement that cannot be parsed; and, unless `skip_busy`, one for a session that waits.
[[nodiscard]] Result<std::vector<StepResult>> run_schedule(const Script& script,
                                                           const Schedule& schedule,
                                                           Defaults defaults, bool skip_busy,
                                                           Orders& orders);

// In the words of scripts: "T1"; "T1, T2"; "changed 1"; "T1 t.PRIMARY (1) X record".
[[nodiscard]] std::string session_name(SessionId session);
[[nodiscard]] std::string names_of(const std::vector<SessionId>& sessions);
[[nodiscard]] std::string answer_text(const Answer& answer);
[[nodiscard]] std::string lock_text(const LockInfo& lock);

// The lines that a script would have below the step.
[[nodiscard]] std::vector<std::string> answer_lines(const Step& step, const StepResult& result);

// "ok" where the script says nothing.
[[nodiscard]] std::vector<std::string> expected_lines(const Step& step);

}  // namespace aftersync::model::txn
