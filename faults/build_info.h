// What this program was built from. Written at build time (cmake/build_info.cmake).
#pragma once

namespace aftersync::faults {

// The commit's short hash, with "-modified" where the tree had changes; empty when git is unknown.
extern const char* const kBuildCommit;

}  // namespace aftersync::faults
