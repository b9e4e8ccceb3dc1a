// PacketStream: packets over a byte channel, with as few copies and as little memory as that takes.
//
// Received bytes land in one small buffer; a payload that fits is handed out where it lies. A
// larger one is received straight into a buffer of its own, which grows with what has arrived, not
// with what a header promises: a liar pays for the memory he makes us use. Written payloads are
// encoded in place behind their header and sent when enough have gathered, so a result of any size
// passes through a bounded buffer.
//
// Waiting: the first byte of a packet may take as long as the caller's idle deadline says, every
// further piece of it net_read_timeout, and nothing goes past `until` where one is set (a login
// must be over by then, however slowly it trickles).
//
// Errors of receive(): those of ByteChannel; Code::connection_lost when the peer ends inside a
// packet; Code::too_large for a payload over max_allowed_packet, whose bytes have then been read
// and dropped so that the client, done with sending, sees the error that is about to be sent;
// Code::bad_state for packets out of order. After each of them the connection must be closed.
//
// Thread safety: one task.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/clock.h"
#include "core/wire/byte_channel.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

struct PacketLimits {
  size_t max_allowed_packet = 64 << 20;  // bytes of payload; MySQL's default
  Duration net_read_timeout = 30s;
  Duration net_write_timeout = 60s;
  MonoTime until = kNever;
};

class PacketStream {
 public:
  PacketStream(Clock& clock, std::unique_ptr<ByteChannel> channel, PacketLimits limits);

  [[nodiscard]] PacketLimits& limits() { return limits_; }
  [[nodiscard]] ByteChannel& channel() { return *channel_; }

  // The next payload; valid until the next receive(). Sends first what is still to be sent.
  // Nothing (nullopt in `ended`) when the peer has closed between two packets: then the view is
  // empty and *ended is true.
  [[nodiscard]] Result<std::string_view> receive(MonoTime idle_until, bool* ended);

  // Encode the payload at the end of the returned string, then call end_packet. What stands in it
  // already must not be touched.
  [[nodiscard]] std::string& begin_packet();
  Status end_packet();
  // Drops the payload begun since begin_packet.
  void abandon_packet();
  // begin, append, end.
  Status send(std::string_view payload);
  Status flush();

  // A command begins: its packet has number 0, the first of the answer 1.
  void restart_sequence() { sequence_ = 0; }
  // For peers that number in their own way (replicas acknowledging): take any number from now on.
  void accept_any_sequence() { any_sequence_ = true; }
  [[nodiscard]] uint8_t sequence() const { return sequence_; }

  // Gives back what large packets took. Ends the validity of received payloads.
  void shrink();

  // Bytes received and not yet handed out: at the turn to TLS they are its first. Empties them.
  [[nodiscard]] std::string take_unread();
  [[nodiscard]] std::unique_ptr<ByteChannel> release_channel() { return std::move(channel_); }
  void replace_channel(std::unique_ptr<ByteChannel> channel) { channel_ = std::move(channel); }

  // Bytes that the buffers hold, for tests of what an idle connection costs.
  [[nodiscard]] size_t buffer_bytes() const;

 private:
  struct Frame {
    size_t size;
    bool last;  // no further packet of the same payload
  };

  Result<size_t> receive_some(std::span<char> into, MonoTime deadline);
  Status need(size_t bytes, MonoTime first_deadline, bool* ended);
  Result<Frame> take_header(MonoTime first_deadline, bool* ended);
  Result<std::string_view> receive_large(Frame frame);
  Status append_frame(size_t size);
  Status drop_rest(Frame frame);
  [[nodiscard]] MonoTime piece_deadline();
  [[nodiscard]] size_t unread() const { return in_end_ - in_begin_; }
  void split_packet();

  Clock& clock_;
  std::unique_ptr<ByteChannel> channel_;
  PacketLimits limits_;

  std::vector<char> in_;  // [in_begin_, in_end_) is received and not handed out
  size_t in_begin_ = 0;
  size_t in_end_ = 0;
  std::string large_;

  std::string out_;
  size_t packet_begin_ = 0;  // of the packet being encoded: its header's place in out_
  bool in_packet_ = false;

  uint8_t sequence_ = 0;
  bool any_sequence_ = false;
};

}  // namespace aftersync::wire
