// Net and Listener: how connections come to be.
//
// A Unix socket leaves a name in the file system. A Listener removes its own; one that a killed
// process left behind is recognised by there being no socket behind it, and removed by the next
// listen().
#include "core/platform/net.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "core/platform/posix/address.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"
#include "core/platform/posix/socket.h"
#include "core/platform/posix/timespec.h"
#include "core/platform/posix/wait_ready.h"

namespace aftersync {

class ListenerState {
 public:
  ListenerState(NodeState& of, posix::UniqueFd socket, std::string text,
                posix::SocketAddress bound_to)
      : node(of), fd(std::move(socket)), address(std::move(text)), bound(bound_to) {}
  ~ListenerState() { remove_name(); }
  ListenerState(const ListenerState&) = delete;
  ListenerState& operator=(const ListenerState&) = delete;

  void remove_name() {
    if (posix::is_unix(address) && !name_removed.exchange(true)) {
      ::unlink(reinterpret_cast<const sockaddr_un*>(&bound.storage)->sun_path);
    }
  }

  // Constant after construction.
  NodeState& node;
  const posix::UniqueFd fd;
  const std::string address;
  const posix::SocketAddress bound;
  // Thread safe.
  std::atomic<bool> shut_down{false};
  std::atomic<bool> name_removed{false};
};

namespace posix {

Result<UniqueFd> make_socket(int family, std::string_view what) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return net_error(what, errno, false);
  return fd;
}

std::string local_text(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getsockname(fd, address.get(), &address.size) != 0) return "?";
  return to_text(address);
}

}  // namespace posix

namespace {

using posix::net_error;
using posix::Readiness;
using posix::SocketAddress;
using posix::UniqueFd;

constexpr int kBacklog = 4096;  // the kernel caps it at net.core.somaxconn
constexpr Duration kRetryPause = 2ms;

const char* unix_path(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
}

// Whether `address` names a Unix socket that its process left behind. A file that is no socket
// refuses connections as well, and must not be taken for one. Asked with a socket of another type:
// that tells one that is alive (EPROTOTYPE) from one that is not, and leaves no connection in the
// queue of the living.
bool is_stale(const SocketAddress& address) {
  struct stat status {};
  if (::lstat(unix_path(address), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return probe.valid() && ::connect(probe.get(), address.get(), address.size) != 0 &&
         errno == ECONNREFUSED;
}

int bind_socket(int fd, const SocketAddress& address) {
  if (::bind(fd, address.get(), address.size) == 0) return 0;
  const int error = errno;
  if (error != EADDRINUSE || address.family() != AF_UNIX || !is_stale(address)) return error;
  ::unlink(unix_path(address));
  return ::bind(fd, address.get(), address.size) == 0 ? 0 : errno;
}

Result<UniqueFd> listen_on(const SocketAddress& address, const std::string& what) {
  ASSIGN_OR_RETURN(UniqueFd fd, posix::make_socket(address.family(), what));
  // A restart must not wait for the last connections of the process before to be forgotten.
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
    return net_error(what, errno, false);
  }
  if (const int error = bind_socket(fd.get(), address); error != 0) {
    return net_error(what, error, false);
  }
  if (::listen(fd.get(), kBacklog) != 0) return net_error(what, errno, false);
  return fd;
}

// A Unix socket with a full backlog answers EAGAIN and cannot be waited for: try again later.
Status connect_unix(NodeState& node, int fd, const SocketAddress& address, MonoTime deadline,
                    const std::string& what) {
  while (::connect(fd, address.get(), address.size) != 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return net_error(what, errno, false);
    if (posix::mono_now() >= deadline) return {Code::timed_out, what + ": deadline passed"};
    const MonoTime next = std::min(deadline, posix::after(kRetryPause));
    if (node.shutdown.wait_until(next) == WaitResult::woken) {
      return posix::check_running(node, what);
    }
  }
  return {};
}

Status connect_tcp(NodeState& node, int fd, const SocketAddress& address, MonoTime deadline,
                   const std::string& what) {
  if (::connect(fd, address.get(), address.size) == 0) return {};
  if (errno != EINPROGRESS && errno != EINTR) return net_error(what, errno, false);
  RETURN_IF_ERROR(posix::wait_ready(node, fd, Readiness::writable, deadline, what));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return {};
  // A connection that is reset before it is one has been refused.
  return net_error(what, error == ECONNRESET ? ECONNREFUSED : error, false);
}

Result<UniqueFd> connect_to(NodeState& node, const SocketAddress& address, MonoTime deadline,
                            const std::string& what) {
  ASSIGN_OR_RETURN(UniqueFd fd, posix::make_socket(address.family(), what));
  RETURN_IF_ERROR(address.family() == AF_UNIX
                      ? connect_unix(node, fd.get(), address, deadline, what)
                      : connect_tcp(node, fd.get(), address, deadline, what));
  return fd;
}

// The share of one of `left` addresses in the time that is left, so that a silent first address
// does not use up the time of the others.
MonoTime share_of(MonoTime deadline, size_t left) {
  if (deadline == kNever || left == 1) return deadline;
  const MonoTime now = posix::mono_now();
  return deadline <= now ? deadline : now + (deadline - now) / static_cast<int64_t>(left);
}

// Errors of accept(2) that concern the one connection, not the listener.
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
    case EPERM: return true;
    default: return false;
  }
}

}  // namespace

