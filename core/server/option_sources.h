// Where options are written: option files and the command line, in mysqld's manner.
//
//   --defaults-file=F         only F, which must be there
//   --defaults-extra-file=F   F after the global files, which must be there
//   --no-defaults             no file
//   --print-defaults          say what the files and the command line come to, and exit
//   --defaults-group-suffix=S also the groups [mysqldS] and [serverS]
//
// These come first on the command line. Without them /etc/my.cnf, /etc/mysql/my.cnf and ~/.my.cnf
// are read, as far as they are there. Of a file count the groups [mysqld], [mysqld-8.0], [server]
// and [aftersyncd]. The last setting of an option holds; the command line comes after the files.
//
// A file: `name`, `name = value`, comments with # and ;, values in quotes, \n \t \r \b \s \\ \" and
// \' in values, !include FILE, !includedir DIRECTORY (its *.cnf, sorted). Names with dashes or
// underscores; skip-, disable- (off), enable- (on) before names of flags; loose- before what may be
// unknown. Source: MySQL manual 6.2.2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/server/variables.h"

namespace aftersync::server {

// One mention of an option.
struct Setting {
  std::string name;                  // as written, without leading dashes
  std::optional<std::string> value;  // nothing: the name alone
  std::string origin;                // "my.cnf:12", or "command line"
};

// How files outside of the data directory are read: by the operating system, or a test's.
class ConfigFiles {
 public:
  virtual ~ConfigFiles() = default;
  // Code::not_found when it is not there.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
  // Names, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // Empty where there is none.
  [[nodiscard]] virtual std::string home() = 0;
};

struct StartOptions {
  std::vector<Setting> settings;  // in the order in which they apply
  bool print_defaults = false;
};

// Code::invalid_argument or the file's error, with file and line.
[[nodiscard]] Result<StartOptions> read_start_options(ConfigFiles& files,
                                                      std::span<const std::string> arguments);

// Applies them to `variables`; returns warnings: values that were clipped, unknown loose- options.
// Code::invalid_argument, with file and line, for what is no option or no value of it.
[[nodiscard]] Result<std::vector<std::string>> apply_settings(std::span<const Setting> settings,
                                                              GlobalVariables& variables);

}  // namespace aftersync::server
