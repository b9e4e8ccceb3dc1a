// A cursor over one line of JSON, made for reading millions of lines.
//
// The line must be followed by '\n', which no JSON value contains: it stops every loop, so the hot
// paths compare no pointers. The first failure is kept with its place; later ones are ignored, and
// every function then returns false. Nothing is copied but texts with escapes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aftersync::model {

class JsonCursor {
 public:
  // `line` excludes the '\n' that must follow it.
  explicit JsonCursor(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  [[nodiscard]] const char* at() const { return at_; }
  [[nodiscard]] bool failed() const { return reason_ != nullptr; }
  [[nodiscard]] const char* reason() const { return reason_; }
  [[nodiscard]] const char* failed_at() const { return failed_at_; }

  // Always false, for `return cursor.fail("...")`. `reason` must outlive the cursor.
  bool fail(const char* reason) {
    if (reason_ == nullptr) {
      reason_ = reason;
      failed_at_ = at_;
    }
    return false;
  }

  // The next character that is no blank; '\n' at the end of the line.
  char peek() {
    while (*at_ == ' ' || *at_ == '\t' || (*at_ == '\r' && at_ < end_)) ++at_;
    return at_ < end_ ? *at_ : '\n';
  }
  // Steps over `c` if it is next.
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool expect(char c, const char* reason) { return take(c) || fail(reason); }

  // A literal without blanks or a longer word after it: null, true, false.
  bool take_word(std::string_view word);
  // An integer within +-kMaxInteger.
  bool integer(int64_t& out);
  // A text. The view lives until the next text with escapes, or as long as the line.
  bool text(std::string_view& out);
  // Any value; checks its form and its depth.
  bool skip_value(int depth = 0);
  // Nothing but blanks up to the end of the line.
  bool expect_end() { return peek() == '\n' ? true : fail("text after the end of the value"); }

 private:
  bool text_with_escapes(const char* start, std::string_view& out);
  bool escape();
  bool unicode_escape();
  bool skip_members(int depth);
  bool skip_elements(int depth);
  bool skip_number();

  const char* at_;
  const char* end_;
  const char* reason_ = nullptr;
  const char* failed_at_ = nullptr;
  std::string unescaped_;
};

}  // namespace aftersync::model
