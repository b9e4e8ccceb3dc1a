// Page operations: dispatch, and those that fit any page.
//
// Arguments of the generic ones:
//   init        type (1), version (1)
//   set_bytes   offset (2), bytes
//   fill        offset (2), length (2), byte (1)
//   move_bytes  to (2), from (2), length (2); ranges may overlap
//   free_page   nothing
// None of them may touch the first 24 bytes (identity, lsn) or the trailer.
#include "core/storage/page_op.h"

#include <cstring>
#include <string>

#include "core/storage/page_check.h"
#include "core/storage/page_format.h"

namespace aftersync::storage {

namespace {

Status bad_arguments(PageOp op, PageId id) {
  return {Code::corruption, "redo operation " + std::to_string(static_cast<int>(op)) +
                                " on space " + std::to_string(id.space.value()) + " page " +
                                std::to_string(id.page.value()) + " has unfit arguments"};
}

bool in_body(size_t offset, size_t length) {
  return offset >= kPagePrevAt && offset <= kPageTrailerAt && length <= kPageTrailerAt - offset;
}

void init_page(PageId id, PageType type, uint8_t version, char* page) {
  std::memset(page, 0, kPageBytes);
  store_be(page + kPageNoAt, id.page.value());
  store_be(page + kPageSpaceAt, id.space.value());
  page[kPageTypeAt] = static_cast<char>(type);
  page[kPageVersionAt] = static_cast<char>(version);
  store_be(page + kPagePrevAt, kNoPage.value());
  store_be(page + kPageNextAt, kNoPage.value());
}

Status apply_generic_op(PageOp op, PageId id, std::string_view args, char* page) {
  Reader in(args);
  switch (op) {
    case PageOp::init: {
      const auto type = static_cast<PageType>(in.be<uint8_t>());
      const auto version = in.be<uint8_t>();
      if (!in.ok() || !in.at_end()) break;
      init_page(id, type, version, page);
      return {};
    }
    case PageOp::set_bytes: {
      const size_t offset = in.be<uint16_t>();
      const std::string_view bytes = in.rest();
      if (!in.ok() || !in_body(offset, bytes.size())) break;
      std::memcpy(page + offset, bytes.data(), bytes.size());
      return {};
    }
    case PageOp::fill: {
      const size_t offset = in.be<uint16_t>();
      const size_t length = in.be<uint16_t>();
      const auto byte = in.be<uint8_t>();
      if (!in.ok() || !in.at_end() || !in_body(offset, length)) break;
      std::memset(page + offset, byte, length);
      return {};
    }
    case PageOp::move_bytes: {
      const size_t to = in.be<uint16_t>();
      const size_t from = in.be<uint16_t>();
      const size_t length = in.be<uint16_t>();
      if (!in.ok() || !in.at_end() || !in_body(to, length) || !in_body(from, length)) break;
      std::memmove(page + to, page + from, length);
      return {};
    }
    case PageOp::free_page:
      if (!args.empty()) break;
      init_page(id, PageType::unused, 0, page);
      return {};
    default: break;
  }
  return bad_arguments(op, id);
}

}  // namespace

Status apply_page_op(PageOp op, PageId id, std::string_view args, char* page) {
  const auto number = static_cast<uint8_t>(op);
  if (number >= 1 && number < 16) return apply_generic_op(op, id, args, page);
  if (number >= 16 && number < 48) return apply_index_op(op, id, args, page);
  if (number >= 48 && number < 80) return apply_undo_op(op, id, args, page);
  return {Code::unsupported, "redo operation " + std::to_string(number) + " is not known"};
}

}  // namespace aftersync::storage
