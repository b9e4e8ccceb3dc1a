// Table: an open table's definition, trees, and the keys of its rows.
//
//   clustered key   the encoded primary key; for a table without one, a hidden 8-byte row id
//   secondary key   the encoded columns of the index, then the clustered key. No part's encoding is
//                   the beginning of another's, so entries sort by the columns, then by the row.
//   secondary value length of the clustered key (2 bytes): where the key is to be cut
//
// The latch orders definition changes against row changes: DDL takes it exclusively, every row
// operation shared, for its own duration. Transactions that span a definition change are kept apart
// by the layer above.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/storage/btree.h"
#include "core/storage/row_format.h"
#include "core/storage/schema.h"

namespace aftersync::storage {

// Encodes the columns of an index. `has_null` (may be null) learns whether one of them is NULL.
Status append_index_key(const TableDef& def, size_t index, const Row& row, std::string& key,
                        bool* has_null = nullptr);

class Table {
 public:
  Table(PageStore& store, TableDef def);

  // Under the latch.
  [[nodiscard]] const TableDef& def() const { return def_; }
  [[nodiscard]] const RowLayout& layout() const { return layout_; }
  [[nodiscard]] TableId id() const { return id_; }
  [[nodiscard]] size_t indexes() const { return trees_.size(); }
  [[nodiscard]] BTree& tree(size_t index) { return *trees_.at(index); }
  // By name; Code::not_found.
  [[nodiscard]] Result<size_t> find_index(std::string_view name) const;
  [[nodiscard]] SharedMutex& latch() { return latch_; }
  [[nodiscard]] bool has_hidden_row_id() const { return def_.indexes[0].parts.empty(); }
  [[nodiscard]] bool has_unique_secondary() const { return has_unique_secondary_; }

  // append_index_key() of this table.
  Status append_key(size_t index, const Row& row, std::string& key,
                    bool* has_null = nullptr) const {
    return append_index_key(def_, index, row, key, has_null);
  }
  // The whole key of a secondary entry.
  [[nodiscard]] Result<std::string> entry_key(size_t index, const Row& row,
                                              std::string_view clustered_key) const;
  [[nodiscard]] static std::string entry_value(std::string_view clustered_key);
  // The clustered key in a secondary entry. Code::corruption.
  [[nodiscard]] static Result<std::string_view> clustered_key_of(const RecordView& entry);

  // Replaces definition and trees; the latch is held exclusively.
  void redefine(PageStore& store, TableDef def);
  // Its file could not be opened, because of `why`. Before the table is published.
  void set_lost(Status why) { lost_ = std::move(why); }
  // Why the table cannot be used: its file is lost or damaged. OK otherwise.
  [[nodiscard]] Status usable(PageStore& store) const;

 private:
  const TableId id_;
  SharedMutex latch_;
  TableDef def_;
  RowLayout layout_;
  bool has_unique_secondary_ = false;
  Status lost_;
  std::vector<std::unique_ptr<BTree>> trees_;
};

}  // namespace aftersync::storage
