// ByteChannel: what carries packets, in the clear or encrypted.
//
// A connection begins in the clear and may turn to TLS after its first packet, so what is above
// holds one of these and never knows which. Errors are those of Stream; a channel on which one has
// been returned is of no more use.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/net.h"
#include "core/platform/time.h"

namespace aftersync::wire {

// One task at a time. To end a connection from another task, shut its Stream down.
class ByteChannel {
 public:
  virtual ~ByteChannel() = default;
  // At least one byte, at most into.size() (> 0); 0 when the peer has ended its side.
  [[nodiscard]] virtual Result<size_t> receive(std::span<char> into, MonoTime deadline) = 0;
  virtual Status send(std::string_view bytes, MonoTime deadline) = 0;
  // Whether nobody between the ends can read what passes: TLS, or a Unix socket.
  [[nodiscard]] virtual bool is_private() const = 0;
};

class PlainChannel : public ByteChannel {
 public:
  // `stream` outlives the channel.
  explicit PlainChannel(Stream& stream) : stream_(stream) {}
  Result<size_t> receive(std::span<char> into, MonoTime deadline) override {
    return stream_.receive(into, deadline);
  }
  Status send(std::string_view bytes, MonoTime deadline) override {
    return stream_.send(bytes, deadline);
  }
  bool is_private() const override { return stream_.local_address().starts_with("unix:"); }

 private:
  Stream& stream_;
};

}  // namespace aftersync::wire
