// A byte channel without a network: what is to be received stands in a string and comes in pieces.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "core/wire/byte_channel.h"

namespace aftersync::wire {

struct Transcript {
  std::string to_receive{};
  std::string sent{};
  // Size of the next piece; all that is asked for when empty.
  std::function<size_t()> piece{};
};

class MemoryChannel : public ByteChannel {
 public:
  explicit MemoryChannel(Transcript& transcript) : transcript_(transcript) {}

  Result<size_t> receive(std::span<char> into, MonoTime) override {
    const size_t left = transcript_.to_receive.size() - taken_;
    size_t n = std::min(left, into.size());
    if (transcript_.piece) n = std::min(n, std::max<size_t>(1, transcript_.piece()));
    std::copy_n(transcript_.to_receive.data() + taken_, n, into.data());
    taken_ += n;
    return n;
  }
  Status send(std::string_view bytes, MonoTime) override {
    transcript_.sent.append(bytes);
    return {};
  }
  bool is_private() const override { return false; }

 private:
  Transcript& transcript_;
  size_t taken_ = 0;
};

}  // namespace aftersync::wire
