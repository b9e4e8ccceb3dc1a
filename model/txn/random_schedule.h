// Random schedules: a table, rows, and statements of several sessions, as the text of scripts.
//
// Small tables and few keys, so that sessions meet. Where the choice of an index matters, the
// statement forces it, and constrains its first column. A quarter of the schedules without snapshot
// isolation purge: there no transaction opens a read view, so that a real server can purge all that
// the model does.
//
// Everything follows from numbers, so that one generator serves all who need schedules: programs
// take one number for a whole script; a property takes one for each step, and shrinks by leaving
// steps out, which changes none of the others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/txn/interpreter.h"

namespace aftersync::model::txn {

class RandomSchedule {
 public:
  // 2 to `most_sessions` sessions.
  RandomSchedule(uint64_t seed, Defaults settings, SessionId most_sessions = 4);

  // What makes the table `t` and its rows.
  [[nodiscard]] std::vector<std::string> setup() const;
  // "T1: begin" and the like: most sessions begin a transaction.
  [[nodiscard]] std::vector<std::string> beginnings() const;
  // A step of some session, "T2: update t set ...".
  [[nodiscard]] std::string step(uint64_t number) const;

  // The whole script; `rules` is "" or "mariadb".
  [[nodiscard]] std::string script(const std::vector<uint64_t>& steps,
                                   std::string_view rules) const;

 private:
  const uint64_t seed_;
  const Defaults settings_;
  size_t shape_ = 0;
  SessionId sessions_ = 2;
  bool purges_ = false;
};

// The script of that number in the sequence `seed`; consecutive ones have the four isolation
// levels, each with snapshot isolation off and on, in turn.
[[nodiscard]] std::string random_script(uint64_t seed, uint64_t number, std::string_view rules);

}  // namespace aftersync::model::txn
