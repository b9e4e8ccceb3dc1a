// GtidText: the tokens of GTIDs.
#include "core/binlog/gtid_text.h"

#include <charconv>

#include "core/binlog/gtid.h"

namespace aftersync::binlog {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

void GtidText::skip_spaces() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool GtidText::take(char wanted) {
  skip_spaces();
  if (at_ == text_.size() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

bool GtidText::at_end() {
  skip_spaces();
  return at_ == text_.size();
}

Result<Uid> GtidText::source() {
  skip_spaces();
  const auto uid = Uid::parse(text_.substr(at_, Uid::kTextChars));
  if (!uid.ok()) return expected("a UUID");
  at_ += Uid::kTextChars;
  return *uid;
}

Result<uint64_t> GtidText::number() {
  skip_spaces();
  uint64_t number = 0;
  const char* const from = text_.data() + at_;
  const auto [end, error] = std::from_chars(from, text_.data() + text_.size(), number);
  if (error != std::errc() || number == 0 || number > kMaxGtidNumber) {
    return expected("a number from 1 to " + std::to_string(kMaxGtidNumber));
  }
  at_ += static_cast<size_t>(end - from);
  return number;
}

Status GtidText::expected(std::string_view what) const {
  return {Code::invalid_argument, "malformed GTID at character " + std::to_string(at_ + 1) + ": " +
                                      std::string(what) + " expected, found '" +
                                      std::string(text_.substr(at_, Uid::kTextChars)) + "'"};
}

}  // namespace aftersync::binlog
