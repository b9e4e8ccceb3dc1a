// Frames on a Stream.
#include "faults/demo/frame.h"

#include "core/base/coding.h"

namespace aftersync::demo {

Status send_frame(Stream& stream, std::string_view body, MonoTime deadline) {
  CHECK_LE(body.size(), kMaxFrameBytes);
  std::string frame;
  append_be(frame, static_cast<uint32_t>(body.size()));
  frame += body;
  return stream.send(frame, deadline);
}

Result<std::string> receive_frame(Stream& stream, MonoTime deadline) {
  char length[sizeof(uint32_t)];
  RETURN_IF_ERROR(stream.receive_exactly(length, deadline));
  const auto size_bytes = load_be<uint32_t>(length);
  if (size_bytes > kMaxFrameBytes) return Status(Code::corruption, "frame too long");
  std::string body(size_bytes, '\0');
  if (size_bytes > 0) RETURN_IF_ERROR(stream.receive_exactly(body, deadline));
  return body;
}

Result<std::string> FrameClient::ask(std::string_view request) {
  const MonoTime deadline = node_.clock().now() + patience_;
  if (!stream_) {
    ASSIGN_OR_RETURN(stream_, node_.net().connect(address_, deadline));
  }
  const Status sent = send_frame(*stream_, request, deadline);
  Result<std::string> reply = sent.ok() ? receive_frame(*stream_, deadline) : sent;
  if (!reply.ok()) stream_.reset();
  return reply;
}

}  // namespace aftersync::demo
