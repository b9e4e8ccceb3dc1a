// A history: random operations on a small engine, run beside the table model.
//
// It is plain data, drawn before it is run, so that RapidCheck can shrink it: steps are left out,
// numbers made smaller, until nothing more can go. A step that makes no sense where it stands (a
// rollback to a savepoint that there is not) does nothing.
//
// Several tables, each with a transaction of its own, take turns: so streams of undo interleave,
// and history of one is purged while another runs.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace aftersync::storage {

enum class StepKind : uint8_t {
  statements,   // drawn from `a`: one, or a burst of up to `b` % 32 more
  commit,       // of the table's transaction
  rollback,     // of the table's transaction
  savepoint,    // remembered
  rollback_to,  // the savepoint remembered
  scan,         // index `a`, direction `b`
  range,        // index `a`, from the values of choice `b` on, direction `c`
  define,       // kind of definition change `a`, drawn from `b`; ends the transaction first
  purge,        // at most `a` % 4 transactions
  checkpoint,   // all pages written first if `a` is odd
  close,        // in good order, after rolling back, and opened again
  crash,        // the engine goes as it stands, and is opened again
};

struct Step {
  StepKind kind{};
  uint32_t table = 0;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t c = 0;
};

struct History {
  uint64_t schemas = 0;  // seed of the tables' definitions
  uint32_t tables = 1;
  uint32_t frames = 64;  // of the buffer pool
  std::vector<Step> steps;
};

std::ostream& operator<<(std::ostream& out, const Step& step);
std::ostream& operator<<(std::ostream& out, const History& history);

// Histories of exactly `steps` steps, that shrink to fewer.
[[nodiscard]] rc::Gen<History> histories(size_t steps);

// Runs it in a directory of its own. Returns what is wrong, or nothing.
[[nodiscard]] std::string run_history(const History& history);

}  // namespace aftersync::storage
