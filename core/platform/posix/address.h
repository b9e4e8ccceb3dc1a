// Network addresses: from our text to the system's structures and back.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/time.h"

namespace aftersync {
class NodeState;
}  // namespace aftersync

namespace aftersync::posix {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

inline constexpr std::string_view kUnixPrefix = "unix:";
[[nodiscard]] inline bool is_unix(std::string_view address) {
  return address.starts_with(kUnixPrefix);
}

enum class AddressUse : uint8_t { listen, connect };

// The addresses that `text` stands for: one for numbers and Unix sockets, one or more for a name.
// To listen, IPv4 before IPv6 (as mysqld's bind_address does). Code::invalid_argument: malformed;
// unavailable: name unknown; timed_out and shutdown while a name was looked up.
[[nodiscard]] Result<std::vector<SocketAddress>> resolve(NodeState& node, std::string_view text,
                                                         AddressUse use, MonoTime deadline);

// "host:port" or "[IPv6]:port" with numbers; "unix:" for a Unix socket, whose path we know better.
[[nodiscard]] std::string to_text(const SocketAddress& address);

}  // namespace aftersync::posix
