// IndexBuild: the entries of one secondary index, all at once.
//
// The problem. Entries come in the order of the rows, which for a secondary index is as good as
// random: entered one by one into a tree larger than the pool, each would read and write a page.
//
// What it does. It gathers entries up to a bound of memory, sorts them, and writes them out as a
// run. The first run goes into the empty tree by BulkLoader: leaves filled once, 15/16 full. Where
// the entries fit in one run, which is most of the time, that is all. Further runs are entered by
// ordinary inserts, in order: each leaf is visited once a run instead of once an entry. An external
// merge would fill pages better, for temporary files and twice the writing.
//
// In a unique index equal columns stand side by side once sorted, so one comparison an entry finds
// what is there twice; only against earlier runs the tree has to be asked.
//
// The tree is one that nobody else uses, and that is dropped when the build fails or is cut short.
//
// Use by one task.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/storage/bulk_load.h"
#include "core/storage/row_store.h"
#include "core/storage/table.h"

namespace aftersync::storage {

inline constexpr size_t kIndexBuildBytes = size_t{64} << 20;

class IndexBuild {
 public:
  // Of index number `index` of `table`; its tree is empty. `run_bytes`: memory for one run.
  IndexBuild(RowStore& rows, Table& table, size_t index, size_t run_bytes = kIndexBuildBytes)
      : rows_(rows), table_(table), index_(index), run_bytes_(run_bytes) {}

  // Code::duplicate_key, naming the index; otherwise as BTree::modify.
  Status add(const Row& row, std::string_view clustered_key);
  // Writes out what is left.
  Status finish();

 private:
  struct Entry {
    std::string key;
    uint16_t clustered_bytes;  // the key's end; what is before are the columns
    bool has_null;
    [[nodiscard]] std::string_view columns() const {
      return std::string_view(key).substr(0, key.size() - clustered_bytes);
    }
  };
  Status write_run();
  Status check_neighbours() const;
  Status load_run();
  Status insert_run();

  RowStore& rows_;
  Table& table_;
  const size_t index_;
  const size_t run_bytes_;
  std::vector<Entry> run_;
  size_t bytes_ = 0;
  bool is_first_ = true;
};

}  // namespace aftersync::storage
