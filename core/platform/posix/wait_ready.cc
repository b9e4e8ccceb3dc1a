// Waiting for the network: poll(2) on the socket and on the node's shutdown event together.
#include "core/platform/posix/wait_ready.h"

#include <poll.h>

#include <cerrno>
#include <string>

#include "core/base/check.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/timespec.h"

namespace aftersync::posix {

Status wait_ready(NodeState& node, int fd, Readiness wanted, MonoTime deadline,
                  std::string_view what) {
  const auto events = static_cast<short>(wanted == Readiness::readable ? POLLIN : POLLOUT);
  while (true) {
    pollfd fds[] = {{fd, events, 0}, {node.shutdown_fd.get(), POLLIN, 0}};
    timespec timeout{};
    if (deadline != kNever) timeout = to_timespec(deadline - mono_now());
    const int ready = ::ppoll(fds, 2, deadline == kNever ? nullptr : &timeout, nullptr);
    if (ready < 0) {
      CHECK_EQ(errno, EINTR);
      continue;
    }
    if (fds[1].revents != 0) return check_running(node, what);
    if (ready > 0) return {};
    if (mono_now() >= deadline) return {Code::timed_out, std::string(what) + ": deadline passed"};
  }
}

Status check_running(const NodeState& node, std::string_view what) {
  if (!node.shutdown.is_set()) return {};
  return {Code::shutdown, std::string(what) + ": the node is shutting down"};
}

}  // namespace aftersync::posix
