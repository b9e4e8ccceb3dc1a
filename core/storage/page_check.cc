// Page checks: what must hold before a page is believed.
#include "core/storage/page_check.h"

#include <cstring>

#include "core/base/crc32c.h"

namespace aftersync::storage {

namespace {

std::string where(std::string_view file, PageNo page) {
  return std::string(file) + " page " + std::to_string(page.value()) + ": ";
}

std::string hex(uint32_t v) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(v >> shift) & 15];
  return text;
}

uint32_t page_crc(const char* page) { return crc32c({page + 4, kPageBytes - 4}); }

Status mismatch(std::string_view file, PageNo page, std::string_view what,
                const std::string& expected, const std::string& found) {
  return {Code::corruption,
          where(file, page) + std::string(what) + ": expected " + expected + ", found " + found};
}

}  // namespace

std::string_view to_string(PageType type) {
  switch (type) {
    case PageType::unused: return "unused";
    case PageType::space_header: return "space header";
    case PageType::extents: return "extents";
    case PageType::segments: return "segments";
    case PageType::index: return "index";
    case PageType::overflow: return "overflow";
    case PageType::undo: return "undo";
    case PageType::undo_header: return "undo header";
    case PageType::system: return "system";
  }
  return "unknown";
}

void stamp_lsn(char* page, Lsn lsn) {
  store_be(page + kPageLsnAt, lsn.value());
  store_be(page + kPageTrailerAt, lsn.value());
}

void seal_page(char* page) { store_be(page + kPageCrcAt, page_crc(page)); }

bool is_zero_page(const char* page) {
  return page[0] == 0 && std::memcmp(page, page + 1, kPageBytes - 1) == 0;
}

Status check_page(const char* page, PageId id, std::string_view file) {
  if (is_zero_page(page)) return {};
  const auto stored = load_be<uint32_t>(page + kPageCrcAt);
  if (const uint32_t computed = page_crc(page); stored != computed) {
    return mismatch(file, id.page, "checksum", hex(computed), hex(stored));
  }
  if (page_no_of(page) != id.page) {
    return mismatch(file, id.page, "page number", std::to_string(id.page.value()),
                    std::to_string(page_no_of(page).value()));
  }
  if (space_of(page) != id.space) {
    return mismatch(file, id.page, "space id", std::to_string(id.space.value()),
                    std::to_string(space_of(page).value()));
  }
  if (const auto end = load_be<uint64_t>(page + kPageTrailerAt); end != lsn_of(page).value()) {
    return mismatch(file, id.page, "lsn at its end", std::to_string(lsn_of(page).value()),
                    std::to_string(end));
  }
  if (to_string(type_of(page)) == "unknown") {
    return {Code::unsupported, where(file, id.page) + "page type: expected a known one, found " +
                                   std::to_string(static_cast<uint8_t>(page[kPageTypeAt]))};
  }
  const auto version = static_cast<uint8_t>(page[kPageVersionAt]);
  if (type_of(page) != PageType::unused && version != kPageVersion) {
    return {Code::unsupported, where(file, id.page) + "format version of type " +
                                   std::string(to_string(type_of(page))) + ": expected " +
                                   std::to_string(kPageVersion) + ", found " +
                                   std::to_string(version)};
  }
  return {};
}

Status check_page_type(const char* page, PageType expected, std::string_view file) {
  if (type_of(page) == expected) return {};
  return mismatch(file, page_no_of(page), "page type", std::string(to_string(expected)),
                  std::string(to_string(type_of(page))));
}

}  // namespace aftersync::storage
