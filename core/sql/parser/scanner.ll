%top{
// The lexical rules: MySQL manual 11.1 (literals), 11.2 (names), 11.3 (keywords), 11.7 (comments).
//
// The text is all there from the beginning, so nothing is ever read: the scanner's ways to files
// are closed below. A quoted token without an end, an odd number of hexadecimal digits and bytes
// that begin nothing become UNKNOWN_CHARACTER, which no rule of the grammar takes: a syntax error
// that points at them.
}
%{
#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "core/sql/parser/parse_context.h"
#include "sql_grammar.h"

using aftersync::sql::ParseContext;
using aftersync::sql::TextRange;
using aftersync::sql::grammar::Parser;

namespace aftersync::sql {
Parser::symbol_type next_token(ParseContext& context, void* scanner);
}

#define YY_DECL \
  Parser::symbol_type aftersync::sql::next_token(ParseContext& context, void* yyscanner)
#define YY_NO_UNPUT 1
#define YY_INPUT(buffer, result, size) ((result) = YY_NULL)
#define YY_FATAL_ERROR(message) ::aftersync::check_failed(__FILE__, __LINE__, message)
#undef ECHO
#define ECHO
#undef stdin
#undef stdout
#define stdin (static_cast<FILE*>(nullptr))
#define stdout (static_cast<FILE*>(nullptr))

#define YY_USER_ACTION                                                          \
  at = TextRange{context.offset, context.offset + static_cast<uint32_t>(yyleng)}; \
  context.offset = at.end;

#define TOKEN(name) return Parser::make_##name(at)

namespace {

enum class When : uint8_t { always, directly_before_parenthesis, before_parenthesis };

struct Keyword {
  std::string_view word;
  int token;
  When when;
};

constexpr Keyword kKeywords[] = {
#define KEYWORD(word, name) {#word, Parser::token::TOK_##name, When::always},
#define CALL(word, name) {#word, Parser::token::TOK_##name, When::directly_before_parenthesis},
#define SPACED_CALL(word, name) {#word, Parser::token::TOK_##name, When::before_parenthesis},
#include "core/sql/parser/keywords.def"
#undef KEYWORD
#undef CALL
#undef SPACED_CALL
};
constexpr size_t kLongestKeyword = 32;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

const Keyword* find_keyword(std::string_view text) {
  char word[kLongestKeyword];
  if (text.size() > sizeof word) return nullptr;
  std::transform(text.begin(), text.end(), word, upper);
  const std::string_view wanted(word, text.size());
  const Keyword* end = std::end(kKeywords);
  const Keyword* found = std::lower_bound(
      std::begin(kKeywords), end, wanted,
      [](const Keyword& keyword, std::string_view name) { return keyword.word < name; });
  return found != end && found->word == wanted ? found : nullptr;
}

bool is_charset(std::string_view name) {
  static constexpr std::string_view kCharsets[] = {"ascii", "binary",  "latin1",
                                                   "utf8",  "utf8mb3", "utf8mb4"};
  return std::find(std::begin(kCharsets), std::end(kCharsets), name) != std::end(kCharsets);
}

// A name longer than MySQL allows, or not UTF-8, is an error of its own.
Parser::symbol_type identifier(ParseContext& context, std::string name, TextRange at) {
  context.check_name(name);
  return Parser::make_IDENT(std::move(name), at);
}

// A date keyword directly before a string begins a literal; see DATE_PREFIX in the grammar.
bool is_temporal_literal(const ParseContext& context, const Keyword& keyword, TextRange at) {
  const int token = keyword.token;
  const char next = context.peek(at.end, true);
  const bool quote = next == '\'' || (next == '"' && !context.options().ansi_quotes);
  return quote && (token == Parser::token::TOK_DATE || token == Parser::token::TOK_TIME ||
                   token == Parser::token::TOK_TIMESTAMP);
}

Parser::symbol_type word(ParseContext& context, std::string_view text, TextRange at) {
  const Keyword* keyword = find_keyword(text);
  const bool spaces = keyword != nullptr &&
                      (keyword->when == When::before_parenthesis
                      || context.options().ignore_space);
  if (keyword == nullptr ||
      (keyword->when != When::always && context.peek(at.end, spaces) != '(')) {
    if (text[0] == '_') {
      std::string charset(text.substr(1));
      std::transform(charset.begin(), charset.end(), charset.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (is_charset(charset)) return Parser::make_INTRODUCER(std::move(charset), at);
    }
    return identifier(context, std::string(text), at);
  }
  if (is_temporal_literal(context, *keyword, at)) {
    if (keyword->token == Parser::token::TOK_DATE) return Parser::make_DATE_PREFIX(at);
    if (keyword->token == Parser::token::TOK_TIME) return Parser::make_TIME_PREFIX(at);
    return Parser::make_TIMESTAMP_PREFIX(at);
  }
  if (keyword->token == Parser::token::TOK_SELECT && !context.begin_select()) {
    return Parser::make_UNKNOWN_CHARACTER(at);
  }
  return {keyword->token, at};
}

// What stands between the quotes: doubled quotes are one, and backslashes escape (11.1.1). \% and
// \_ keep their backslash, which LIKE will want to see.
std::string unquoted(std::string_view text, bool backslash_escapes) {
  const char quote = text[0];
  text = text.substr(1, text.size() - 2);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == quote) {
      ++i;
    } else if (c == '\\' && backslash_escapes) {
      const char escaped = text[++i];
      switch (escaped) {
        case '0': out += '\0'; continue;
        case 'b': out += '\b'; continue;
        case 'n': out += '\n'; continue;
        case 'r': out += '\r'; continue;
        case 't': out += '\t'; continue;
        case 'Z': out += '\x1a'; continue;
        case '%':
        case '_': out += '\\'; [[fallthrough]];
        default: out += escaped; continue;
      }
    }
    out += c;
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return upper(c) - 'A' + 10;
}

// `bits` of each digit; an incomplete first byte is filled up with zeroes.
std::string from_digits(std::string_view digits, unsigned bits) {
  std::string bytes;
  const size_t digits_a_byte = 8 / bits;
  size_t in_byte = (digits_a_byte - digits.size() % digits_a_byte) % digits_a_byte;
  unsigned byte = 0;
  for (const char c : digits) {
    byte = (byte << bits) | static_cast<unsigned>(hex_digit(c));
    if (++in_byte == digits_a_byte) {
      bytes += static_cast<char>(byte);
      byte = 0;
      in_byte = 0;
    }
  }
  return bytes;
}

// The digits of a comment's version; 0 without any.
uint32_t version_of(std::string_view comment) {
  uint32_t version = 0;
  for (const char c : comment.substr(3)) version = version * 10 + static_cast<uint32_t>(c - '0');
  return version;
}

}  // namespace
%}

