// Arguments of index operations, handed to a mini-transaction.
#include "core/storage/index_ops.h"

namespace aftersync::storage::index_ops {

namespace {

template <typename... U>
struct Packed {
  explicit Packed(U... values) {
    char* at = bytes;
    ((store_be(at, values), at += sizeof(U)), ...);
  }
  [[nodiscard]] std::string_view view() const { return {bytes, sizeof bytes}; }
  char bytes[(sizeof(U) + ...)];
};

}  // namespace

void CopyIn::add(std::string_view key, std::string_view value, uint8_t flags) {
  append_be(args_, flags);
  append_be(args_, static_cast<uint16_t>(key.size()));
  append_be(args_, static_cast<uint16_t>(value.size()));
  args_ += key;
  args_ += value;
  ++count_;
  footprint_ += index_internal::record_bytes(key.size(), value.size()) + index_format::kSlotBytes;
}

void CopyIn::add(const SlottedPage& from, uint16_t begin, uint16_t end) {
  for (uint16_t slot = begin; slot < end; ++slot) {
    const RecordView r = from.record(slot);
    add(r.key, r.value, r.flags);
  }
}

void init(Mtr& mtr, Frame* frame, IndexId index, uint16_t level) {
  mtr.apply(frame, PageOp::index_init, Packed(index.value(), level).view());
}

void insert(Mtr& mtr, Frame* frame, uint16_t slot, std::string_view key, std::string_view value,
            uint8_t flags) {
  const Packed head(slot, flags, static_cast<uint16_t>(key.size()));
  mtr.apply(frame, PageOp::index_insert, {head.view(), key, value});
}

void erase(Mtr& mtr, Frame* frame, uint16_t slot) {
  mtr.apply(frame, PageOp::index_erase, Packed(slot).view());
}

void replace(Mtr& mtr, Frame* frame, uint16_t slot, std::string_view value, uint8_t flags) {
  const Packed head(slot, flags);
  mtr.apply(frame, PageOp::index_replace, {head.view(), value});
}

void patch(Mtr& mtr, Frame* frame, uint16_t slot, uint16_t offset, std::string_view bytes) {
  const Packed head(slot, offset);
  mtr.apply(frame, PageOp::index_patch, {head.view(), bytes});
}

void set_flags(Mtr& mtr, Frame* frame, uint16_t slot, uint8_t flags) {
  mtr.apply(frame, PageOp::index_set_flags, Packed(slot, flags).view());
}

void copy_in(Mtr& mtr, Frame* frame, const CopyIn& records) {
  mtr.apply(frame, PageOp::index_copy_in, records.args());
}

void truncate(Mtr& mtr, Frame* frame, uint16_t slot) {
  mtr.apply(frame, PageOp::index_truncate, Packed(slot).view());
}

void set_links(Mtr& mtr, Frame* frame, PageNo prev, PageNo next) {
  mtr.apply(frame, PageOp::index_set_links, Packed(prev.value(), next.value()).view());
}

}  // namespace aftersync::storage::index_ops
