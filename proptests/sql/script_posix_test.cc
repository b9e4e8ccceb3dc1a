// The scripts get the answers that are written in them.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "proptests/sql/script_run.h"
#include "proptests/support/on_node.h"

namespace aftersync {
namespace {

constexpr const char* kFolder = "proptests/sql/scripts";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SqlScripts, GetTheAnswersThatAreWrittenInThem) {
  size_t scripts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".test") continue;
    ++scripts;
    const std::string script = text_of(entry.path());
    on_node([&](Node& node) {
      EXPECT_EQ(run_script(node, script), script)
          << "build/release/bin/sql-script " << entry.path().string() << " prints what it gets";
    });
  }
  EXPECT_GE(scripts, 3u);
}

}  // namespace
}  // namespace aftersync
