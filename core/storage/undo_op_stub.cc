// Stands in until undo pages are there; then this file goes.
#include "core/storage/page_op.h"

namespace aftersync::storage {

Status apply_undo_op(PageOp, PageId, std::string_view, char*) {
  return {Code::unsupported, "undo pages"};
}

}  // namespace aftersync::storage
