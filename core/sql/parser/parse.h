// From the text of a statement to its tree.
//
// The grammar is grammar.yy (Bison), the lexical rules are scanner.ll (Flex); both are compiled in
// the build directory. The text is UTF-8; a client's other character sets are converted before.
//
// No text crashes the parser, or makes it take more than memory in proportion to its length. What
// nests deeper than the limits below is refused:
//
//   kMaxExpressionDepth   operators, functions and CASEs inside each other. Chains of AND and OR
//                         count once. Everything that walks a tree may recurse to this depth.
//   kMaxNestedSelects     MySQL's own limit (63)
//   kMaxJoinTables        MySQL's own limit (61)
//   kMaxParserStack       what is open at once: parentheses above all
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "core/sql/ast/statement.h"
#include "core/sql/sql_error.h"

namespace aftersync::sql {

inline constexpr uint32_t kMaxExpressionDepth = 256;
inline constexpr uint32_t kMaxNestedSelects = 63;
inline constexpr uint32_t kMaxJoinTables = 61;
inline constexpr size_t kMaxParserStack = 2000;
// Comments /*!NNNNN ... */ are part of the statement up to this version.
inline constexpr uint32_t kVersionOfComments = 80034;

// The parts of sql_mode that change what a text means (MySQL manual 5.1.11).
struct ParseOptions {
  bool ansi_quotes = false;           // "x" is an identifier
  bool no_backslash_escapes = false;  // \ is an ordinary character
  bool pipes_as_concat = false;       // || joins strings
  bool ignore_space = false;          // COUNT (*) is the function
  bool multi_statements = false;      // more may follow after a semicolon
};

struct Parsed {
  Statement statement;
  size_t length = 0;        // bytes that were read, with the semicolon: the next statement's start
  uint32_t parameters = 0;  // question marks
};

// The first statement of `text`. Errors: 1064 with MySQL's text; 1065 for nothing but blanks,
// comments and a semicolon; 1235 for what MySQL has and aftersync has not, by its name; 1059, 1115,
// 1116, 1273, 1300, 1473.
[[nodiscard]] std::variant<Parsed, SqlError> parse(std::string_view text,
                                                   const ParseOptions& options = {});

}  // namespace aftersync::sql
