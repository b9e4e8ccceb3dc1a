// The real process: its beginning, its orderly end, and Node::crash.
#include "core/platform/posix/posix_node.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "core/base/check.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"

namespace aftersync {

namespace posix {

namespace {

constexpr mode_t kDirectoryMode = 0750;
constexpr mode_t kLogMode = 0640;

Result<UniqueFd> open_data_directory(const NodeOptions& options) {
  const std::string& path = options.data_directory;
  if (options.create_data_directory && ::mkdir(path.c_str(), kDirectoryMode) != 0 &&
      errno != EEXIST) {
    return name_error("create data directory " + path, errno);
  }
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return name_error("open data directory " + path, errno);
  return fd;
}

Result<UniqueFd> open_error_log(const std::string& path) {
  if (path.empty()) return UniqueFd();
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kLogMode));
  if (!fd.valid()) return name_error("open error log " + path, errno);
  return fd;
}

}  // namespace

Result<std::unique_ptr<RealNode>> RealNode::open(const NodeOptions& options) {
  auto state = std::make_unique<NodeState>();
  state->data_directory = options.data_directory;
  ASSIGN_OR_RETURN(state->data_directory_fd, open_data_directory(options));
  ASSIGN_OR_RETURN(state->error_log_fd, open_error_log(options.error_log_path));
  state->shutdown_fd = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->shutdown_fd.valid()) return name_error("create the shutdown event", errno);
  return std::unique_ptr<RealNode>(new RealNode(std::move(state)));
}

RealNode::RealNode(std::unique_ptr<NodeState> state) : state_(std::move(state)), node_(*state_) {}

RealNode::~RealNode() { CHECK_EQ(state_->live_tasks.load(), 0u); }

}  // namespace posix

// SIGABRT, so that there is a core to look at where the administrator wants one. No destructor, no
// exit handler and no flush of a stream runs.
void Node::crash(std::string_view reason) {
  error_log().write(Severity::error, "crashing on purpose: " + std::string(reason));
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

}  // namespace aftersync
