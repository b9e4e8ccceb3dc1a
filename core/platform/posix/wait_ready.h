// The one place where a task waits for the network: interruptible, and never for longer than told.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "core/platform/time.h"

namespace aftersync {
class NodeState;
}  // namespace aftersync

namespace aftersync::posix {

enum class Readiness : uint8_t { readable, writable };

// OK when `fd` is ready, or in an error that the next call on it will tell. Code::timed_out and
// Code::shutdown with `what` in the message. A passed deadline still looks once.
[[nodiscard]] Status wait_ready(NodeState& node, int fd, Readiness wanted, MonoTime deadline,
                                std::string_view what);

// Code::shutdown once the node is shutting down.
[[nodiscard]] Status check_running(const NodeState& node, std::string_view what);

}  // namespace aftersync::posix
