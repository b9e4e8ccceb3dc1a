// The table of errors, and their messages with arguments.
#include "core/sql/sql_error.h"

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

struct Entry {
  uint16_t number;
  std::string_view state;
  std::string_view message;
};

// In the order of ErrorName.
constexpr Entry kEntries[] = {
#define SQL_ERROR(name, number, state, message) {number, state, message},
#include "core/sql/errors.def"
#undef SQL_ERROR
};

} // namespace

SqlError make_error(ErrorName name,
                    std::initializer_list<std::string_view> args) {
  const Entry &entry = kEntries[static_cast<size_t>(name)];
  SqlError error;
  error.number = entry.number;
  error.sqlstate = entry.state;
  const auto *arg = args.begin();
  std::string_view rest = entry.message;
  for (size_t at = 0; (at = rest.find("%s")) != std::string_view::npos;) {
    CHECK(arg != args.end());
    error.message.append(rest.substr(0, at)).append(*arg++);
    rest.remove_prefix(at + 2);
  }
  CHECK(arg == args.end());
  error.message.append(rest);
  return error;
}

} // namespace aftersync::sql
