// Numbers as MySQL prints them, and cells that their columns cannot hold.
#include "core/wire/row_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace aftersync::wire {
namespace {

std::string text(double value, bool is_float = false, uint8_t decimals = kAnyDecimals) {
  std::string to;
  append_double_text(to, value, is_float, decimals);
  return to;
}

// What MariaDB 10.11 prints for SELECT of the same as DOUBLE, FLOAT and DOUBLE(12,2).
TEST(RowEncoding, Doubles) {
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(-0.1), "-0.1");
  EXPECT_EQ(text(1e14), "100000000000000");
  EXPECT_EQ(text(1e15), "1e15");
  EXPECT_EQ(text(-1.5e300), "-1.5e300");
  EXPECT_EQ(text(1e-5), "0.00001");
  EXPECT_EQ(text(1e-15), "0.000000000000001");
  EXPECT_EQ(text(1e-16), "1e-16");
  EXPECT_EQ(text(123456.789), "123456.789");
  EXPECT_EQ(text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(text(3.14159274, true), "3.14159");
  EXPECT_EQ(text(16777216, true), "16777200");
  EXPECT_EQ(text(2.5, false, 2), "2.50");
}

RC_GTEST_PROP(RowEncoding, DoublesAreReadBack, (double value)) {
  RC_PRE(std::isfinite(value));
  RC_ASSERT(std::stod(text(value)) == value);
}

ColumnDefinition of(FieldType type, uint16_t flags = 0) {
  ColumnDefinition column;
  column.name = "c";
  column.type = type;
  column.flags = flags;
  return column;
}

bool holds(const ColumnDefinition& column, const Cell& cell, bool binary) {
  std::string to;
  const auto append = binary ? append_binary_row : append_text_row;
  return append(to, {&column, 1}, {&cell, 1}).ok();
}

TEST(RowEncoding, Misfits) {
  const auto tiny = of(FieldType::tiny);
  const auto utiny = of(FieldType::tiny, column_flag::kUnsigned);
  EXPECT_TRUE(holds(tiny, int64_t{-128}, true));
  EXPECT_FALSE(holds(tiny, int64_t{-129}, true));
  EXPECT_FALSE(holds(tiny, uint64_t{128}, true));
  EXPECT_TRUE(holds(utiny, uint64_t{255}, true));
  EXPECT_FALSE(holds(utiny, uint64_t{256}, true));
  EXPECT_FALSE(holds(utiny, int64_t{-1}, true));
  EXPECT_FALSE(holds(tiny, 1.0, true));
  EXPECT_FALSE(holds(of(FieldType::blob), int64_t{1}, true));
  EXPECT_TRUE(holds(of(FieldType::blob), int64_t{1}, false));
  for (const bool binary : {false, true}) {
    EXPECT_FALSE(holds(of(FieldType::date), TimeCell{}, binary));
    EXPECT_FALSE(holds(of(FieldType::time), DateTimeCell{}, binary));
    EXPECT_TRUE(holds(of(FieldType::null), std::monostate(), binary));
  }
  EXPECT_FALSE(holds(of(FieldType::date), DateTimeCell{2026, 1, 1, 1, 0, 0, 0}, true));
  std::string to;
  EXPECT_EQ(append_text_row(to, {}, std::vector<Cell>(1)).code(), Code::invalid_argument);
}

}  // namespace
}  // namespace aftersync::wire
