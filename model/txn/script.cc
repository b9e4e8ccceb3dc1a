// Reading scripts, running them, and putting answers in words.
#include "model/txn/script.h"

#include <charconv>
#include <utility>

#include "model/txn/parser.h"

namespace aftersync::model::txn {
namespace {

Status bad_line(size_t number, const std::string& what) {
  return {Code::invalid_argument, "line " + std::to_string(number) + ": " + what};
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "T12" at the front of `text`; 0 if there is none.
SessionId take_session(std::string_view& text) {
  if (!text.starts_with('T')) return 0;
  SessionId session = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), session);
  if (error != std::errc()) return 0;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return session;
}

class Reader {
 public:
  Result<Script> read(std::string_view text) {
    for (const std::string_view line : split(text, "\n")) {
      ++number_;
      RETURN_IF_ERROR(read_line(line));
    }
    return std::move(script_);
  }

 private:
  Status read_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return {};
    const size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) return {};
    if (indent == 0) return read_heading(line);
    line.remove_prefix(indent);
    if (indent == 2) return read_step(line);
    if (indent != 4) return bad_line(number_, "indented by neither 2 nor 4");
    if (steps_ == nullptr || steps_->empty()) return bad_line(number_, "an answer to no step");
    steps_->back().expected.emplace_back(line);
    return {};
  }

  Status read_heading(std::string_view line) {
    if (line == "tables") {
      in_setup_ = true;
      steps_ = &script_.setup;
      return {};
    }
    if (take_prefix(line, "at ")) {
      in_setup_ = false;
      script_.schedules.emplace_back();
      steps_ = &script_.schedules.back().steps;
      return read_settings(line);
    }
    for (const std::string_view word : {"prevented: ", "permitted: ", "shows: "}) {
      if (!line.starts_with(word)) continue;
      if (script_.schedules.empty()) return bad_line(number_, "a verdict on no schedule");
      script_.schedules.back().verdict = line;
      return {};
    }
    return bad_line(number_, "expected tables, at, prevented:, permitted: or shows:");
  }

  Status read_settings(std::string_view line) {
    Schedule& schedule = script_.schedules.back();
    schedule.line = number_;
    const std::vector<std::string_view> settings = split(line, "; ");
    for (const std::string_view name : split(settings[0], ", ")) {
      const std::optional<Isolation> isolation = isolation_named(name);
      if (!isolation) return bad_line(number_, "no isolation level: " + std::string(name));
      schedule.isolations.push_back(*isolation);
    }
    for (size_t i = 1; i < settings.size(); ++i) {
      std::string_view setting = settings[i];
      if (setting == "rules mariadb") {
        schedule.rules = Rules::mariadb();
      } else if (take_prefix(setting, "snapshot isolation ")) {
        for (const std::string_view value : split(setting, ", ")) {
          if (value != "on" && value != "off") return bad_line(number_, "neither on nor off");
          schedule.snapshot_isolation.push_back(value == "on");
        }
      } else {
        return bad_line(number_, "no setting: " + std::string(setting));
      }
    }
    if (schedule.snapshot_isolation.empty()) schedule.snapshot_isolation = {false};
    return {};
  }

  Status read_step(std::string_view line) {
    if (steps_ == nullptr) return bad_line(number_, "a step of no schedule");
    Step step;
    step.line = number_;
    if (line == "locks") {
      step.kind = Step::Kind::locks;
    } else if (!in_setup_) {
      step.session = take_session(line);
      if (step.session == 0) return bad_line(number_, "expected T and a number");
      if (line == " times out") {
        step.kind = Step::Kind::timeout;
      } else if (!take_prefix(line, ": ")) {
        return bad_line(number_, "expected ': ' or ' times out'");
      }
    }
    step.text = line;
    steps_->push_back(std::move(step));
    return {};
  }

  Script script_;
  size_t number_ = 0;
  bool in_setup_ = false;
  std::vector<Step>* steps_ = nullptr;
};

std::string circle_text(const std::vector<SessionId>& circle) {
  std::string text;
  for (size_t i = 0; i < circle.size(); ++i) {
    text += (i == 0 ? "" : ", ") + session_name(circle[i]) + " waits for " +
            session_name(circle[(i + 1) % circle.size()]);
  }
  return text;
}

