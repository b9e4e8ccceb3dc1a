// The checkers of a table, and of the catalog that says what a table is.
//
// A table is sound when the ledger of its space adds up, each of its trees is sound (tree_check.h),
// every row can be decoded, the entries of each secondary index that are not delete-marked are
// exactly those of the rows that are not, and no segment is owned by nobody. Chains of long values
// may be left over by a crash: they are counted, and are no damage.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"
#include "core/storage/page_reader.h"
#include "core/storage/schema.h"
#include "core/storage/tree_check.h"

namespace aftersync::storage {

struct TableReport {
  uint64_t rows = 0;                      // not delete-marked
  std::vector<TreeReport> trees;          // by index
  uint64_t unreached_overflow_pages = 0;  // of undo, or left over by a crash
};

// Code::corruption, with file, page or row, and what is wrong, at the first thing found. For a
// table that nobody changes meanwhile, in which no transaction has half-done changes.
[[nodiscard]] Result<TableReport> check_table(PageReader& reader, const TableDef& def);

// The system space: its ledger, the page of ids, the tree of tables. Returns the definitions in it.
[[nodiscard]] Result<std::vector<TableDef>> check_catalog(PageReader& reader);

}  // namespace aftersync::storage