%option reentrant noyywrap nodefault never-interactive nounput noinput 8bit
%option noyyalloc noyyrealloc noyyfree
%option prefix="aftersync_sql_"

%x COMMENT SKIPPED AFTER_NAME AFTER_DOT
%s NO_BACKSLASH

BLANK       [ \t\n\v\f\r]
NAME        [A-Za-z0-9_$\x80-\xff]
BACKTICKED  `([^`]|``)+`
PIECE       {NAME}+|{BACKTICKED}

%%

%{
  TextRange at;
  if (context.error()) return Parser::make_UNKNOWN_CHARACTER({context.offset, context.offset});
  if (context.ended) return Parser::make_YYEOF({context.offset, context.offset});
  const ParseContext::ScannerState resume = context.scanner_state;
  if (resume == ParseContext::ScannerState::before_dot) {
    BEGIN(AFTER_NAME);
  } else if (resume == ParseContext::ScannerState::after_dot) {
    BEGIN(AFTER_DOT);
  } else if (context.options().no_backslash_escapes) {
    BEGIN(NO_BACKSLASH);
  } else {
    BEGIN(INITIAL);
  }
  context.scanner_state = ParseContext::ScannerState::anywhere;
%}

{BLANK}+                      { }
"#"[^\n]*                     { }
"--"[ \t\v\f\r\x01-\x08\x0e-\x1f][^\n]*  { }
"--\n"                        { }
"--"                          {
    if (at.end == context.text().size()) break;
    yyless(1);
    context.offset = at.begin + 1;
    return Parser::make_MINUS({at.begin, at.begin + 1});
  }

"/*!"([0-9]{5,6})?            {
    if (version_of({yytext, static_cast<size_t>(yyleng)}) <= aftersync::sql::kVersionOfComments) {
      ++context.version_comments;
    } else {
      context.comment_depth = 1;
      BEGIN(SKIPPED);
    }
  }
"*/"                          {
    if (context.version_comments > 0) {
      --context.version_comments;
      break;
    }
    yyless(1);
    context.offset = at.begin + 1;
    return Parser::make_STAR({at.begin, at.begin + 1});
  }
"/*"                          { context.comment_begin = at.begin; BEGIN(COMMENT); }
<COMMENT>{
  [^*]+                       { }
  "*"+[^*/]                   { }
  "*"+"/" {
    BEGIN(context.options().no_backslash_escapes ? NO_BACKSLASH : INITIAL);
  }
  "*"+                        { }
  <<EOF>>                     {
    context.ended = true;
    return Parser::make_UNKNOWN_CHARACTER({context.comment_begin, context.offset});
  }
}
<SKIPPED>{
  [^*/]+                      { }
  "/*"                        { ++context.comment_depth; }
  "*/"                        {
    if (--context.comment_depth == 0) {
      BEGIN(context.options().no_backslash_escapes ? NO_BACKSLASH : INITIAL);
    }
  }
  [*/]                        { }
  <<EOF>>                     {
    context.ended = true;
    return Parser::make_UNKNOWN_CHARACTER({context.offset, context.offset});
  }
}

<INITIAL>'([^'\\]|\\(.|\n)|'')*' {
    return Parser::make_TEXT(unquoted({yytext, static_cast<size_t>(yyleng)}, true), at);
  }
<NO_BACKSLASH>'([^']|'')*' {
    return Parser::make_TEXT(unquoted({yytext, static_cast<size_t>(yyleng)}, false), at);
  }
<INITIAL>\"([^"\\]|\\(.|\n)|\"\")*\"  {
    const std::string_view text(yytext, static_cast<size_t>(yyleng));
    if (!context.options().ansi_quotes) return Parser::make_TEXT(unquoted(text, true), at);
    // The name ends at the first quote that is not doubled, whatever backslashes there are.
    size_t end = 1;
    while (text[end] != '"' || (end + 1 < text.size() && text[end + 1] == '"')) {
      end += text[end] == '"' ? 2 : 1;
      if (end >= text.size()) return Parser::make_UNKNOWN_CHARACTER(at);
    }
    yyless(static_cast<int>(end) + 1);
    context.offset = at.begin + static_cast<uint32_t>(end) + 1;
    const TextRange name{at.begin, context.offset};
    if (context.peek(name.end, false) == '.') context.scanner_state =
        ParseContext::ScannerState::before_dot;
    return identifier(context, unquoted(text.substr(0, end + 1), false), name);
  }
<NO_BACKSLASH>\"([^"]|\"\")*\"  {
    std::string text = unquoted({yytext, static_cast<size_t>(yyleng)}, false);
    if (!context.options().ansi_quotes) return Parser::make_TEXT(std::move(text), at);
    return identifier(context, std::move(text), at);
  }
<INITIAL>[nN]'([^'\\]|\\(.|\n)|'')*' {
    return Parser::make_NATIONAL_TEXT(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        true), at);
  }
<NO_BACKSLASH>[nN]'([^']|'')*' {
    return Parser::make_NATIONAL_TEXT(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        false), at);
  }

[xX]'([0-9a-fA-F]{2})*' {
    return Parser::make_HEX_STRING(from_digits({yytext + 2, static_cast<size_t>(yyleng) - 3},
        4), at);
  }
[bB]'[01]*' {
    return Parser::make_BIT_STRING(from_digits({yytext + 2, static_cast<size_t>(yyleng) - 3},
        1), at);
  }
[xX]'[^']*'?                  { TOKEN(UNKNOWN_CHARACTER); }
[bB]'[^']*'?                  { TOKEN(UNKNOWN_CHARACTER); }
0x[0-9a-fA-F]+ {
    return Parser::make_HEX_STRING(from_digits({yytext + 2, static_cast<size_t>(yyleng) - 2},
        4), at);
  }
0b[01]+ {
    return Parser::make_BIT_STRING(from_digits({yytext + 2, static_cast<size_t>(yyleng) - 2},
        1), at);
  }
[0-9]+                        { return Parser::make_INTEGER_NUMBER(yytext, at); }
[0-9]+[eE][+-]?[0-9]+         { return Parser::make_FLOAT_NUMBER(yytext, at); }
[0-9]+"."[0-9]*|"."[0-9]+     { return Parser::make_DECIMAL_NUMBER(yytext, at); }
([0-9]+"."[0-9]*|"."[0-9]+)[eE][+-]?[0-9]+  { return Parser::make_FLOAT_NUMBER(yytext, at); }

{NAME}+                       {
    const std::string_view text(yytext, static_cast<size_t>(yyleng));
    // Before a dot and another name every word is a name (11.2).
    if (context.peek(at.end, false) == '.'
        && ParseContext::begins_name(context.peek(at.end + 1, false))) {
      context.scanner_state = ParseContext::ScannerState::before_dot;
      return identifier(context, std::string(text), at);
    }
    return word(context, text, at);
  }
{BACKTICKED}                  {
    if (context.peek(at.end, false) == '.') context.scanner_state =
        ParseContext::ScannerState::before_dot;
    return identifier(context, unquoted({yytext, static_cast<size_t>(yyleng)}, false), at);
  }
<AFTER_NAME>"." {
    context.scanner_state = ParseContext::ScannerState::after_dot;
    TOKEN(DOT);
  }
<AFTER_DOT>{NAME}+            {
    const bool more = context.peek(at.end, false) == '.';
    if (more) context.scanner_state = ParseContext::ScannerState::before_dot;
    return identifier(context, yytext, at);
  }
<AFTER_DOT>{BACKTICKED}       {
    if (context.peek(at.end, false) == '.') context.scanner_state =
        ParseContext::ScannerState::before_dot;
    return identifier(context, unquoted({yytext, static_cast<size_t>(yyleng)}, false), at);
  }
<AFTER_DOT>.|\n               {
    yyless(0);
    context.offset = at.begin;
    BEGIN(context.options().no_backslash_escapes ? NO_BACKSLASH : INITIAL);
  }
<AFTER_NAME>[^.]              { TOKEN(UNKNOWN_CHARACTER); }

"@@"{PIECE}("."{PIECE}){0,2} {
    return Parser::make_SYSTEM_VARIABLE(std::string(yytext + 2,
        static_cast<size_t>(yyleng) - 2), at);
  }
"@"[A-Za-z0-9_$.\x80-\xff]+ {
    return Parser::make_USER_VARIABLE(std::string(yytext + 1, static_cast<size_t>(yyleng) - 1),
        at);
  }
"@"`([^`]|``)*` {
    return Parser::make_USER_VARIABLE(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        false), at);
  }
<INITIAL>"@"'([^'\\]|\\(.|\n)|'')*' {
    return Parser::make_USER_VARIABLE(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        true), at);
  }
