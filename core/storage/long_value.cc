// LongValue: choosing where a row's bytes go.
#include "core/storage/long_value.h"

#include "core/base/check.h"
#include "core/storage/overflow.h"

namespace aftersync::storage {

LongValue::~LongValue() {
  // What cannot be given back stays in the segment until the index is dropped.
  if (owns_chain_) (void)free_overflow(store_, tree_, bytes_);
}

Status LongValue::write(std::span<const ColumnDef> columns, const Row& row, size_t key_bytes,
                        TrxId trx) {
  CHECK(!owns_chain_);
  std::string bytes;
  RETURN_IF_ERROR(append_row(columns, row, bytes));
  if (!needs_overflow(key_bytes, kSystemBytes + bytes.size())) {
    bytes_ = std::move(bytes);
    flags_ = 0;
    return {};
  }
  ASSIGN_OR_RETURN(bytes_, write_overflow(store_, tree_, bytes, trx.value()));
  flags_ = index_format::kOverflow;
  owns_chain_ = true;
  return {};
}

Result<std::string> LongValue::read(PageStore& store, const TreeRoot& tree,
                                    std::string_view in_leaf, uint8_t flags) {
  if ((flags & index_format::kOverflow) == 0) return std::string(in_leaf);
  return read_overflow(store, tree, in_leaf);
}

Status LongValue::free(PageStore& store, const TreeRoot& tree, std::string_view in_leaf,
                       uint8_t flags) {
  if ((flags & index_format::kOverflow) == 0) return {};
  return free_overflow(store, tree, in_leaf);
}

}  // namespace aftersync::storage
