// TableReader: one table of a TOML file, read strictly.
//
// A misspelt key in a scenario would silently switch a fault off, and the campaign would prove less
// than it says. So every key must be asked for by somebody: finish() reports the rest. The first
// mistake is kept, as "FILE:LINE: faults.kill.lasts_ms: expected ...", and later ones are not
// looked for.
//
// Include it in few files: toml++ takes seconds to compile.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace aftersync::faults {

// Parses `text`; `file` is for messages.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& file);

// Where the first mistake of a file is kept.
class TomlErrors {
 public:
  explicit TomlErrors(std::string file) : file_(std::move(file)) {}

  void report(const toml::node* where, const std::string& field, const std::string& what);
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const std::string file_;
  Status status_;
};

class TableReader {
 public:
  // `table` may be null: then every key is absent. `path` is "" for the whole file.
  TableReader(const toml::table* table, std::string path, TomlErrors& errors)
      : table_(table), path_(std::move(path)), errors_(errors) {}

  [[nodiscard]] bool has(std::string_view key) const {
    return table_ != nullptr && table_->contains(key);
  }
  [[nodiscard]] int64_t integer(std::string_view key, int64_t fallback, int64_t min, int64_t max);
  [[nodiscard]] double number(std::string_view key, double fallback, double min, double max);
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  // One number, or [low, high] with low <= high.
  struct Range {
    double low;
    double high;
  };
  [[nodiscard]] Range range(std::string_view key, Range fallback, double min, double max);
  // A table below this one, empty when absent; the caller finishes it.
  [[nodiscard]] TableReader table(std::string_view key);

  // The value of any key, marked as read; null when absent.
  [[nodiscard]] const toml::node* take(std::string_view key);
  // Keys in the order of their names.
  [[nodiscard]] std::vector<std::string> keys() const;
  // Reports a mistake in `key`.
  void mistake(std::string_view key, const std::string& what);
  // Every key that nobody has asked for is a mistake; the message names those that exist.
  void finish();

 private:
  [[nodiscard]] std::string field(std::string_view key) const;

  const toml::table* table_;
  const std::string path_;
  TomlErrors& errors_;
  std::vector<std::string> asked_;
};

}  // namespace aftersync::faults
