// Frames: what the demonstration servers and their clients say to one another, one request or reply
// each: a big-endian 32-bit length, then that many bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/node.h"

namespace aftersync::demo {

inline constexpr size_t kMaxFrameBytes = 1024 * 1024;

// Errors: those of Stream; Code::corruption for a length beyond kMaxFrameBytes.
Status send_frame(Stream& stream, std::string_view body, MonoTime deadline);
[[nodiscard]] Result<std::string> receive_frame(Stream& stream, MonoTime deadline);

// One connection to a server, made when needed. Not thread-safe.
class FrameClient {
 public:
  FrameClient(Node& node, std::string address, Duration patience)
      : node_(node), address_(std::move(address)), patience_(patience) {}

  // Sends a request and waits for its reply, `patience` in all. After an error the connection is
  // given up (the next reply on it could be that to this request), and whether the server acted on
  // the request is unknown.
  [[nodiscard]] Result<std::string> ask(std::string_view request);

 private:
  Node& node_;
  const std::string address_;
  const Duration patience_;
  std::optional<Stream> stream_;
};

}  // namespace aftersync::demo
