// TreeRacer: what the writers and readers of one tree do, and the judgement of all they see.
//
// Each key has one writer. Keys are long and alike, values up to a third of a page: a leaf holds a
// handful of rows and an inner node a handful of children, so a few dozen keys make a tree of three
// levels, and hardly a change leaves it without a split or a merge. All writers grow the tree to a
// peak and shrink it to nothing, again and again: with a low peak, the root's level changes all the
// time.
//
// A value says which version of its row it is, in every byte: half a change would show.
//
// Memory: the methods run in a simulated process, whose heap may vanish; the ledger belongs to the
// host.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/tree_cursor.h"
#include "faults/storage/tree_ledger.h"

namespace aftersync::faults {

struct TreeRace {
  size_t keys = 40;
  size_t writers = 2;
  size_t key_bytes = 1000;    // in front of what tells keys apart
  size_t value_bytes = 2000;  // at most
  size_t peak = 20;           // rows there are when growing turns into shrinking
};

class TreeRacer {
 public:
  using Violate = std::function<void(std::string)>;

  // `violate` is told what is wrong; the run is over then.
  TreeRacer(const TreeRace& race, Violate violate)
      : race_(race), violate_(std::move(violate)), ledger_(race.keys) {}

  // --- called by tasks of the server; errors are those of the device ---

  // One change by writer number `writer`, of a key of its own.
  Status write(storage::BTree& tree, size_t writer, Prng& prng);
  // One lookup or one scan.
  Status read(storage::BTree& tree, Prng& prng);
  // At the end: the structure, and that the rows are those of the ledger.
  Status check(storage::PageStore& store, storage::BTree& tree);

  [[nodiscard]] uint64_t operations() const { return operations_; }

 private:
  // One way through a range of keys, [low, high].
  struct Leg {
    size_t low;
    size_t high;
    bool forwards;
  };

  // One of the writer's keys; one with a row if a few tries find any and `with_row`.
  [[nodiscard]] size_t choose(size_t writer, bool with_row, Prng& prng) const;
  [[nodiscard]] std::string key_of(size_t rank) const;
  [[nodiscard]] std::string value_of(size_t rank, TreeLedger::Version version) const;
  // Which row, and which version of it, a record shows. Violates when it is none.
  [[nodiscard]] bool parse(const storage::RecordView& record, size_t& rank,
                           TreeLedger::Version& version);
  Status get(storage::BTree& tree, size_t rank);
  Status scan(storage::BTree& tree, const Leg& leg, bool there_and_back);
  // Follows a leg from where the cursor is; `on` is whether it is on a record.
  Status follow(storage::TreeCursor& cursor, Result<bool> on, const Leg& leg,
                TreeLedger::Moment since);
  void judge(size_t rank, TreeLedger::Moment since, TreeLedger::Version seen);
  void violate(const std::string& what);

  const TreeRace race_;
  const Violate violate_;
  TreeLedger ledger_;
  size_t rows_ = 0;  // there now, changes under way included
  bool grows_ = true;
  uint64_t changes_ = 0;
  uint64_t operations_ = 0;
};

}  // namespace aftersync::faults
