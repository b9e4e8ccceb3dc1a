// The file of SET PERSIST.
#include "core/server/persisted_variables.h"

#include "core/server/data_directory.h"
#include "core/server/option_sources.h"

namespace aftersync::server {

namespace {

constexpr const char* kFile = "mysqld-auto.cnf";

class DataDirectoryFiles : public ConfigFiles {
 public:
  explicit DataDirectoryFiles(Disk& disk) : disk_(disk) {}
  Result<std::string> read(const std::string& path) override { return read_file(disk_, path); }
  Result<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>();
  }
  std::string home() override { return {}; }

 private:
  Disk& disk_;
};

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

Status PersistedVariables::load(GlobalVariables& variables) {
  ASSIGN_OR_RETURN(const bool there, node_.disk().exists(kFile));
  if (!there) return {};
  DataDirectoryFiles files(node_.disk());
  const std::string arguments[] = {std::string("--defaults-file=") + kFile};
  ASSIGN_OR_RETURN(const StartOptions options, read_start_options(files, arguments));
  RETURN_IF_ERROR(apply_settings(options.settings, variables).status());
  const MutexLock lock(mutex_);
  for (const Setting& setting : options.settings) {
    values_[setting.name] = setting.value.value_or("");
  }
  return {};
}

Status PersistedVariables::set(std::string_view name, const std::string& value) {
  const MutexLock lock(mutex_);
  values_.insert_or_assign(std::string(name), value);
  std::string text = "# Written by SET PERSIST.\n[mysqld]\n";
  for (const auto& [one, kept] : values_) text += one + " = \"" + escaped(kept) + "\"\n";
  return replace_file(node_.disk(), kFile, text);
}

}  // namespace aftersync::server
