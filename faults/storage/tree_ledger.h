// TreeLedger: what readers of an ordered tree may see while others change it.
//
// The problem. A reader of a tree that changes under it has no one state to be compared with. But
// each row, taken by itself, is a register with one writer, and of a register it is known what a
// read may return: a version whose life overlaps the read's. A version lives from the moment when
// the change that makes it begins to the moment when the change that replaces it has ended; that
// there is no row is a version as well. So a row that is there all the while must be seen, one that
// is absent all the while must not, and a row being changed may be seen either way. This is a
// regular register (Lamport, "On interprocess communication", 1986), for each key of a scan.
//
// Keys are named by their rank. Moments are numbers that grow; the ledger gives them out.
//
// Not thread-safe: for the tasks of a simulated process, which do not run at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aftersync::faults {

class TreeLedger {
 public:
  using Moment = uint64_t;
  using Version = uint32_t;
  static constexpr Version kAbsent = 0;

  // No row is there at first.
  explicit TreeLedger(size_t keys) : rows_(keys, {Life{kAbsent, 0}}) {}

  [[nodiscard]] size_t keys() const { return rows_.size(); }
  // The beginning of a read: to be asked for before it looks at anything.
  [[nodiscard]] Moment now() { return ++clock_; }

  // By the key's only writer, before and after each change.
  void begin(size_t key, Version version) { rows_[key].push_back({version, ++clock_}); }
  void end(size_t key);
  // What the writer has made of it.
  [[nodiscard]] Version version(size_t key) const { return rows_[key].back().version; }

  // Judges a read that has lasted from `since` until now and has seen `seen`. Empty when that is
  // right; else "KIND: details".
  [[nodiscard]] std::string judge(size_t key, Moment since, Version seen) const;

 private:
  struct Life {
    Version version;
    Moment begun;
    Moment replaced = UINT64_MAX;  // when the change that took its place had ended
  };
  std::vector<std::vector<Life>> rows_;  // by key, in time
  Moment clock_ = 0;
};

}  // namespace aftersync::faults
