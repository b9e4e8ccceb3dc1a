// Net: byte streams between nodes (TCP, or Unix sockets within one machine).
//
// Addresses are text: "host:port" (host a name, IPv4, or [IPv6]; port 0 lets listen choose) or
// "unix:PATH" (absolute, or relative to the data directory). A stream delivers bytes in order,
// once, or breaks: when it breaks nobody knows how much of what was sent arrived. A peer that is
// gone may look merely slow until a deadline passes; every wait therefore takes one.
//
// A call that can be answered at once is, even when its deadline has passed: such a deadline means
// "without waiting". Shutdown comes before everything: after it not even data that lies ready is
// received.
//
// Errors common to all waits: Code::timed_out (deadline passed), Code::shutdown (the node is
// shutting down, or shut_down() was called on this object), Code::connection_lost (reset; broken
// pipe), Code::unavailable (refused, unreachable, name unknown, address in use),
// Code::invalid_argument (malformed address). Messages name the operation, the addresses and the
// cause.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/time.h"

namespace aftersync {

class NodeState;
class StreamState;
class ListenerState;

// One connection. One task may receive while another sends; not two of the same kind at once.
class Stream {
 public:
  explicit Stream(std::unique_ptr<StreamState> state);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  // At least one byte, at most into.size() (> 0); 0 when the peer has ended its side in good order.
  [[nodiscard]] Result<size_t> receive(std::span<char> into, MonoTime deadline);
  // All of `into`; Code::connection_lost when the stream ends before.
  Status receive_exactly(std::span<char> into, MonoTime deadline);
  // All of `bytes`, or an error after which the stream is of no more use. OK means handed to the
  // network, not received.
  Status send(std::string_view bytes, MonoTime deadline);
  // Ends both directions: waits in progress (of other tasks) return Code::shutdown, the peer reads
  // what was sent and then the end. May be called from any task, more than once.
  void shut_down();
  [[nodiscard]] std::string local_address() const;
  [[nodiscard]] std::string peer_address() const;

 private:
  std::unique_ptr<StreamState> state_;
};

// Accepts connections. One task accepts at a time.
class Listener {
 public:
  explicit Listener(std::unique_ptr<ListenerState> state);
  ~Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  [[nodiscard]] Result<Stream> accept(MonoTime deadline);
  // As for Stream: accept in progress returns Code::shutdown. New connections are refused.
  void shut_down();
  // With the port that was chosen when 0 was asked for.
  [[nodiscard]] std::string address() const;

 private:
  std::unique_ptr<ListenerState> state_;
};

class Net {
 public:
  explicit Net(NodeState& node) : node_(node) {}
  Net(const Net&) = delete;
  Net& operator=(const Net&) = delete;

  [[nodiscard]] Result<Listener> listen(std::string_view address);
  [[nodiscard]] Result<Stream> connect(std::string_view address, MonoTime deadline);

 private:
  NodeState& node_;
};

}  // namespace aftersync
