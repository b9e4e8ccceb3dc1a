// Splitting statements.
#include "model/txn/token.h"

#include <cctype>
#include <charconv>

namespace aftersync::model::txn {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t blank = std::min(text.find(' ', at), text.size());
    words.emplace_back(text.substr(at, blank - at));
    at = blank + 1;
  }
  return words;
}

// Length of the token that begins at `at`; 0 if none can.
size_t token_length(std::string_view text, size_t at) {
  size_t end = at;
  if (is_word(text[at])) {
    while (end < text.size() && is_word(text[end])) ++end;
    return end - at;
  }
  if (text[at] == '\'') {
    const size_t closing = text.find('\'', at + 1);
    return closing == std::string_view::npos ? 0 : closing + 1 - at;
  }
  const std::string_view two = text.substr(at, 2);
  if (two == "<=" || two == ">=" || two == "<>") return 2;
  return std::string_view("(),=<>*%+-").find(text[at]) == std::string_view::npos ? 0 : 1;
}

Token make_token(std::string_view text) {
  if (text[0] == '\'') return {Token::Kind::text, std::string(text.substr(1, text.size() - 2))};
  if (is_digit(text[0])) return {Token::Kind::number, std::string(text)};
  std::string folded(text);
  for (char& c : folded) c = lower(c);
  return {is_word(text[0]) ? Token::Kind::word : Token::Kind::sign, folded};
}

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const size_t length = token_length(text, at);
    if (length == 0) {
      return Status(Code::invalid_argument,
                    "column " + std::to_string(at + 1) + ": unexpected '" + text[at] + "'");
    }
    tokens.push_back(make_token(text.substr(at, length)));
    at += length;
  }
  tokens.push_back({});
  return tokens;
}

bool Tokens::accept(std::string_view expected) {
  if (!status_.ok()) return false;
  size_t at = at_;
  for (const std::string& word : words_of(expected)) {
    const Token& token = tokens_[at];
    const bool plain = token.kind == Token::Kind::word || token.kind == Token::Kind::sign;
    if (!plain || token.text != word) return false;
    ++at;
  }
  at_ = at;
  return true;
}

void Tokens::expect(std::string_view expected) {
  if (!accept(expected)) fail("expected " + std::string(expected));
}

std::string Tokens::name() {
  if (status_.ok() && peek().kind == Token::Kind::word) return tokens_[at_++].text;
  fail("expected a name");
  return "";
}

int64_t Tokens::integer() {
  const bool negative = accept("-");
  int64_t number = 0;
  if (status_.ok() && peek().kind == Token::Kind::number) {
    const std::string& digits = peek().text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size()) {
      ++at_;
      return negative ? -number : number;
    }
  }
  fail("expected an integer");
  return 0;
}

Value Tokens::value() {
  if (accept("null")) return Null();
  if (status_.ok() && peek().kind == Token::Kind::text) return tokens_[at_++].text;
  return integer();
}

void Tokens::fail(const std::string& what) {
  if (!status_.ok()) return;
  const std::string found = at_end() ? "the end" : "'" + peek().text + "'";
  status_ = Status(Code::invalid_argument, what + ", found " + found);
}

}  // namespace aftersync::model::txn
