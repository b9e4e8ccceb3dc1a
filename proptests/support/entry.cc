// main() of every test program: GoogleTest's, and the bug that a hunt asks for.
//
// AFTERSYNC_BUG=wal-kv-no-fsync plants a bug for the whole program, so that proptests/hunt can see
// whether a property notices it. (In the simulator a World switches off what it finds on when it
// ends; there bugs are planted by --bug of aftersync-sim.)
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/fault.h"

// libfiu keeps the names of its pipes until the process ends; the leak detector asks here.
extern "C" {
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libfiu.so"; }
const char* __lsan_default_options();
const char* __lsan_default_options() { return "print_suppressions=0"; }
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const char* const bug = std::getenv("AFTERSYNC_BUG"); bug != nullptr && *bug != '\0') {
    const std::string name = bug;
    const std::string full = name.starts_with("bug/") ? name : "bug/" + name;
    if (const aftersync::Status planted = aftersync::enable_fault(full); !planted.ok()) {
      std::fprintf(stderr, "AFTERSYNC_BUG: %s\n", planted.to_string().c_str());
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