<INITIAL>"@"\"([^"\\]|\\(.|\n)|\"\")*\" {
    return Parser::make_USER_VARIABLE(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        true), at);
  }
<NO_BACKSLASH>"@"'([^']|'')*' {
    return Parser::make_USER_VARIABLE(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        false), at);
  }
<NO_BACKSLASH>"@"\"([^"]|\"\")*\" {
    return Parser::make_USER_VARIABLE(unquoted({yytext + 1, static_cast<size_t>(yyleng) - 1},
        false), at);
  }

":="                          { TOKEN(ASSIGN); }
"<=>"                         { TOKEN(NULL_SAFE_EQ); }
"<>"|"!="                     { TOKEN(NE); }
"<="                          { TOKEN(LE); }
">="                          { TOKEN(GE); }
"<<"                          { TOKEN(SHIFT_LEFT); }
">>"                          { TOKEN(SHIFT_RIGHT); }
"&&"                          { TOKEN(AND); }
"||"                          {
    if (context.options().pipes_as_concat) TOKEN(CONCAT_PIPES);
    TOKEN(OR);
  }
"="                           { TOKEN(EQ); }
"<"                           { TOKEN(LT); }
">"                           { TOKEN(GT); }
"+"                           { TOKEN(PLUS); }
"-"                           { TOKEN(MINUS); }
"*"                           { TOKEN(STAR); }
"/"                           { TOKEN(SLASH); }
"%"                           { TOKEN(PERCENT); }
"^"                           { TOKEN(CARET); }
"~"                           { TOKEN(TILDE); }
"!"                           { TOKEN(EXCLAMATION); }
"|"                           { TOKEN(PIPE); }
"&"                           { TOKEN(AMPERSAND); }
","                           { TOKEN(COMMA); }
"."                           { TOKEN(DOT); }
"?"                           { TOKEN(PARAMETER); }
"("                           {
    if (!context.open_parenthesis(at)) TOKEN(UNKNOWN_CHARACTER);
    TOKEN(OPEN);
  }
