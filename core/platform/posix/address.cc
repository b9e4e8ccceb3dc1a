// Network addresses: parsing, and looking names up without getting stuck.
//
// getaddrinfo() knows neither deadlines nor shutdown, and asks name servers that may be gone. So
// only numbers are resolved here and now; a name is looked up by a helper thread of its own, and
// whoever asked waits for it as for a peer. The helper owns what it writes to together with the
// asker: if that has given up, the answer goes nowhere.
#include "core/platform/posix/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/base/check.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"
#include "core/platform/posix/wait_ready.h"

namespace aftersync::posix {

namespace {

struct HostPort {
  std::string host;
  std::string port;
};

Status malformed(std::string_view text, std::string_view why) {
  return {Code::invalid_argument, "address '" + std::string(text) + "': " + std::string(why)};
}

Result<HostPort> split(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed(text, "no ':' before a port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size()) {
    return malformed(text, "the port is not a number from 0 to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return malformed(text, "an IPv6 address is written in brackets");
  }
  if (host.empty()) return malformed(text, "no host");
  return HostPort{std::string(host), std::string(port)};
}

// A relative path goes through the descriptor of the data directory: it need not fit into the 108
// bytes of sun_path, and does not depend on the working directory.
Result<SocketAddress> unix_address(const NodeState& node, std::string_view text) {
  const std::string_view path = text.substr(kUnixPrefix.size());
  if (path.empty() || path.find('\0') != std::string_view::npos) return malformed(text, "no path");
  std::string name(path);
  if (path.front() != '/') {
    name = "/proc/self/fd/" + std::to_string(node.data_directory_fd.get()) + "/" + name;
  }
  SocketAddress result;
  auto& address = *reinterpret_cast<sockaddr_un*>(&result.storage);
  if (name.size() >= sizeof address.sun_path) {
    return {Code::too_large, "address '" + std::string(text) + "': the path is longer than " +
                                 std::to_string(sizeof address.sun_path - 1) + " bytes"};
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
  return result;
}

struct Lookup {
  // Constant after construction.
  HostPort name;
  UniqueFd wake;  // an eventfd, made readable after `done`
  // Set by the helper when it has written the fields below. The event wakes, this orders.
  std::atomic<bool> done{false};
  int error = 0;
  int system_error = 0;
  std::vector<SocketAddress> found;
};

void look_up(Lookup& lookup, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  lookup.error = ::getaddrinfo(lookup.name.host.c_str(), lookup.name.port.c_str(), &hints, &list);
  lookup.system_error = errno;
  if (lookup.error != 0) return;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    SocketAddress& address = lookup.found.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  ::freeaddrinfo(list);
}

void* look_up_and_tell(void* argument) {
  const std::unique_ptr<std::shared_ptr<Lookup>> lookup(
      static_cast<std::shared_ptr<Lookup>*>(argument));
  look_up(**lookup, 0);
  (*lookup)->done.store(true, std::memory_order_release);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write((*lookup)->wake.get(), &one, sizeof one);
  return nullptr;
}

Status start_helper(const std::shared_ptr<Lookup>& lookup) {
  auto argument = std::make_unique<std::shared_ptr<Lookup>>(lookup);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, nullptr, look_up_and_tell, argument.get());
  if (error != 0) return net_error("look up " + lookup->name.host, error, false);
  [[maybe_unused]] auto* const owned_by_helper = argument.release();
  ::pthread_detach(thread);
  return {};
}

Result<std::vector<SocketAddress>> look_up_name(NodeState& node, const HostPort& name,
                                                MonoTime deadline) {
  const std::string what = "look up " + name.host;
  auto lookup = std::make_shared<Lookup>();
  lookup->name = name;
  lookup->wake = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!lookup->wake.valid()) return net_error(what, errno, false);
  RETURN_IF_ERROR(start_helper(lookup));
  RETURN_IF_ERROR(wait_ready(node, lookup->wake.get(), Readiness::readable, deadline, what));
  CHECK(lookup->done.load(std::memory_order_acquire));
  if (lookup->error == EAI_SYSTEM) return net_error(what, lookup->system_error, false);
  if (lookup->error != 0) {
    return {Code::unavailable, what + ": " + ::gai_strerror(lookup->error)};
  }
  return std::move(lookup->found);
}

std::string number_text(const void* address, int family) {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(family, address, text, sizeof text) == nullptr ? "?" : text;
}

}  // namespace

Result<std::vector<SocketAddress>> resolve(NodeState& node, std::string_view text, AddressUse use,
                                           MonoTime deadline) {
  if (is_unix(text)) {
    ASSIGN_OR_RETURN(const SocketAddress address, unix_address(node, text));
    return std::vector{address};
  }
  ASSIGN_OR_RETURN(const HostPort name, split(text));
  Lookup number;
  number.name = name;
  look_up(number, AI_NUMERICHOST);
  if (number.error == 0) return std::move(number.found);
  ASSIGN_OR_RETURN(std::vector<SocketAddress> found, look_up_name(node, name, deadline));
  if (use == AddressUse::listen) {
    std::stable_partition(found.begin(), found.end(),
                          [](const SocketAddress& one) { return one.family() == AF_INET; });
  }
  return found;
}

std::string to_text(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto& in = *reinterpret_cast<const sockaddr_in*>(&address.storage);
    return number_text(&in.sin_addr, AF_INET) + ":" + std::to_string(ntohs(in.sin_port));
  }
  if (address.family() == AF_INET6) {
    const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(&address.storage);
    return "[" + number_text(&in6.sin6_addr, AF_INET6) +
           "]:" + std::to_string(ntohs(in6.sin6_port));
  }
  return std::string(kUnixPrefix);
}

}  // namespace aftersync::posix
