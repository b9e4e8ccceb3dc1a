// Framing, both ways. See packet_stream.h for what is promised.
#include "core/wire/packet_stream.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/probe.h"

namespace aftersync::wire {

namespace {

constexpr size_t kReadBufferBytes = 4 << 10;  // small commands lie in it; an idle client keeps it
constexpr size_t kFlushBytes = 16 << 10;      // written packets gather until there are so many
constexpr size_t kKeptBytes = 16 << 10;       // what shrink() leaves of the other two buffers
constexpr size_t kGrowthBytes = 64 << 10;     // a large payload is received in steps of this
constexpr size_t kMaxDroppedBytes = 1 << 30;  // what MySQL lets max_allowed_packet be at most

void store_header(char* to, size_t size, uint8_t sequence) {
  store_le(to, static_cast<uint32_t>(size) | uint32_t{sequence} << 24);
}

}  // namespace

PacketStream::PacketStream(Clock& clock, std::unique_ptr<ByteChannel> channel, PacketLimits limits)
    : clock_(clock), channel_(std::move(channel)), limits_(limits) {}

MonoTime PacketStream::piece_deadline() {
  return std::min(limits_.until, clock_.now() + limits_.net_read_timeout);
}

Result<size_t> PacketStream::receive_some(std::span<char> into, MonoTime deadline) {
  ASSIGN_OR_RETURN(const size_t got, channel_->receive(into, deadline));
  CHECK_LE(got, into.size());
  return got;
}

// Makes `bytes` (at most the buffer) lie unread in the buffer. The peer may end only before the
// first of them, and only where `ended` is given.
Status PacketStream::need(size_t bytes, MonoTime first_deadline, bool* ended) {
  if (unread() >= bytes) return {};
  if (in_.empty()) in_.resize(kReadBufferBytes);
  if (in_begin_ + bytes > in_.size() || unread() == 0) {
    std::memmove(in_.data(), in_.data() + in_begin_, unread());
    in_end_ = unread();
    in_begin_ = 0;
  }
  while (unread() < bytes) {
    const bool idle = ended != nullptr && unread() == 0;
    const MonoTime deadline = idle ? std::min(first_deadline, limits_.until) : piece_deadline();
    ASSIGN_OR_RETURN(const size_t got, receive_some(std::span(in_).subspan(in_end_), deadline));
    if (got == 0) {
      if (!idle) return {Code::connection_lost, "the client ended the connection inside a packet"};
      *ended = true;
      return {};
    }
    in_end_ += got;
  }
  return {};
}

Result<PacketStream::Frame> PacketStream::take_header(MonoTime first_deadline, bool* ended) {
  RETURN_IF_ERROR(need(kPacketHeaderBytes, first_deadline, ended));
  if (ended != nullptr && *ended) return Frame{0, true};
  const uint32_t word = load_le<uint32_t>(in_.data() + in_begin_);
  const auto sequence = static_cast<uint8_t>(word >> 24);
  if (sequence != sequence_ && !any_sequence_) {
    return {Code::bad_state, "packet number " + std::to_string(sequence) + " where " +
                                 std::to_string(sequence_) + " is due"};
  }
  in_begin_ += kPacketHeaderBytes;
  sequence_ = static_cast<uint8_t>(sequence + 1);
  const size_t size = word & kMaxFramePayloadBytes;
  return Frame{size, size < kMaxFramePayloadBytes};
}

Result<std::string_view> PacketStream::receive(MonoTime idle_until, bool* ended) {
  RETURN_IF_ERROR(flush());
  *ended = false;
  ASSIGN_OR_RETURN(const Frame frame, take_header(idle_until, ended));
  if (*ended) return std::string_view();
  if (frame.size > limits_.max_allowed_packet) return drop_rest(frame);
  if (frame.size > kReadBufferBytes) return receive_large(frame);
  RETURN_IF_ERROR(need(frame.size, kNever, nullptr));
  const std::string_view payload(in_.data() + in_begin_, frame.size);
  in_begin_ += frame.size;
  return payload;
}

// `size` more bytes at the end of large_, without a detour where they have not been received yet.
Status PacketStream::append_frame(size_t size) {
  const size_t there = std::min(size, unread());
  large_.append(in_.data() + in_begin_, there);
  in_begin_ += there;
  for (size_t left = size - there; left > 0;) {
    const size_t step = std::min(left, kGrowthBytes);
    const size_t old_size = large_.size();
    large_.resize(old_size + step);
    ASSIGN_OR_RETURN(const size_t got,
                     receive_some(std::span(large_).subspan(old_size, step), piece_deadline()));
    if (got == 0) return {Code::connection_lost, "the client ended the connection inside a packet"};
    large_.resize(old_size + got);
    left -= got;
  }
  return {};
}

Result<std::string_view> PacketStream::receive_large(Frame frame) {
  large_.clear();
  while (true) {
    RETURN_IF_ERROR(append_frame(frame.size));
    if (frame.last) return std::string_view(large_);
    PROBE("wire/payload-of-several-packets");
    ASSIGN_OR_RETURN(frame, take_header(kNever, nullptr));
    if (large_.size() + frame.size > limits_.max_allowed_packet) return drop_rest(frame);
  }
}

Status PacketStream::drop_rest(Frame frame) {
  PROBE("wire/packet-too-large");
  for (size_t dropped = 0; dropped < kMaxDroppedBytes; dropped += frame.size) {
    for (size_t left = frame.size; left > 0;) {
      RETURN_IF_ERROR(need(1, kNever, nullptr));
      const size_t step = std::min(left, unread());
      in_begin_ += step;
      left -= step;
    }
    if (frame.last) break;
    ASSIGN_OR_RETURN(frame, take_header(kNever, nullptr));
  }
  return {Code::too_large, "a packet of more than max_allowed_packet = " +
                               std::to_string(limits_.max_allowed_packet) + " bytes"};
}

std::string& PacketStream::begin_packet() {
  CHECK(!in_packet_);
  in_packet_ = true;
  packet_begin_ = out_.size();
  out_.append(kPacketHeaderBytes, '\0');
  return out_;
}

Status PacketStream::end_packet() {
  CHECK(in_packet_);
  in_packet_ = false;
  const size_t size = out_.size() - packet_begin_ - kPacketHeaderBytes;
  if (size < kMaxFramePayloadBytes) {
    store_header(out_.data() + packet_begin_, size, sequence_++);
  } else {
    split_packet();
  }
  return out_.size() < kFlushBytes ? Status() : flush();
}

// Puts a header in front of each 0xffffff bytes of the payload just encoded.
void PacketStream::split_packet() {
  const size_t begin = packet_begin_ + kPacketHeaderBytes;
  const size_t size = out_.size() - begin;
  const size_t further = size / kMaxFramePayloadBytes;  // headers beside the first
  out_.resize(out_.size() + further * kPacketHeaderBytes);
  for (size_t i = further; i > 0; --i) {
    const size_t from = i * kMaxFramePayloadBytes;
    const size_t piece = std::min(kMaxFramePayloadBytes, size - from);
    char* const to = out_.data() + begin + from + i * kPacketHeaderBytes;
    std::memmove(to, out_.data() + begin + from, piece);
    store_header(to - kPacketHeaderBytes, piece, static_cast<uint8_t>(sequence_ + i));
  }
  store_header(out_.data() + packet_begin_, kMaxFramePayloadBytes, sequence_);
  sequence_ = static_cast<uint8_t>(sequence_ + further + 1);
}

void PacketStream::abandon_packet() {
  CHECK(in_packet_);
  in_packet_ = false;
  out_.resize(packet_begin_);
}

Status PacketStream::send(std::string_view payload) {
  begin_packet().append(payload);
  return end_packet();
}

Status PacketStream::flush() {
  CHECK(!in_packet_);
  if (out_.empty()) return {};
  const MonoTime deadline = std::min(limits_.until, clock_.now() + limits_.net_write_timeout);
  const Status status = channel_->send(out_, deadline);
  out_.clear();
  return status;
}

void PacketStream::shrink() {
  if (large_.capacity() > kKeptBytes) std::string().swap(large_);
  if (out_.empty() && out_.capacity() > kKeptBytes) std::string().swap(out_);
}

std::string PacketStream::take_unread() {
  std::string taken(in_.data() + in_begin_, unread());
  in_begin_ = in_end_ = 0;
  return taken;
}

size_t PacketStream::buffer_bytes() const {
  return in_.capacity() + large_.capacity() + out_.capacity();
}

}  // namespace aftersync::wire
