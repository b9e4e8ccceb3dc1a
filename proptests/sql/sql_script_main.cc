// sql-script FILE: runs a script of SQL (script_run.h) on a server of its own, in a directory that
// is taken away afterwards, and prints it with the answers that it gets.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/platform/posix/posix_node.h"
#include "proptests/sql/script_run.h"

int main(int argc, char** argv) {
  using namespace aftersync;
  std::ifstream file(argc == 2 ? argv[1] : "");
  if (!file.is_open()) {
    std::fprintf(stderr, "usage: sql-script FILE\n");
    return 2;
  }
  std::stringstream script;
  script << file.rdbuf();
  std::string folder = (std::filesystem::temp_directory_path() / "sql-script-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror(folder.c_str());
    return 2;
  }
  {
    auto node = posix::RealNode::open({.data_directory = folder});
    if (!node.ok()) {
      std::fprintf(stderr, "%s\n", node.status().to_string().c_str());
      return 2;
    }
    std::cout << run_script((*node)->node(), script.str());
  }
  std::filesystem::remove_all(folder);
  return 0;
}
