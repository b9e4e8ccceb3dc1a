// Words, numbers, texts and signs of a statement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "model/table/value.h"

namespace aftersync::model::txn {

struct Token {
  enum class Kind : uint8_t { word, number, text, sign, end };
  Kind kind = Kind::end;
  std::string text;  // words in lower case
};

// Fails with invalid_argument.
[[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view text);

// Reads tokens one by one. A failed expectation is remembered; the first one counts, and after it
// every question is answered with no.
class Tokens {
 public:
  explicit Tokens(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::end; }
  [[nodiscard]] const Token& peek() const { return tokens_[at_]; }

  // Takes all of the words and signs in `expected` (separated by blanks), or none.
  bool accept(std::string_view expected);
  void expect(std::string_view expected);
  // A name; empty after a failure.
  std::string name();
  Value value();
  int64_t integer();
  void fail(const std::string& what);

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
  Status status_;
};

}  // namespace aftersync::model::txn
