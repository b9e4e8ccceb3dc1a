// Dates and times as several functions see them: cut to digits, and as texts by a format.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/sql/eval/bound_expr.h"
#include "core/sql/value/temporal.h"

namespace aftersync::sql {

// With so many digits of a second, the rest cut off.
[[nodiscard]] Temporal cut_fraction(Temporal value, unsigned decimals);
// Digits of a second, or behind the point, that a value of this expression has: of a constant text
// those it shows, of any other text six.
[[nodiscard]] unsigned fraction_digits(const BoundExpr& expr);

// WEEK(date, mode), from 0 to 53, and the year that the week belongs to (14.7). `mode`: 1 weeks
// begin on Monday; 2 weeks count from 1, the first days belonging to the last week of the year
// before; 4 the first week is the first whole one, else the one with more than three days.
struct WeekOfYear {
  uint32_t week = 0;
  uint32_t year = 0;
};
[[nodiscard]] WeekOfYear week_of(const Temporal& date, unsigned mode);

// DATE_FORMAT and TIME_FORMAT; nothing where a part is asked for that zero parts do not have.
[[nodiscard]] Value format_datetime(const Temporal& value, std::string_view format);
// STR_TO_DATE: nothing for a text that is not of the format. The kind says which parts there were.
[[nodiscard]] std::optional<Temporal> parse_by_format(std::string_view text,
                                                      std::string_view format);

[[nodiscard]] std::string_view day_name(uint32_t weekday);  // 0: Monday
[[nodiscard]] std::string_view month_name(uint32_t month);  // 1: January

}  // namespace aftersync::sql
