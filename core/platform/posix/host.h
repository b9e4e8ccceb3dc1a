// The machine as a program's main() needs it: files outside of the data directory, the process and
// its account, and the signals that ask for its end.
//
// Nothing of the engine uses this: it is handed a Node.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace aftersync::posix {

// All of a file. Code::not_found, or the error of reading it; too_large for more than 16 MiB.
[[nodiscard]] Result<std::string> read_host_file(const std::string& path);
// Replaces the file, or makes it.
Status write_host_file(const std::string& path, std::string_view text);
// Gone already counts as removed.
Status remove_host_file(const std::string& path);
// Names in a directory, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_host_directory(const std::string& path);
[[nodiscard]] std::string absolute_path(const std::string& path);
// $HOME; empty where there is none.
[[nodiscard]] std::string home_directory();
[[nodiscard]] std::string host_name();
[[nodiscard]] uint64_t process_id();
// Gives up the rights of root for those of `user`; nothing for the account it runs under already.
// Code::invalid_argument for an unknown name, permission_denied.
Status become_user(const std::string& user);

// SIGTERM, SIGINT and SIGQUIT end a server in good order; SIGHUP and SIGPIPE do nothing to it.
// Made before the first task is started, by the thread that will wait.
class StopSignals {
 public:
  StopSignals();
  // Until one of them comes; its name.
  [[nodiscard]] std::string wait();
};

}  // namespace aftersync::posix
