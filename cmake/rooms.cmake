# How a folder becomes libraries, programs and tests.
#
#   core/**.cc                    libaftersync.a (engine), save core/platform/posix
#   core/base/**.cc               also libaftersync_base.a, for programs without the engine
#   core/platform/posix/**.cc     libaftersync_posix.a   platform: the operating system
#   faults/sim/**.cc              libaftersync_sim.a     platform: the simulator
#   faults/plan/**.cc             libaftersync_plan.a
#   faults/demo/**.cc             libaftersync_demo.a    on either platform
#   faults/pair/**.cc             libaftersync_pair.a    on either platform
#   faults/scenarios/*.toml       compiled into the next as text
#   faults/** (the rest)          libaftersync_scenarios.a
#   model/**.cc                   libaftersync_model.a   links nothing but core/base
#   X/**/NAME_main.cc             program NAME, underscores become hyphens; those of a room of
#                                 proptests/ are posix and have the room's helpers
#   proptests/R/**_test.cc        in program test-R-posix
#   proptests/R/**_posix_test.cc  in program test-R-posix
#   proptests/R/**_sim_test.cc    in program test-R-sim
#   proptests/R/**_contract_test.cc  in both, compiled once for each with AFTERSYNC_ON_SIM=0 or 1
#   proptests/R/** (the rest)     helpers: in both programs of the room
#   proptests/support/**.cc       helpers of all rooms: *_posix.cc, *_sim.cc or both; a main() here
#                                 replaces that of GoogleTest
#   bench/**.cc                   program aftersync-bench (posix)
#   bench/**_sim.cc               program aftersync-sim-bench (simulator)
#   bench/**_test.cc              in program test-bench-posix
#
# The libraries name no dependencies on each other. A program states its platform, and gets that
# platform, the engine and the rest in one group in which the linker resolves in any order.

# Sources below the current folder in OUT; MATCH and EXCEPT are regular expressions on the path
# relative to the current folder. Programs (NAME_main.cc) are never among them.
function(aftersync_sources OUT)
  cmake_parse_arguments(arg "" "" "MATCH;EXCEPT" ${ARGN})
  file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cc)
  list(FILTER found EXCLUDE REGEX "_main\\.cc$")
  foreach(expression IN LISTS arg_MATCH)
    list(FILTER found INCLUDE REGEX "${expression}")
  endforeach()
  foreach(expression IN LISTS arg_EXCEPT)
    list(FILTER found EXCLUDE REGEX "${expression}")
  endforeach()
  set(${OUT} ${found} PARENT_SCOPE)
endfunction()

# A static library with the common flags. A room without sources yet becomes an empty archive.
function(aftersync_library NAME)
  if(NOT ARGN)
    file(WRITE ${CMAKE_BINARY_DIR}/empty/${NAME}.cc "// This room holds no sources yet.\n")
    set(ARGN ${CMAKE_BINARY_DIR}/empty/${NAME}.cc)
  endif()
  add_library(${NAME} STATIC ${ARGN})
  target_link_libraries(${NAME} PUBLIC aftersync_flags)
endfunction()

# Links one platform and everything that runs on it. PLATFORM none: only base and model.
function(aftersync_link TARGET PLATFORM)
  if(PLATFORM STREQUAL "posix")
    set(libraries aftersync_engine aftersync_posix aftersync_demo aftersync_pair aftersync_model)
  elseif(PLATFORM STREQUAL "sim")
    set(libraries aftersync_engine aftersync_sim aftersync_plan aftersync_demo aftersync_pair
      aftersync_scenarios aftersync_model)
  elseif(PLATFORM STREQUAL "none")
    set(libraries aftersync_base aftersync_model)
  else()
    message(FATAL_ERROR "${TARGET}: platform '${PLATFORM}' is none of posix, sim, none")
  endif()
  list(JOIN libraries "," group)
  target_link_libraries(${TARGET} PRIVATE "$<LINK_GROUP:RESCAN,${group}>" aftersync_flags
    CLI11::CLI11)
endfunction()

# Every NAME_main.cc below the current folder, or its folder IN, becomes bin/NAME on the given
# platform; each is compiled together with SOURCES. EXCEPT as in aftersync_sources.
function(aftersync_programs PLATFORM)
  cmake_parse_arguments(arg "" "IN" "SOURCES;EXCEPT" ${ARGN})
  set(pattern *_main.cc)
  if(arg_IN)
    set(pattern ${arg_IN}/*_main.cc)
  endif()
  file(GLOB_RECURSE mains CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${pattern})
  foreach(expression IN LISTS arg_EXCEPT)
    list(FILTER mains EXCLUDE REGEX "${expression}")
  endforeach()
  foreach(main IN LISTS mains)
    get_filename_component(name ${main} NAME)
    string(REGEX REPLACE "_main\\.cc$" "" name ${name})
    string(REPLACE "_" "-" name ${name})
    add_executable(${name} ${main} ${arg_SOURCES})
    aftersync_link(${name} ${PLATFORM})
  endforeach()
endfunction()

# One GoogleTest program and its ctest entry, run from the top of the repository.
function(aftersync_test NAME)
  cmake_parse_arguments(arg "" "PLATFORM;ROOM" "SOURCES" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${NAME} ${arg_SOURCES})
  # The engine that is tested is optimised; the tests themselves, mostly templates that run once,
  # compile in three quarters of the time without it, and in half of it under the sanitizers.
  target_compile_options(${NAME} PRIVATE -O0)
  target_link_libraries(${NAME} PRIVATE aftersync_test_support_${arg_PLATFORM})
  aftersync_link(${NAME} ${arg_PLATFORM})
  target_link_libraries(${NAME} PRIVATE rapidcheck GTest::gmock GTest::gtest GTest::gtest_main)
  add_test(NAME ${NAME} COMMAND ${AFTERSYNC_TEST_LAUNCHER} $<TARGET_FILE:${NAME}>
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(timeout_s 300)
  if(AFTERSYNC_SANITIZE)
    set(timeout_s 600)
  endif()
  set_tests_properties(${NAME} PROPERTIES LABELS "${arg_PLATFORM};${arg_ROOM}"
    TIMEOUT ${timeout_s})
endfunction()
