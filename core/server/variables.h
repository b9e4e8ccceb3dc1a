// Values of options while the server runs: those of the server, and those of a session.
//
// A session begins with the server's values as they are then, and has its own of those it sets. The
// server's values are one shared list that is never changed but replaced, so what a session costs
// is a pointer and what it has set.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/sync.h"
#include "core/server/option_value.h"

namespace aftersync::server {

using OptionValues = std::vector<OptionValue>;  // by Option

// Any task.
class GlobalVariables {
 public:
  // The values of the table.
  GlobalVariables();

  [[nodiscard]] std::shared_ptr<const OptionValues> all() const;
  [[nodiscard]] OptionValue get(Option option) const;
  [[nodiscard]] uint64_t number(Option option) const;
  [[nodiscard]] bool flag(Option option) const { return number(option) != 0; }
  [[nodiscard]] std::string text(Option option) const;
  void set(Option option, OptionValue value);

 private:
  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<const OptionValues> values_;
};

// One session's; one task.
class SessionVariables {
 public:
  explicit SessionVariables(GlobalVariables& globals) : globals_(globals), base_(globals.all()) {}

  // The session's value, or the server's of what a session has none of its own.
  [[nodiscard]] const OptionValue& get(Option option) const;
  [[nodiscard]] uint64_t number(Option option) const { return std::get<uint64_t>(get(option)); }
  [[nodiscard]] bool flag(Option option) const { return number(option) != 0; }
  [[nodiscard]] std::string text(Option option) const;
  void set(Option option, OptionValue value);
  // As at its beginning.
  void reset();
  [[nodiscard]] GlobalVariables& globals() { return globals_; }

 private:
  GlobalVariables& globals_;
  std::shared_ptr<const OptionValues> base_;
  std::vector<std::pair<Option, OptionValue>> own_;
  mutable OptionValue current_;  // the server's value, as it is now
};

}  // namespace aftersync::server
