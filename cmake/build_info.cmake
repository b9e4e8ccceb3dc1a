# Writes a C++ file with the commit that is being built: cmake -DROOT=... -DOUTPUT=... -P this. Runs
# at each build, and touches the file only when the commit has changed.
cmake_minimum_required(VERSION 3.24)
set(commit "")
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${ROOT} describe --always --dirty=-modified --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT "// See cmake/build_info.cmake.
#include \"faults/build_info.h\"

namespace aftersync::faults {

const char* const kBuildCommit = \"@commit@\";

}  // namespace aftersync::faults
")
