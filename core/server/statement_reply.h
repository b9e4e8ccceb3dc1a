// StatementReply: what a statement of the server's own came to; and values out of expressions.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/server/listing.h"
#include "core/sql/exec/session.h"

namespace aftersync::server {

struct Done {
  uint64_t affected_rows = 0;
};

// An OK, rows, or an error.
using StatementReply = std::variant<Done, Listing, sql::SqlError>;

[[nodiscard]] inline StatementReply reply_of(std::optional<sql::SqlError> error) {
  if (error) return *std::move(error);
  return Done();
}

// The value of an expression without columns, in a session: with its variables and functions.
[[nodiscard]] std::variant<sql::TypedValue, sql::SqlError> evaluate(sql::Session& session,
                                                                    const sql::Expr& expr);

// Commits what runs, as statements do that commit implicitly.
[[nodiscard]] std::optional<sql::SqlError> commit_before(sql::Session& session);

}  // namespace aftersync::server
