// Decoding of redo records; included by page_op.h.
#pragma once

#include "core/base/coding.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

template <typename Visit>
Status for_each_record(std::string_view payload, Visit&& visit) {
  Reader in(payload);
  RedoRecord record;
  while (!in.at_end()) {
    const auto op = in.be<uint8_t>();
    if ((op & kSamePageBit) == 0) {
      record.page.space = SpaceId(static_cast<uint32_t>(in.varint()));
      record.page.page = PageNo(static_cast<uint32_t>(in.varint()));
    }
    record.op = static_cast<PageOp>(op & ~kSamePageBit);
    record.args = in.length_prefixed();
    if (!in.ok()) {
      return {Code::corruption, "redo record at byte " + std::to_string(in.offset()) +
                                    " of its frame does not parse"};
    }
    RETURN_IF_ERROR(visit(std::as_const(record)));
  }
  return {};
}

}  // namespace aftersync::storage
