// Lockstep: any database that sessions send statements to, driven by the scripts of the model and
// judged by it.
//
// A harness wraps the database in a Subject. `observe` drives it through a schedule, golden or
// random, and writes down after each step who was answered what, who waits for whom, and who holds
// which lock. `disagreement` holds that against the model: several sessions that one step sets free
// may go on in any order, so the subject must agree with one order from the first step to the last.
//
//   EngineSubject subject(...);
//   ASSIGN_OR_RETURN(const auto observed, observe(subject, script, schedule));
//   const std::string found = disagreement(script, schedule, settings, observed);
//
// The subject is asked for nothing but what any server could tell. What it cannot tell, it leaves
// empty, and it is not judged: see Subject.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/txn/script.h"

namespace aftersync::model::txn {

class Subject {
 public:
  virtual ~Subject() = default;

  // Runs a statement of a session that does not wait, and returns when every session has been
  // answered or waits. The answers of all that came to an end, in any order; those of kind
  // `waiting` are not looked at (`waits` tells). `others` of a deadlock may be empty. The message
  // of a duplicate is the index's name; other messages are free.
  virtual std::vector<Answer> send(SessionId session, const Statement& statement) = 0;
  // The same for a session whose lock wait exceeds its time.
  virtual std::vector<Answer> time_out(SessionId session) = 0;

  // Who waits, and for whom; an empty list when that cannot be told.
  [[nodiscard]] virtual std::map<SessionId, std::vector<SessionId>> waits() const = 0;
  // All locks, in any order; nullopt when they cannot be told.
  [[nodiscard]] virtual std::optional<std::vector<LockInfo>> locks() const = 0;
};

struct Observed {
  bool skipped = false;  // the session was waiting
  std::vector<Answer> answers;
  std::map<SessionId, std::vector<SessionId>> waits;
  std::optional<std::vector<LockInfo>> locks;
};

// Sets the script's tables up, through session 0, and runs the schedule's steps; one result each.
// Fails with invalid_argument for a statement that cannot be parsed, and with the subject's own
// error if the setup fails. Tables are created in the setup only.
[[nodiscard]] Result<std::vector<Observed>> observe(Subject& subject, const Script& script,
                                                    const Schedule& schedule);

// Empty if the model does the same in some order (of kMaxOrders at most); else the first step on
// which the order that agrees longest differs, and how.
[[nodiscard]] std::string disagreement(const Script& script, const Schedule& schedule,
                                       Defaults settings, const std::vector<Observed>& observed);

}  // namespace aftersync::model::txn
