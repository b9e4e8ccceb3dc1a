// Lock modes: the matrices of lock_mode.h.
#include "core/txn/lock_mode.h"

#include "core/base/check.h"

namespace aftersync::txn {

namespace {

constexpr size_t kModes = 5;

// [wanted][there], in the order of LockMode.
constexpr bool kCompatible[kModes][kModes] = {
    {true, true, true, false, true},   {true, true, false, false, true},
    {true, false, true, false, false}, {false, false, false, false, false},
    {true, true, false, false, false},
};

// [held][wanted].
constexpr bool kAsStrong[kModes][kModes] = {
    {true, false, false, false, false}, {true, true, false, false, false},
    {true, false, true, false, false},  {true, true, true, true, true},
    {false, false, false, false, true},
};

size_t at(LockMode mode) { return static_cast<size_t>(mode); }

bool reaches_record(LockType type, bool on_supremum) {
  return !on_supremum && (type.reach == LockReach::next_key || type.reach == LockReach::record);
}

bool reaches_gap(LockType type) {
  return type.reach == LockReach::next_key || type.reach == LockReach::gap;
}

}  // namespace

bool is_compatible(LockMode wanted, LockMode there) { return kCompatible[at(wanted)][at(there)]; }

bool is_as_strong(LockMode held, LockMode wanted) { return kAsStrong[at(held)][at(wanted)]; }

bool must_wait(LockType wanted, LockType there, bool on_supremum) {
  CHECK_EQ(wanted.reach == LockReach::table, there.reach == LockReach::table);
  if (is_compatible(wanted.mode, there.mode)) return false;
  if (wanted.reach == LockReach::table) return true;
  if (wanted.reach == LockReach::insert_intention) return reaches_gap(there);
  return reaches_record(wanted, on_supremum) && reaches_record(there, on_supremum);
}

bool covers(LockType held, LockType wanted, bool on_supremum) {
  if (!is_as_strong(held.mode, wanted.mode)) return false;
  if (wanted.reach == LockReach::table) return held.reach == LockReach::table;
  if (wanted.reach == LockReach::insert_intention || held.reach == LockReach::insert_intention) {
    return false;
  }
  if (reaches_record(wanted, on_supremum) && !reaches_record(held, on_supremum)) return false;
  return !reaches_gap(wanted) || reaches_gap(held);
}

std::string to_string(LockType type) {
  static constexpr const char* kNames[kModes] = {"IS", "IX", "S", "X", "AUTO_INC"};
  std::string name = kNames[at(type.mode)];
  switch (type.reach) {
    case LockReach::table:
    case LockReach::next_key: break;
    case LockReach::record: name += ",REC_NOT_GAP"; break;
    case LockReach::gap: name += ",GAP"; break;
    case LockReach::insert_intention: name += ",GAP,INSERT_INTENTION"; break;
  }
  return name;
}

}  // namespace aftersync::txn
