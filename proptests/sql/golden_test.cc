// Expressions and what MariaDB 10.11 made of them, as
// proptests.sql.differential has written down.
#include <fstream>

#include <gtest/gtest.h>

#include "proptests/sql/evaluate_text.h"

namespace aftersync {
namespace {

constexpr const char* kFile = "proptests/sql/expressions.golden";

TEST(SqlGolden, ExpressionsYieldWhatMariaDbYields) {
  std::ifstream file(kFile);
  ASSERT_TRUE(file.is_open()) << kFile;
  std::string line;
  size_t lines = 0;
  while (std::getline(file, line)) {
    const size_t tab = line.rfind('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const std::string expression = line.substr(0, tab);
    const std::string result = evaluate_text(expression);
    EXPECT_TRUE(same_result(result, line.substr(tab + 1)))
        << expression << "\n  here: " << result << "\n  there: " << line.substr(tab + 1);
    ++lines;
  }
  EXPECT_GT(lines, 1000u);
}

}  // namespace
}  // namespace aftersync
