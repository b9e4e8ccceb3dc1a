// A fault at one chosen operation of a disk, and the counts of operations that choose it.
//
// Rates (fault_rates.h) find what happens often. What must hold at *every* operation is tried one
// by one: a run counts the operations, then a run for each of them strikes there.
#pragma once

#include <cstdint>
#include <string_view>

namespace aftersync::sim {

enum class StrikeKind : uint8_t { none, kill, power_loss, sync_error, no_space, read_error };
inline constexpr StrikeKind kStrikeKinds[] = {StrikeKind::none,       StrikeKind::kill,
                                              StrikeKind::power_loss, StrikeKind::sync_error,
                                              StrikeKind::no_space,   StrikeKind::read_error};

[[nodiscard]] constexpr std::string_view to_string(StrikeKind kind) {
  constexpr std::string_view kNames[] = {"none",       "kill",     "power_loss",
                                         "sync_error", "no_space", "read_error"};
  return kNames[static_cast<size_t>(kind)];
}

// How many operations a disk has carried out that a fault can strike.
struct DiskCounts {
  uint64_t changes = 0;  // writes, changes of names, syncs
  uint64_t syncs = 0;    // of files and of directories
  uint64_t growths = 0;  // writes beyond a file's end, new names
  uint64_t reads = 0;    // of files and of directories

  DiskCounts& operator+=(const DiskCounts& other) {
    changes += other.changes;
    syncs += other.syncs;
    growths += other.growths;
    reads += other.reads;
    return *this;
  }
};

// Strikes at the `at`-th of the operations that its kind is about, counted from 1 and from when it
// is set; once. kill and power_loss fall into the middle of the operation.
struct DiskStrike {
  StrikeKind kind = StrikeKind::none;
  uint64_t at = 1;
};

// The count that decides about a kind; not of none.
[[nodiscard]] constexpr uint64_t DiskCounts::*count_of(StrikeKind kind) {
  switch (kind) {
    case StrikeKind::sync_error: return &DiskCounts::syncs;
    case StrikeKind::no_space: return &DiskCounts::growths;
    case StrikeKind::read_error: return &DiskCounts::reads;
    default: return &DiskCounts::changes;
  }
}

}  // namespace aftersync::sim
