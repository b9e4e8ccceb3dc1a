// The newest commit note: a length and its bytes.
#include "core/storage/last_note.h"

#include "core/base/check.h"
#include "core/storage/catalog_format.h"
#include "core/storage/page_store.h"
#include "core/storage/undo_format.h"

namespace aftersync::storage {

namespace {

constexpr PageId kPage{kSystemSpace, catalog_format::kPage};

}  // namespace

void set_last_note(PageStore& store, Mtr& mtr, std::string_view note) {
  CHECK_LE(note.size(), undo_format::kMaxNoteBytes);
  auto page = mtr.fetch(kPage, Latch::exclusive, PageType::system);
  if (!page.ok()) store.node().crash("system page: " + page.status().to_string());
  std::string bytes(1, static_cast<char>(note.size()));
  bytes += note;
  mtr.set_bytes(*page, catalog_format::kNoteAt, bytes);
}

Result<std::string> last_note(PageStore& store) {
  const PinBudget budget(store.pool(), kReadPins);
  ASSIGN_OR_RETURN(const PageRef page, store.pool().fetch(kPage, Latch::shared, PageType::system));
  const char* at = page.bytes() + catalog_format::kNoteAt;
  return std::string(at + 1, static_cast<uint8_t>(*at));
}

}  // namespace aftersync::storage
