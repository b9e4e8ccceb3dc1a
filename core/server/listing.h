// Listing: a small table that is made whole when it is asked for: what SHOW answers.
//
// LIKE looks at the column that the kind of SHOW says; WHERE may name any of the columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/ast/show.h"
#include "core/sql/exec/row_sink.h"
#include "core/sql/sql_error.h"

namespace aftersync::server {

struct Listing {
  std::vector<sql::ResultColumn> columns;
  std::vector<std::vector<sql::Value>> rows;

  // Declares a column: VARCHAR(chars), LONGTEXT, BIGINT UNSIGNED.
  Listing& text(std::string_view name, uint32_t chars = 64);
  Listing& long_text(std::string_view name);
  Listing& number(std::string_view name);
};

// Leaves the rows that `like` and `where` of a SHOW let through. 1054 and other errors of the
// expression.
[[nodiscard]] std::optional<sql::SqlError> filter(Listing& listing, const sql::ShowStatement& show,
                                                  size_t like_column = 0);

// Whether a text matches LIKE's pattern, without regard to case.
[[nodiscard]] bool matches_like(std::string_view text, std::string_view pattern);

}  // namespace aftersync::server
