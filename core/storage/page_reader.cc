// PageReader: copies out of the pool.
#include "core/storage/page_reader.h"

#include <cstring>
#include <utility>

#include "core/storage/mtr.h"

namespace aftersync::storage {

Status PoolReader::read(PageId id, PageType expected, char* into) {
  const PinBudget budget(pool_, kReadPins);
  const auto page = pool_.fetch(id, Latch::shared, expected);
  RETURN_IF_ERROR(page.status());
  std::memcpy(into, page->bytes(), kPageBytes);
  return {};
}

Result<PageCopy> copy_page(PageReader& reader, PageId id, PageType expected) {
  auto bytes = std::make_unique<char[]>(kPageBytes);
  RETURN_IF_ERROR(reader.read(id, expected, bytes.get()));
  return bytes;
}

}  // namespace aftersync::storage
