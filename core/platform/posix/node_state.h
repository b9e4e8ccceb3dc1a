// What the parts of a real Node share. Private to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/platform/posix/unique_fd.h"
#include "core/platform/sync.h"

namespace aftersync {

class NodeState {
 public:
  // Constant after construction.
  std::string data_directory;  // as given, for messages
  posix::UniqueFd data_directory_fd;
  posix::UniqueFd error_log_fd;  // not valid: standard error
  posix::UniqueFd shutdown_fd;   // an eventfd, readable from request_shutdown() on

  // Thread safe.
  Event shutdown;
  std::atomic<uint64_t> live_tasks{0};

  [[nodiscard]] int log_fd() const { return error_log_fd.valid() ? error_log_fd.get() : 2; }
};

}  // namespace aftersync
