// Stream: a connected socket.
//
// Each call tries first and waits only when the kernel says it would block, so a deadline in the
// past means "without waiting". shut_down() goes through the kernel's shutdown(2), which ends the
// other tasks' poll(2); the flag beside it lets them tell that from the peer's doing. Shutdown of
// the node or of the stream comes before data: after it no call goes on.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "core/base/check.h"
#include "core/platform/net.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"
#include "core/platform/posix/socket.h"
#include "core/platform/posix/wait_ready.h"

namespace aftersync {

class StreamState {
 public:
  StreamState(NodeState& of, posix::UniqueFd socket, std::string here, std::string there)
      : node(of), fd(std::move(socket)), local(std::move(here)), peer(std::move(there)) {}

  // Constant after construction.
  NodeState& node;
  const posix::UniqueFd fd;
  const std::string local;
  const std::string peer;
  // Thread safe.
  std::atomic<bool> shut_down{false};
};

namespace {

using posix::Readiness;

std::string describe(std::string_view operation, const StreamState& stream) {
  return std::string(operation) + " " + stream.peer + " (from " + stream.local + ")";
}

Status check_open(std::string_view operation, const StreamState& stream) {
  if (stream.shut_down.load(std::memory_order_acquire)) {
    return {Code::shutdown, describe(operation, stream) + ": the stream has been shut down"};
  }
  if (!stream.node.shutdown.is_set()) return {};
  return {Code::shutdown, describe(operation, stream) + ": the node is shutting down"};
}

// After a call that failed with `error`: OK when it is worth trying again.
Status wait_or_fail(std::string_view operation, const StreamState& stream, int error,
                    Readiness wanted, MonoTime deadline) {
  if (error == EINTR) return {};
  RETURN_IF_ERROR(check_open(operation, stream));
  const std::string what = describe(operation, stream);
  if (error != EAGAIN) return posix::net_error(what, error, true);
  return posix::wait_ready(stream.node, stream.fd.get(), wanted, deadline, what);
}

}  // namespace

Stream::Stream(std::unique_ptr<StreamState> state) : state_(std::move(state)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Result<size_t> Stream::receive(std::span<char> into, MonoTime deadline) {
  CHECK(!into.empty());
  while (true) {
    RETURN_IF_ERROR(check_open("receive from", *state_));
    const ssize_t n = ::recv(state_->fd.get(), into.data(), into.size(), 0);
    const int error = errno;
    if (n > 0) return static_cast<size_t>(n);
    if (n == 0) {
      RETURN_IF_ERROR(check_open("receive from", *state_));
      return size_t{0};
    }
    RETURN_IF_ERROR(wait_or_fail("receive from", *state_, error, Readiness::readable, deadline));
  }
}

Status Stream::receive_exactly(std::span<char> into, MonoTime deadline) {
  size_t done = 0;
  while (done < into.size()) {
    ASSIGN_OR_RETURN(const size_t got, receive(into.subspan(done), deadline));
    if (got == 0) {
      return {Code::connection_lost, describe("receive from", *state_) + ": the stream ended " +
                                         std::to_string(done) + " bytes into " +
                                         std::to_string(into.size())};
    }
    done += got;
  }
  return {};
}

Status Stream::send(std::string_view bytes, MonoTime deadline) {
  while (true) {
    RETURN_IF_ERROR(check_open("send to", *state_));
    if (bytes.empty()) return {};
    const ssize_t n = ::send(state_->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      if (bytes.empty()) return {};
    } else {
      const int error = errno;
      RETURN_IF_ERROR(wait_or_fail("send to", *state_, error, Readiness::writable, deadline));
    }
  }
}

void Stream::shut_down() {
  state_->shut_down.store(true, std::memory_order_release);
  ::shutdown(state_->fd.get(), SHUT_RDWR);  // fails only when the connection is gone already
}

std::string Stream::local_address() const { return state_->local; }
std::string Stream::peer_address() const { return state_->peer; }

namespace posix {

Stream make_stream(NodeState& node, UniqueFd fd, std::string local, std::string peer) {
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // refused by Unix sockets
  return Stream(
      std::make_unique<StreamState>(node, std::move(fd), std::move(local), std::move(peer)));
}

}  // namespace posix

}  // namespace aftersync
