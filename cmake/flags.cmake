# Compiler and linker settings, carried by the interface target aftersync_flags.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

# NDEBUG is never defined: assertions, ours and those of Boost.Intrusive, stay on in release.
# No -march or -msse here: what the processor can do is found out when the program runs.
# -g1 is enough for stack traces, and compiles a test file in three quarters of the time of -g;
# sanitized builds gain the same again from -O1.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
if(AFTERSYNC_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")

add_library(aftersync_flags INTERFACE)
target_include_directories(aftersync_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(aftersync_flags INTERFACE
  -fno-omit-frame-pointer
  -Wall -Wextra -Wshadow -Wundef -Wvla -Wformat=2 -Wcast-align -Wcast-qual -Wextra-semi
  -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wredundant-decls -Wunused)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports std::string concatenation as an overlapping copy (GCC bug 105651).
  target_compile_options(aftersync_flags INTERFACE -Wduplicated-cond -Wlogical-op -Wno-restrict)
endif()
if(AFTERSYNC_WERROR)
  target_compile_options(aftersync_flags INTERFACE -Werror)
endif()

# Programs hold paths relative to the repository, whoever builds them and wherever; the second form
# is what the compiler sees when ccache has made its arguments relative.
file(RELATIVE_PATH aftersync_up ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
target_compile_options(aftersync_flags INTERFACE
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${aftersync_up}=)

if(AFTERSYNC_FAULTS)
  target_compile_definitions(aftersync_flags INTERFACE AFTERSYNC_FAULTS=1 FIU_ENABLE)
else()
  target_compile_definitions(aftersync_flags INTERFACE AFTERSYNC_FAULTS=0)
endif()

if(AFTERSYNC_SANITIZE)
  set(sanitize -fsanitize=${AFTERSYNC_SANITIZE} -fno-sanitize-recover=all)
  target_compile_options(aftersync_flags INTERFACE ${sanitize})
  target_link_options(aftersync_flags INTERFACE ${sanitize})
  # The sanitizers' extra code makes g++ see uninitialised reads and overflows that are not there.
  target_compile_options(aftersync_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
  if(AFTERSYNC_SANITIZE MATCHES "address")
    target_compile_definitions(aftersync_flags INTERFACE _GLIBCXX_ASSERTIONS)
  endif()
endif()

find_program(AFTERSYNC_CCACHE ccache)
if(AFTERSYNC_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${AFTERSYNC_CCACHE})
endif()

find_program(AFTERSYNC_MOLD mold)
find_program(AFTERSYNC_LLD ld.lld)
if(AFTERSYNC_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(AFTERSYNC_LLD)
  add_link_options(-fuse-ld=lld)
endif()
add_link_options(-Wl,--as-needed)

# The sanitizers' run-time libraries need the address space of older kernels: run their tests
# without address randomisation where that may be switched off.
set(AFTERSYNC_TEST_LAUNCHER "")
if(AFTERSYNC_SANITIZE)
  execute_process(COMMAND setarch --addr-no-randomize true RESULT_VARIABLE setarch_status
    OUTPUT_QUIET ERROR_QUIET)
  if(setarch_status EQUAL 0)
    set(AFTERSYNC_TEST_LAUNCHER setarch --addr-no-randomize)
  endif()
endif()