Listener::Listener(std::unique_ptr<ListenerState> state) : state_(std::move(state)) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

Result<Stream> Listener::accept(MonoTime deadline) {
  const std::string what = "accept on " + state_->address;
  while (true) {
    if (state_->shut_down.load(std::memory_order_acquire)) {
      return {Code::shutdown, what + ": the listener has been shut down"};
    }
    RETURN_IF_ERROR(posix::check_running(state_->node, what));
    SocketAddress peer;
    peer.size = sizeof peer.storage;
    UniqueFd fd(::accept4(state_->fd.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    const int error = errno;
    if (fd.valid()) {
      std::string local =
          posix::is_unix(state_->address) ? state_->address : posix::local_text(fd.get());
      return posix::make_stream(state_->node, std::move(fd), std::move(local),
                                posix::to_text(peer));
    }
    if (error == EAGAIN) {
      RETURN_IF_ERROR(
          posix::wait_ready(state_->node, state_->fd.get(), Readiness::readable, deadline, what));
    } else if (!concerns_one_connection(error) &&
               !state_->shut_down.load(std::memory_order_acquire)) {
      return net_error(what, error, false);
    }
  }
}

void Listener::shut_down() {
  state_->shut_down.store(true, std::memory_order_release);
  ::shutdown(state_->fd.get(), SHUT_RDWR);
  state_->remove_name();
}

std::string Listener::address() const { return state_->address; }

Result<Listener> Net::listen(std::string_view address) {
  const std::string what = "listen on " + std::string(address);
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> candidates,
                   posix::resolve(node_, address, posix::AddressUse::listen, kNever));
  Status last;
  for (const SocketAddress& candidate : candidates) {
    Result<UniqueFd> fd = listen_on(candidate, what);
    if (fd.ok()) {
      std::string bound =
          posix::is_unix(address) ? std::string(address) : posix::local_text(fd->get());
      return Listener(
          std::make_unique<ListenerState>(node_, *std::move(fd), std::move(bound), candidate));
    }
    last = fd.status();
  }
  return last;
}

Result<Stream> Net::connect(std::string_view address, MonoTime deadline) {
  const std::string what = "connect to " + std::string(address);
  RETURN_IF_ERROR(posix::check_running(node_, what));
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> candidates,
                   posix::resolve(node_, address, posix::AddressUse::connect, deadline));
  Status last;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const MonoTime until = share_of(deadline, candidates.size() - i);
    Result<UniqueFd> fd = connect_to(node_, candidates[i], until, what);
    if (fd.ok()) {
      std::string local = posix::local_text(fd->get());
      std::string peer =
          posix::is_unix(address) ? std::string(address) : posix::to_text(candidates[i]);
      return posix::make_stream(node_, *std::move(fd), std::move(local), std::move(peer));
    }
    last = fd.status();
    if (last.code() == Code::shutdown) break;
  }
  return last;
}

}  // namespace aftersync
