// The socket calls that Stream, Listener and Net share.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "core/platform/net.h"
#include "core/platform/posix/address.h"
#include "core/platform/posix/unique_fd.h"

namespace aftersync::posix {

// A stream socket of that family, non-blocking and not inherited by children.
[[nodiscard]] Result<UniqueFd> make_socket(int family, std::string_view what);

// The address of this end, as text; for a Unix socket "unix:".
[[nodiscard]] std::string local_text(int fd);

// A Stream on a connected socket. A request and its answer should not wait for each other's
// packets to fill: TCP_NODELAY.
[[nodiscard]] Stream make_stream(NodeState& node, UniqueFd fd, std::string local, std::string peer);

}  // namespace aftersync::posix
