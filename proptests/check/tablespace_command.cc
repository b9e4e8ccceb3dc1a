// aftersync-check tablespace PATH...: finds out which files belong together, and reports on them.
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proptests/check/data_directory.h"
#include "proptests/check/subcommand.h"
#include "proptests/check/tablespace_check.h"

namespace aftersync::check {

namespace {

// The files that a path stands for, by the directory they belong to.
using Groups = std::map<std::string, std::vector<std::string>>;

bool add_path(const std::string& path, Groups& groups) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    const std::string directory = DataDirectory::of(path);
    // A file that lies alone has nothing to do with another such.
    groups[directory.empty() ? "?" + path : directory].push_back(
        std::filesystem::absolute(path).lexically_normal().string());
    return true;
  }
  const std::string directory = std::filesystem::absolute(path).lexically_normal().string();
  const auto files = DataDirectory(directory).tablespaces();
  auto& group = groups[directory];
  group.insert(group.end(), files.begin(), files.end());
  return !files.empty();
}

void print(const TablespaceReport& report) {
  for (const std::string& finding : report.findings) std::printf("%s\n", finding.c_str());
  for (const std::string& note : report.notes) std::printf("note: %s\n", note.c_str());
  const auto count = [](uint64_t n, const char* what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  std::printf("%s, %s (%llu unused), %s\n", count(report.files, "file").c_str(),
              count(report.pages, "page").c_str(), static_cast<unsigned long long>(report.unused),
              count(report.findings.size(), "finding").c_str());
}

int run_tablespace(const std::vector<std::string>& paths) {
  const auto bad = [](const std::string& text) {
    std::fprintf(stderr, "aftersync-check tablespace: %s\n", text.c_str());
    return kBadInput;
  };
  Groups groups;
  for (const std::string& path : paths) {
    if (!add_path(path, groups)) return bad(path + ": no tablespace files there");
  }
  bool found = false;
  for (const auto& [directory, files] : groups) {
    const bool is_alone = directory.starts_with('?');
    if (groups.size() > 1) std::printf("== %s\n", directory.substr(is_alone ? 1 : 0).c_str());
    const auto report = check_tablespaces(is_alone ? "" : directory, files);
    if (!report.ok()) return bad(std::string(report.status().message()));
    print(*report);
    found |= !report->findings.empty();
  }
  if (std::fflush(stdout) != 0) return bad("cannot write the report");
  return found ? kViolated : kHolds;
}

}  // namespace

void define_tablespace(CLI::App& app, Run& run) {
  const auto paths = std::make_shared<std::vector<std::string>>();
  app.add_option("PATH", *paths, "tablespace files, or the data directories that hold them")
      ->required();
  app.callback([paths, &run] { run = [paths] { return run_tablespace(*paths); }; });
}

}  // namespace aftersync::check
