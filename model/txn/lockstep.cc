// Driving the subject, and comparing what it did with every order of the model.
#include "model/txn/lockstep.h"

#include <algorithm>
#include <utility>

#include "model/txn/parser.h"
#include "model/txn/script_run.h"

namespace aftersync::model::txn {
namespace {

using Lines = std::vector<std::string>;

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Only those of sessions that have come to an end. Of messages, only a duplicate's index counts.
Lines endings(const std::vector<Answer>& answers, bool with_circles) {
  Lines lines;
  for (Answer answer : answers) {
    if (answer.kind == Answer::Kind::waiting) continue;
    if (!with_circles) answer.others.clear();
    const Code code = answer.status.code();
    if (code != Code::ok && code != Code::duplicate_key) {
      answer.status = Status(code, std::string(to_string(code)));
    }
    lines.push_back(session_name(answer.session) + ": " + answer_text(answer));
  }
  return sorted(std::move(lines));
}

bool says_circles(const std::vector<Answer>& answers) {
  return std::ranges::none_of(answers, [](const Answer& answer) {
    return answer.status.code() == Code::deadlock && answer.others.empty();
  });
}

Lines waits_text(std::map<SessionId, std::vector<SessionId>> waits,
                 const std::map<SessionId, std::vector<SessionId>>& told) {
  Lines lines;
  for (auto& [session, others] : waits) {
    const auto said = told.find(session);
    const bool with_others = said == told.end() || !said->second.empty();
    std::sort(others.begin(), others.end());
    lines.push_back(session_name(session) + " waits" +
                    (with_others ? " for " + names_of(others) : ""));
  }
  return lines;
}

Lines locks_text(const std::vector<LockInfo>& locks) {
  Lines lines;
  for (const LockInfo& lock : locks) lines.push_back(lock_text(lock));
  return sorted(std::move(lines));
}

std::string block(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "    " + line + "\n";
  return text.empty() ? "    nothing\n" : text;
}

std::string unequal(const char* what, const Lines& model, const Lines& subject) {
  if (model == subject) return "";
  return std::string("  ") + what + ", by the model\n" + block(model) + "  observed\n" +
         block(subject);
}

std::string unequal_step(const StepResult& model, const Observed& subject) {
  if (model.skipped != subject.skipped) return "  one of the two skipped the step\n";
  const bool with_circles = says_circles(subject.answers);
  std::string found = unequal("answers", endings(model.answers, with_circles),
                              endings(subject.answers, with_circles));
  found += unequal("waits", waits_text(model.waits, subject.waits),
                   waits_text(subject.waits, subject.waits));
  if (subject.locks) {
    found += unequal("locks", locks_text(model.locks), locks_text(*subject.locks));
  }
  return found;
}

// Names of tables and columns are looked up in a model in which only the setup has run.
class Catalog {
 public:
  Result<Statement> parse_step(const Step& step) {
    Result<Statement> statement = parse(step.text, tables_);
    if (statement.ok()) return statement;
    return Status(Code::invalid_argument, "line " + std::to_string(step.line) + ": " +
                                              std::string(statement.status().message()));
  }
  void run(const Statement& statement) {
    Orders only_one_session;
    (void)tables_.run(0, statement, only_one_session);
  }

 private:
  Interpreter tables_{Rules(), Defaults()};
};

}  // namespace

Result<std::vector<Observed>> observe(Subject& subject, const Script& script,
                                      const Schedule& schedule) {
  Catalog catalog;
  for (const Step& step : script.setup) {
    ASSIGN_OR_RETURN(const Statement statement, catalog.parse_step(step));
    catalog.run(statement);
    for (const Answer& answer : subject.send(0, statement)) RETURN_IF_ERROR(answer.status);
  }
  std::vector<Observed> observed;
  for (const Step& step : schedule.steps) {
    Observed result;
    const bool waits = subject.waits().contains(step.session);
    if (step.kind == Step::Kind::timeout) {
      result.skipped = !waits;
      if (waits) result.answers = subject.time_out(step.session);
    } else if (step.kind == Step::Kind::statement) {
      ASSIGN_OR_RETURN(const Statement statement, catalog.parse_step(step));
      result.skipped = waits;
      if (!waits) result.answers = subject.send(step.session, statement);
    }
    result.waits = subject.waits();
    result.locks = subject.locks();
    observed.push_back(std::move(result));
  }
  return observed;
}

std::string disagreement(const Script& script, const Schedule& schedule, Defaults settings,
                         const std::vector<Observed>& observed) {
  CHECK(observed.size() == schedule.steps.size());
  size_t longest = 0;
  std::string found;
  Orders orders;
  for (size_t tried = 0; tried < kMaxOrders; ++tried) {
    const auto results = run_schedule(script, schedule, settings, true, orders);
    if (!results.ok()) return std::string(results.status().message()) + "\n";
    size_t step = 0;
    std::string differs;
    while (step < observed.size() && differs.empty()) {
      differs = unequal_step((*results)[step], observed[step]);
      ++step;
    }
    if (differs.empty()) return "";
    if (step > longest) {
      longest = step;
      found = "line " + std::to_string(schedule.steps[step - 1].line) + ": " +
              schedule.steps[step - 1].text + "\n" + differs;
    }
    if (!orders.next()) break;
  }
  return found;
}

}  // namespace aftersync::model::txn
