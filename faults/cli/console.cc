// Console output: lines, progress, files.
#include "faults/cli/console.h"

#include <cstdio>
#include <fstream>

namespace aftersync::faults::cli {

namespace {

constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void complain(const std::string& line) {
  std::fputs(("aftersync-sim: " + line + "\n").c_str(), stderr);
}

void show_progress(const Console& console, const std::string& line) {
  if (!console.progress) return;
  std::fputs((kEraseLine + line).c_str(), stderr);
  std::fflush(stderr);
}

void clear_progress(const Console& console) {
  if (console.progress) std::fputs(kEraseLine, stderr);
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (out) return true;
  complain("cannot write '" + path + "'");
  return false;
}

}  // namespace aftersync::faults::cli
