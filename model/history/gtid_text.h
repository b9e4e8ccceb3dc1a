// Sets of GTIDs as text, for comparing what nodes executed: "UUID:1-5:7,UUID2:TAG:1".
//
// A second implementation beside the engine's own, on purpose: what judges shares no code with what
// is judged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace aftersync::model {

class GtidText {
 public:
  // Blanks and line breaks are allowed between parts.
  static Result<GtidText> parse(std::string_view text);

  // Adds all of `other`.
  void add(const GtidText& other);
  // As text, what is in this one and not in `other`; empty when nothing is.
  [[nodiscard]] std::string minus(const GtidText& other) const;

 private:
  using Interval = std::pair<uint64_t, uint64_t>;  // both ends included
  static void normalize(std::vector<Interval>& intervals);

  std::map<std::string, std::vector<Interval>> intervals_;  // by source; ascending, apart
};

}  // namespace aftersync::model