")"                           { context.close_parenthesis(); TOKEN(CLOSE); }
";"                           {
    context.ended = true;
    if (context.version_comments > 0) TOKEN(UNKNOWN_CHARACTER);
    TOKEN(SEMICOLON);
  }
.|\n                          { TOKEN(UNKNOWN_CHARACTER); }
<<EOF>>                       {
    if (context.version_comments > 0) {
      context.version_comments = 0;
      return Parser::make_UNKNOWN_CHARACTER({context.offset, context.offset});
    }
    context.ended = true;
    return Parser::make_YYEOF({context.offset, context.offset});
  }

%%

// Through the language's own allocation, as everything in the engine: a simulated process that is
// killed leaves nothing. The size stands before the block, for reallocation.
namespace {
constexpr size_t kHeader = alignof(std::max_align_t);
}

void* yyalloc(size_t bytes, void* /*scanner*/) {
  char* block = static_cast<char*>(::operator new(kHeader + bytes));
  std::memcpy(block, &bytes, sizeof bytes);
  return block + kHeader;
}

void yyfree(void* held, void* /*scanner*/) {
  if (held != nullptr) ::operator delete(static_cast<char*>(held) - kHeader);
}

void* yyrealloc(void* held, size_t bytes, void* scanner) {
  void* bigger = yyalloc(bytes, scanner);
  if (held != nullptr) {
    size_t old = 0;
    std::memcpy(&old, static_cast<char*>(held) - kHeader, sizeof old);
    std::memcpy(bigger, held, std::min(old, bytes));
    yyfree(held, scanner);
  }
  return bigger;
}

namespace aftersync::sql {

void* open_scanner(ParseContext& context);
void close_scanner(void* scanner);

void* open_scanner(ParseContext& context) {
  yyscan_t scanner = nullptr;
  CHECK_EQ(yylex_init(&scanner), 0);
  yy_scan_bytes(context.text().data(), static_cast<int>(context.text().size()), scanner);
  return scanner;
}

void close_scanner(void* scanner) { yylex_destroy(scanner); }

}  // namespace aftersync::sql