std::string failure_text(const Answer& answer) {
  const std::string message(answer.status.message());
  switch (answer.status.code()) {
    case Code::duplicate_key: return "duplicate key in " + message;
    case Code::deadlock: return "deadlock: " + circle_text(answer.others) + "; rolled back";
    case Code::conflict: return message + "; rolled back";
    case Code::lock_wait_timeout: return "lock wait timeout";
    default: return message;
  }
}

Result<StepResult> run_step(Interpreter& interpreter, const Step& step, bool skip_busy,
                            Orders& orders) {
  StepResult result;
  const bool busy = interpreter.busy(step.session);
  if (step.kind == Step::Kind::timeout) {
    if (!busy && !skip_busy) return bad_line(step.line, "the session does not wait");
    result.skipped = !busy;
    if (busy) {
      interpreter.time_out(step.session);
      result.answers = interpreter.resume_all(orders);
    }
  } else if (step.kind == Step::Kind::statement) {
    if (busy && !skip_busy) return bad_line(step.line, "the session waits");
    result.skipped = busy;
    if (!busy) {
      const Result<Statement> statement = parse(step.text, interpreter);
      if (!statement.ok()) {
        return bad_line(step.line, std::string(statement.status().message()));
      }
      result.answers = interpreter.run(step.session, *statement, orders);
    }
  }
  result.waits = interpreter.waits();
  result.locks = interpreter.locks();
  return result;
}

}  // namespace

std::string session_name(SessionId session) { return "T" + std::to_string(session); }

std::string names_of(const std::vector<SessionId>& sessions) {
  std::string text;
  for (const SessionId session : sessions) {
    text += (text.empty() ? "" : ", ") + session_name(session);
  }
  return text;
}

std::string answer_text(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::waiting: return "waits for " + names_of(answer.others);
    case Answer::Kind::failed: return failure_text(answer);
    case Answer::Kind::done: return "ok";
    case Answer::Kind::changed: return "changed " + std::to_string(answer.changed);
    case Answer::Kind::rows: break;
  }
  std::string text;
  for (const Row& row : answer.rows) text += (text.empty() ? "" : " ") + to_string(row);
  return text.empty() ? "no rows" : text;
}

std::string lock_text(const LockInfo& lock) {
  std::string text = session_name(lock.session) + " " + lock.table;
  if (lock.index.empty()) return text + " " + std::string(to_string(lock.shape.mode));
  text += "." + lock.index + " " + (lock.key ? to_string(*lock.key) : "supremum") + " " +
          std::string(to_string(lock.shape.mode));
  // On the supremum every lock is one on a gap.
  if (lock.key || lock.shape.kind == Kind::insert_intention) {
    text += " " + std::string(to_string(lock.shape.kind));
  }
  return lock.waiting ? text + " waiting" : text;
}

Result<Script> parse_script(std::string_view text) { return Reader().read(text); }

Result<std::vector<StepResult>> run_schedule(const Script& script, const Schedule& schedule,
                                             Defaults defaults, bool skip_busy, Orders& orders) {
  Interpreter interpreter(schedule.rules, defaults);
  for (const Step& step : script.setup) {
    ASSIGN_OR_RETURN(const StepResult result, run_step(interpreter, step, false, orders));
    if (!result.answers.front().status.ok()) return result.answers.front().status;
  }
  std::vector<StepResult> results;
  for (const Step& step : schedule.steps) {
    ASSIGN_OR_RETURN(StepResult result, run_step(interpreter, step, skip_busy, orders));
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<std::string> answer_lines(const Step& step, const StepResult& result) {
  std::vector<std::string> lines;
  if (step.kind == Step::Kind::locks) {
    for (const LockInfo& lock : result.locks) lines.push_back(lock_text(lock));
    return lines;
  }
  for (const Answer& answer : result.answers) {
    const std::string text = answer_text(answer);
    lines.push_back(answer.session == step.session ? text
                                                   : session_name(answer.session) + ": " + text);
  }
  return lines;
}

std::vector<std::string> expected_lines(const Step& step) {
  if (step.expected.empty() && step.kind != Step::Kind::locks) return {"ok"};
  return step.expected;
}

}  // namespace aftersync::model::txn
