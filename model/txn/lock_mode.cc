// The compatibility matrix and the rules of gaps.
#include "model/txn/lock_mode.h"

#include <cstddef>

namespace aftersync::model::txn {
namespace {

constexpr bool kCompatible[4][4] = {
    // IS    IX     S      X
    {true, true, true, false},    // IS
    {true, true, false, false},   // IX
    {true, false, true, false},   // S
    {false, false, false, false}  // X
};

bool covers_record(Kind kind) { return kind == Kind::record || kind == Kind::next_key; }

}  // namespace

bool compatible(Mode a, Mode b) {
  return kCompatible[static_cast<size_t>(a)][static_cast<size_t>(b)];
}

bool covers(Mode held, Mode wanted) {
  if (held == wanted || held == Mode::exclusive) return true;
  return wanted == Mode::intention_shared;
}

bool must_wait(LockShape request, LockShape other, bool supremum) {
  if (compatible(request.mode, other.mode)) return false;
  if (other.kind == Kind::insert_intention) return false;
  if (request.kind == Kind::insert_intention) return other.kind != Kind::record;
  if (supremum || request.kind == Kind::gap) return false;
  return covers_record(other.kind);
}

bool suffices(LockShape held, LockShape request, bool supremum) {
  if (held.kind == Kind::insert_intention || request.kind == Kind::insert_intention) return false;
  if (!covers(held.mode, request.mode)) return false;
  return supremum || held.kind == Kind::next_key || held.kind == request.kind;
}

std::string_view to_string(Mode mode) {
  constexpr std::string_view kNames[] = {"IS", "IX", "S", "X"};
  return kNames[static_cast<size_t>(mode)];
}

std::string_view to_string(Kind kind) {
  constexpr std::string_view kNames[] = {"table", "record", "gap", "next-key", "insert-intention"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace aftersync::model::txn
