// LongValue: a row's bytes as they stand in its leaf, long ones by reference.
//
// A row too long for its leaf keeps its beginning there and goes on on overflow pages. The chain
// belongs to the one version that refers to it: written before that version, given back when the
// version is taken back, or purged.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/page_store.h"
#include "core/storage/row_format.h"

namespace aftersync::storage {

class LongValue {
 public:
  LongValue(PageStore& store, const TreeRoot& tree) : store_(store), tree_(tree) {}
  // Gives back a chain that no row came to refer to.
  ~LongValue();
  LongValue(const LongValue&) = delete;
  LongValue& operator=(const LongValue&) = delete;

  // Encodes the row, writing a chain if it and its key would not fit in a leaf.
  Status write(std::span<const ColumnDef> columns, const Row& row, size_t key_bytes, TrxId trx);
  // A row refers to the chain now.
  void keep() { owns_chain_ = false; }

  [[nodiscard]] std::string_view in_leaf() const { return bytes_; }
  [[nodiscard]] uint8_t flags() const { return flags_; }

  // The row's bytes from what stands in a leaf behind the system columns.
  [[nodiscard]] static Result<std::string> read(PageStore& store, const TreeRoot& tree,
                                                std::string_view in_leaf, uint8_t flags);
  // Gives back the chain, if there is one.
  static Status free(PageStore& store, const TreeRoot& tree, std::string_view in_leaf,
                     uint8_t flags);

 private:
  PageStore& store_;
  const TreeRoot& tree_;
  std::string bytes_;
  uint8_t flags_ = 0;
  bool owns_chain_ = false;
};

}  // namespace aftersync::storage
