// One expression, as text, evaluated without a row: what the differential test
// compares.
#pragma once

#include <string>
#include <string_view>

namespace aftersync {

// "integer 5", "decimal 1.50", "real 0.1", "text 'a'", "binary 'a'", "date
// 2024-01-31", "NULL", or "error 1690". The time is 2024-02-29 12:34:56.
[[nodiscard]] std::string evaluate_text(std::string_view expression);

// Whether two such lines say the same: reals may differ in the last of 15
// digits, as mathematical libraries do.
[[nodiscard]] bool same_result(const std::string& a, const std::string& b);

}  // namespace aftersync
