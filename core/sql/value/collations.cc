// The table of collations. Numbers: MySQL 8.0, information_schema.COLLATIONS.
#include "core/sql/value/collations.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

using storage::Collation;

constexpr CollationInfo kCollations[] = {
    {"utf8mb4_general_ci", "utf8mb4", Collation::utf8mb4_general_ci, 45, 4, true},
    {"utf8mb4_bin", "utf8mb4", Collation::utf8mb4_bin, 46, 4, false},
    {"latin1_general_ci", "latin1", Collation::latin1_general_ci, 48, 1, true},
    {"latin1_bin", "latin1", Collation::latin1_bin, 47, 1, false},
    {"ascii_general_ci", "ascii", Collation::ascii_general_ci, 11, 1, true},
    {"ascii_bin", "ascii", Collation::ascii_bin, 65, 1, false},
    {"binary", "binary", Collation::binary, 63, 1, true},
};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::span<const CollationInfo> all_collations() { return kCollations; }

const CollationInfo* find_collation(std::string_view name) {
  for (const CollationInfo& one : kCollations) {
    if (same_word(one.name, name)) return &one;
  }
  return nullptr;
}

const CollationInfo* default_collation(std::string_view charset) {
  for (const CollationInfo& one : kCollations) {
    if (one.is_default && same_word(one.charset, charset)) return &one;
  }
  return nullptr;
}

const CollationInfo& info_of(storage::Collation id) {
  for (const CollationInfo& one : kCollations) {
    if (one.id == id) return one;
  }
  CHECK(false);
  return kCollations[0];
}

}  // namespace aftersync::sql
