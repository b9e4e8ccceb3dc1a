// ParseContext: what scanner, grammar and the caller of both share while one statement is parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/ast/statement.h"
#include "core/sql/parser/parse.h"

namespace aftersync::sql {

// A half-open range of bytes of the statement: Bison's location.
struct TextRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

class ParseContext {
 public:
  ParseContext(std::string_view text, const ParseOptions& options) : text_(text), opts_(options) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const ParseOptions& options() const { return opts_; }
  // As written.
  [[nodiscard]] std::string text(TextRange range) const {
    return std::string(text_.substr(range.begin, range.end - range.begin));
  }
  // The byte at `offset`, 0 past the end; with `skip_blanks` the first that is no blank.
  [[nodiscard]] char peek(size_t offset, bool skip_blanks) const;

  // The first error counts; later ones are its consequences.
  void fail(SqlError error);
  // 1064, where the text from `at` is the one that is not understood.
  void syntax_error(TextRange at);
  // 1064 with words of our own.
  void syntax_error(std::string_view what, TextRange at);
  // 1235
  void unsupported(std::string_view what);
  [[nodiscard]] const std::optional<SqlError>& error() const { return error_; }

  // Whether a name may go on, or begin, with this byte.
  [[nodiscard]] static bool begins_name(char c);
  // 1300 for a name that is not UTF-8, 1059 for one of more than 64 characters.
  void check_name(std::string_view name);
  // For the scanner: false when the limits are exceeded; the error is set then.
  bool open_parenthesis(TextRange at);
  void close_parenthesis();
  bool begin_select();

  // Fails where the expression is too deep.
  Box<Expr> box(Expr expr, TextRange at);
  // The same without the box. What is too deep or joins too many tables is dropped.
  Expr checked(Expr expr, TextRange at);
  TableRef checked(TableRef ref, TextRange at);

  // Of the scanner: position of the next byte; inside how many /*! it is; the comment it is in.
  enum class ScannerState : uint8_t { anywhere, before_dot, after_dot };
  ScannerState scanner_state = ScannerState::anywhere;
  uint32_t offset = 0;
  uint32_t version_comments = 0;
  uint32_t comment_begin = 0;
  uint32_t comment_depth = 0;
  bool ended = false;  // a semicolon has been seen
  uint32_t parameters = 0;
  uint64_t tokens = 0;
  Statement statement;

 private:
  const std::string_view text_;
  const ParseOptions opts_;
  std::optional<SqlError> error_;
  std::vector<bool> parentheses_{false};  // whether each open one has a SELECT of its own
  uint32_t selects_ = 0;
};

// Both in grammar.yy. Returns whether a statement was read.
bool run_parser(ParseContext& context);

}  // namespace aftersync::sql
