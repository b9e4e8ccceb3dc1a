// What an open File holds. Private to this folder.
#pragma once

#include <string>

#include "core/platform/posix/unique_fd.h"

namespace aftersync {

// Constant after construction.
class FileState {
 public:
  posix::UniqueFd fd;
  std::string path;  // as given to Disk::open
  bool writable = false;
};

}  // namespace aftersync
