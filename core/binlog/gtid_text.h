// The tokens of GTIDs and GTID sets as text, for both of their parsers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/base/uid.h"

namespace aftersync::binlog {

class GtidText {
 public:
  explicit GtidText(std::string_view text) : text_(text) {}

  // Skips spaces; then whether the next character is `wanted`, which is taken.
  [[nodiscard]] bool take(char wanted);
  [[nodiscard]] bool at_end();
  [[nodiscard]] Result<Uid> source();
  [[nodiscard]] Result<uint64_t> number();
  // Code::invalid_argument: what was expected where.
  [[nodiscard]] Status expected(std::string_view what) const;

 private:
  void skip_spaces();

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace aftersync::binlog
