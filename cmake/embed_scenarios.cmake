# Writes a C++ file that holds the text of every scenario: cmake -DROOT=... -DOUTPUT=... -P this.
cmake_minimum_required(VERSION 3.24)
file(GLOB files RELATIVE ${ROOT} ${ROOT}/faults/scenarios/*.toml)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  # Square brackets and semicolons of TOML mean something to CMake's lists: read as hexadecimal.
  file(READ ${ROOT}/${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${bytes}")
  # A literal a line, so that no compiler finds one too long.
  string(REPEAT "\\\\x.." 20 line)
  string(REGEX REPLACE "(${line})" "\\1\"\n     \"" escaped "${escaped}")
  string(APPEND entries "    {\"${name}\", \"${file}\",\n     \"${escaped}\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Scenario files as of this build; see cmake/embed_scenarios.cmake.
#include \"faults/scenario.h\"

namespace aftersync::faults {

namespace {

constexpr EmbeddedScenario kScenarios[] = {
${entries}};

}  // namespace

std::span<const EmbeddedScenario> embedded_scenarios() { return kScenarios; }

}  // namespace aftersync::faults
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
