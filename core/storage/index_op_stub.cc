// Stands in until index pages are there; then this file goes.
#include "core/storage/page_op.h"

namespace aftersync::storage {

Status apply_index_op(PageOp, PageId, std::string_view, char*) {
  return {Code::unsupported, "index pages"};
}

}  // namespace aftersync::storage
