// A running process takes orders from fiu-ctrl: what an experiment on real servers relies on.
//
// The test is both sides: libfiu answers from a thread of its own inside this process, and fiu-ctrl
// is started as an operator would start it. fiu-ctrl returns once the order has been carried out,
// so nothing needs to be waited for.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/fault.h"

#if AFTERSYNC_FAULTS

namespace aftersync {
namespace {

constexpr const char* kPoint = "bug/wal-kv-no-fsync";

// A name for the pipes, in a folder that goes with it.
class ControlPrefix {
 public:
  ControlPrefix() {
    std::string pattern = (std::filesystem::temp_directory_path() / "aftersync-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~ControlPrefix() { std::filesystem::remove_all(directory_); }
  ControlPrefix(const ControlPrefix&) = delete;
  ControlPrefix& operator=(const ControlPrefix&) = delete;
  [[nodiscard]] std::string text() const { return (directory_ / "control").string(); }

 private:
  std::filesystem::path directory_;
};

int fiu_ctrl(const std::string& prefix, const std::string& command) {
  std::string pid = std::to_string(getpid());
  std::string program = "fiu-ctrl";
  std::string path = prefix;
  std::string order = command;
  std::string f = "-f";
  std::string c = "-c";
  char* const arguments[] = {program.data(), f.data(),   path.data(), c.data(),
                             order.data(),   pid.data(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, "fiu-ctrl", nullptr, nullptr, arguments, environ) != 0) return -1;
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool visit() { return AFTERSYNC_FAULT("bug/wal-kv-no-fsync"); }

TEST(FaultControl, FiuCtrlTurnsAPointOnAndOff) {
  const ControlPrefix prefix;
  ASSERT_TRUE(serve_fault_control(prefix.text().c_str()).ok());
  EXPECT_FALSE(visit());
  ASSERT_EQ(fiu_ctrl(prefix.text(), std::string("enable name=") + kPoint), 0);
  EXPECT_TRUE(visit());
  ASSERT_EQ(fiu_ctrl(prefix.text(), std::string("disable name=") + kPoint), 0);
  EXPECT_FALSE(visit());
  disable_all_faults();
}

TEST(FaultControl, AnImpossiblePlaceIsRefused) {
  const Status status = serve_fault_control("/nonexistent/folder/control");
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_NE(status.message().find("/nonexistent/folder/control"), std::string::npos);
}

}  // namespace
}  // namespace aftersync

#endif
