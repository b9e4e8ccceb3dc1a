// Running the parser, its errors in MySQL's words, and its limits.
#include "core/sql/parser/parse.h"

#include <algorithm>
#include <utility>

#include "core/base/limits.h"
#include "core/sql/parser/parse_context.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

namespace {

constexpr size_t kNearBytes = 80;
constexpr std::string_view kSyntaxError =
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
    "version for the right syntax to use";

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// At most `bytes` of `text`, not ending inside a UTF-8 character.
std::string_view clipped(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

char ParseContext::peek(size_t at, bool skip_blanks) const {
  while (skip_blanks && at < text_.size() && is_blank(text_[at])) ++at;
  return at < text_.size() ? text_[at] : '\0';
}

void ParseContext::fail(SqlError error) {
  if (!error_) error_ = std::move(error);
}

void ParseContext::syntax_error(std::string_view what, TextRange at) {
  const size_t begin = std::min<size_t>(at.begin, text_.size());
  const auto lines = 1 + std::count(text_.begin(), text_.begin() + static_cast<long>(begin), '\n');
  fail(make_error(ErrorName::parse,
                  {what, clipped(text_.substr(begin), kNearBytes), std::to_string(lines)}));
}

void ParseContext::syntax_error(TextRange at) { syntax_error(kSyntaxError, at); }

void ParseContext::unsupported(std::string_view what) {
  fail(make_error(ErrorName::not_supported_yet, {what}));
}

bool ParseContext::begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '`' || static_cast<uint8_t>(c) >= 0x80;
}

void ParseContext::check_name(std::string_view name) {
  const std::optional<size_t> characters = utf8_length(name);
  if (!characters) {
    fail(make_error(ErrorName::invalid_string, {"utf8mb4", hex_text(name)}));
  } else if (*characters > limits::kMaxIdentifierChars) {
    fail(make_error(ErrorName::identifier_too_long, {name}));
  }
}

bool ParseContext::open_parenthesis(TextRange at) {
  if (parentheses_.size() >= kMaxParserStack) {
    syntax_error("Too many open parentheses", at);
    return false;
  }
  parentheses_.push_back(false);
  return true;
}

void ParseContext::close_parenthesis() {
  if (parentheses_.size() == 1) return;
  if (parentheses_.back()) --selects_;
  parentheses_.pop_back();
}

bool ParseContext::begin_select() {
  if (parentheses_.back()) return true;
  parentheses_.back() = true;
  if (++selects_ <= kMaxNestedSelects + 1) return true;
  fail(make_error(ErrorName::too_deep_select, {}));
  return false;
}

Expr ParseContext::checked(Expr expr, TextRange at) {
  if (expr.depth <= kMaxExpressionDepth) return expr;
  syntax_error("Expression nested too deeply", at);
  return {};
}

TableRef ParseContext::checked(TableRef ref, TextRange /*at*/) {
  if (ref.tables <= kMaxJoinTables) return ref;
  fail(make_error(ErrorName::too_many_tables, {std::to_string(kMaxJoinTables)}));
  return {};
}

Box<Expr> ParseContext::box(Expr expr, TextRange at) {
  return Box<Expr>(checked(std::move(expr), at));
}

std::variant<Parsed, SqlError> parse(std::string_view text, const ParseOptions& options) {
  if (text.size() >= UINT32_MAX) {
    return make_error(ErrorName::packet_too_large, {});
  }
  ParseContext context(text, options);
  if (!run_parser(context) || context.error()) {
    CHECK(context.error().has_value());
    return *context.error();
  }
  return Parsed{std::move(context.statement), context.offset, context.parameters};
}

}  // namespace aftersync::sql
