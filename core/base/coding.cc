// Varints and the bounds-checked Reader.
#include "core/base/coding.h"

namespace aftersync {

size_t store_varint(char* to, uint64_t value) {
  size_t n = 0;
  while (value >= 0x80) {
    to[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  to[n++] = static_cast<char>(value);
  return n;
}

void append_varint(std::string& to, uint64_t value) {
  char bytes[kMaxVarintBytes];
  to.append(bytes, store_varint(bytes, value));
}

size_t varint_size(uint64_t value) {
  const int bits = std::bit_width(value | 1);
  return static_cast<size_t>(bits + 6) / 7;
}

void append_length_prefixed(std::string& to, std::string_view bytes) {
  append_varint(to, bytes.size());
  to.append(bytes);
}

std::string_view Reader::bytes(uint64_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view result = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return result;
}

uint64_t Reader::varint() {
  uint64_t value = 0;
  for (size_t i = 0; ok_ && i < kMaxVarintBytes && i < rest_.size(); ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    const bool overflows = i == kMaxVarintBytes - 1 && byte > 1;
    const bool padded = i > 0 && byte == 0;
    if (overflows || padded) break;
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  ok_ = false;
  return 0;
}

}  // namespace aftersync
