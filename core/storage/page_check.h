// Sealing a page on its way out, judging one on its way in.
#pragma once

#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/page_format.h"

namespace aftersync::storage {

// Stamps `lsn` at both ends.
void stamp_lsn(char* page, Lsn lsn);

// Fills in the checksum; the last thing before a write.
void seal_page(char* page);

[[nodiscard]] bool is_zero_page(const char* page);

// OK for a page that is what `id` should be, or all zeroes. Otherwise Code::corruption whose
// message names `file`, page, what was expected and what was found: checksum, page number, space
// id, the two lsns, or an unknown page type (Code::unsupported for an unknown version).
Status check_page(const char* page, PageId id, std::string_view file);

// Code::corruption unless the page is of type `expected`.
Status check_page_type(const char* page, PageType expected, std::string_view file);

[[nodiscard]] std::string_view to_string(PageType type);

}  // namespace aftersync::storage
